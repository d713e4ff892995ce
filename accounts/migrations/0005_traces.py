"""How long searches, reading and votes lead to a person."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_single_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="privacysettings",
            name="traces_days",
            field=models.PositiveSmallIntegerField(
                default=180,
                help_text="Afterwards they belong to nobody and only count. Reports by visitor look back as far as this.",
                validators=[django.core.validators.MinValueValidator(60), django.core.validators.MaxValueValidator(3650)],
                verbose_name="searches, reading, diagnoses and votes lead to a person for (days)",
            ),
        ),
        migrations.AddField(
            model_name="privacysettings",
            name="words_days",
            field=models.PositiveSmallIntegerField(
                default=730,
                help_text="Without the person after the days above. The lists of searches without an answer look back 90 days.",
                validators=[django.core.validators.MinValueValidator(90), django.core.validators.MaxValueValidator(3650)],
                verbose_name="words that were searched are kept for (days)",
            ),
        ),
    ]
