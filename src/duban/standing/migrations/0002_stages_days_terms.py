import duban.registry.fields
from django.db import migrations, models


def forget(apps, schema_editor):
    """What was computed is thrown away and computed again when it is asked for."""
    apps.get_model("standing", "Standing").objects.all().delete()
    apps.get_model("standing", "Snapshot").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('standing', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(forget, forget),
        migrations.AddField(
            model_name='standing',
            name='capacity',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='convert_due',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='converted',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='enrolled',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='finish_due',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='finished',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='lead_body_id',
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='standing',
            name='months',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='produce_due',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='produced',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='signed',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='stage',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name='standing',
            name='start_due',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='started',
            field=duban.registry.fields.DayField(null=True),
        ),
        migrations.CreateModel(
            name='Terms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheet_id', models.BigIntegerField()),
                ('programme_id', models.BigIntegerField()),
                ('on_day', models.BigIntegerField()),
                ('ratio', models.BigIntegerField()),
                ('linear', models.BigIntegerField()),
                ('behind', models.BigIntegerField()),
                ('far_behind', models.BigIntegerField()),
                ('caught_up', models.BigIntegerField()),
                ('start_amber', models.BigIntegerField()),
                ('start_red', models.BigIntegerField()),
                ('enrol_amber', models.BigIntegerField()),
                ('enrol_red', models.BigIntegerField()),
                ('finish_red', models.BigIntegerField()),
                ('produce_day', models.BigIntegerField()),
                ('produce_amber', models.BigIntegerField()),
                ('produce_red', models.BigIntegerField()),
                ('convert_amber', models.BigIntegerField()),
                ('convert_red', models.BigIntegerField()),
                ('idle', models.BigIntegerField()),
                ('silent', models.BigIntegerField()),
                ('silent_red', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sheet_id', 'on_day', 'programme_id'), name='standing_terms_once')],
            },
        ),
    ]
