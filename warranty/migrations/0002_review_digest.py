import datetime

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The daily mail to those who decide registrations."""

    dependencies = [
        ("warranty", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="warrantysettings",
            name="digest_from",
            field=models.TimeField(
                default=datetime.time(8, 30),
                help_text="Once a working day, to colleagues who asked for it.",
                verbose_name="daily mail to those who decide, from",
            ),
        ),
        migrations.CreateModel(
            name="ReviewDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "review digest",
                "verbose_name_plural": "review digests",
                "constraints": [models.UniqueConstraint(fields=("user", "day"), name="one_review_digest_a_day")],
            },
        ),
    ]
