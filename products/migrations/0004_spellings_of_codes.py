"""Error codes have other spellings: what some displays show and people write instead."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0003_markets"),
    ]

    operations = [
        migrations.AddField(
            model_name="errorcode",
            name="other_spellings",
            field=models.CharField(
                blank=True,
                help_text="How else it is shown or written, with commas between: UE, Err 12. Spaces, dashes and O for 0 are understood anyway.",
                max_length=200,
                verbose_name="also written as",
            ),
        ),
    ]
