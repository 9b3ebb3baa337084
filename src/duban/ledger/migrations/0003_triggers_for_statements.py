from django.db import migrations

from duban.ledger import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_triggers"), ("people", "0001_initial"), ("registry", "0002_first_revision")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
