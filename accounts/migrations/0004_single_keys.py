from django.db import migrations, models


class Migration(migrations.Migration):
    """Single-key shortcuts are kept with the account."""

    dependencies = [("accounts", "0003_retention")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True, verbose_name="single-key shortcuts at the desk"),
        ),
    ]
