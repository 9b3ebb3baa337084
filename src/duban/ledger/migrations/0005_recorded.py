from django.db import migrations, models

ALONE = "ledger_entry_recorded_at_246a686b"
"""The index that there was of the moments alone: of many entries of one moment it found the last by sorting all of them."""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_registry_versions")]
    operations = [
        migrations.AddIndex("entry", models.Index(fields=["recorded_at", "seq"], name="ledger_recorded")),
        # By hand, because SQLite would write the whole ledger anew to let go of an index.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX {ALONE}", f"CREATE INDEX {ALONE} ON ledger_entry (recorded_at)")
            ],
            state_operations=[migrations.AlterField("entry", "recorded_at", models.DateTimeField())],
        ),
    ]
