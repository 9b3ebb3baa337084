"""What the checks weigh moves into the rulebooks of the programmes that had said so; what stood goes on standing."""

import hashlib
from datetime import date

from django.db import migrations
from django.utils import timezone

from duban.core import rulefile, ruletext

ALWAYS = date(1900, 1, 1)
"""The first day that a ledger can speak of."""


def _laid(text, policy):
    """A rulebook's text with what a policy set; what nobody knows, and what the text sets itself, is left."""
    own = rulefile.read(text).layer
    for section, said in (("checks", policy.weights), ("thresholds", policy.thresholds)):
        for key, value in sorted(said.items()):
            alone = rulefile.read(rulefile.told({section: {key: value}}))
            plain = section == "checks" and value == "note"
            if alone.layer and not plain and key not in own.get(section, {}):
                text = ruletext.changed(text, section, key, value)
    return text


def carry(apps, schema_editor):
    policies = apps.get_model("intake", "CheckPolicy").objects
    versions = apps.get_model("registry", "RulebookVersion").objects
    now = timezone.now()
    for policy in policies.order_by("pk"):
        own = versions.filter(programme=policy.programme)
        spoken = {ALWAYS: ""}
        for version in own.filter(state="adopted").order_by("since", "adopted_at", "pk"):
            spoken[version.since] = version.text  # of one day the one adopted last speaks
        for since, text in spoken.items():
            laid = _laid(text, policy)
            if laid != text:
                digest = hashlib.sha256(laid.encode()).hexdigest()
                facts = {"since": since, "text": laid, "digest": digest, "state": "adopted"}
                versions.create(programme=policy.programme, written_at=now, adopted_at=now, **facts)
        for draft in own.filter(state="draft"):
            draft.text = _laid(draft.text, policy)
            draft.digest = hashlib.sha256(draft.text.encode()).hexdigest()
            draft.save(update_fields=["text", "digest"])


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_every_hand"), ("registry", "0004_rulebook_version")]

    operations = [
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.DeleteModel(name="CheckPolicy"),
    ]
