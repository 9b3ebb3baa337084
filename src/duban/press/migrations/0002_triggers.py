from django.db import migrations

from duban.ledger import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("press", "0001_initial"), ("ledger", "0002_triggers")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
