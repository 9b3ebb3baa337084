from datetime import UTC, datetime

from django.db import migrations

from duban.ledger import triggers
from duban.registry import versions

ALWAYS = datetime(1800, 1, 1, tzinfo=UTC)


def begin(apps, schema_editor):
    """What stands is known since always; then the triggers that count revisions give way to those that also keep versions."""
    quoted, number = schema_editor.quote_name, apps.get_model("registry", "Revision").objects.get().number
    apps.get_model("registry", "Revised").objects.create(number=number, at=ALWAYS)
    for table in versions.STANDS:
        names = ", ".join(quoted(name) for name in versions.columns(table))
        schema_editor.execute(
            f"INSERT INTO {versions.table(table)} ({names}, began, gone) SELECT {names}, %s, %s FROM {table}", [number, False]
        )
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_revises ON {table}")
        else:
            for verb in ("insert", "update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_revises_{verb}")
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_triggers_for_statements"), ("registry", "0005_versions")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
