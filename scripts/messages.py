"""Gather the sentences to be translated: `make messages`.

New sentences are added to every catalogue, sentences that no source holds any more are dropped, and
Traditional Chinese that nobody has written yet is derived from Simplified. What is left empty is
for a translator; the suite fails until there is nothing left.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "duban"
LOCALE = SOURCE / "locale"
LANGUAGES = ("zh_Hans", "zh_Hant")
HEADER = "# Sentences of duban. `make messages` keeps the list; people write the translations."
EPOCH = datetime.fromisoformat("2026-01-01T00:00+08:00")
LEFT_OUT = shutil.ignore_patterns("locale", "migrations", "__pycache__", "static", "assets")
ALIASES = ("_", "lazy")
"""The names under which modules may import gettext's functions; a sentence marked by another would be missed."""
GATHER = f"""
from django.core.management import execute_from_command_line
from django.core.management.commands.makemessages import Command
Command.xgettext_options = [*Command.xgettext_options, *(f"--keyword={{name}}" for name in {ALIASES})]
execute_from_command_line(["", "makemessages", "--keep-pot", "--locale=en", "--add-location=file", "--verbosity=0"])
"""


def gathered() -> Catalog:
    """Every sentence that a template or a module marks, without translations."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "duban"
        shutil.copytree(SOURCE, copy, ignore=LEFT_OUT)
        (copy / "locale").mkdir()
        subprocess.run([sys.executable, "-c", GATHER], cwd=copy, check=True)
        text = (copy / "locale" / "django.pot").read_text(encoding="utf-8")
        return read_po(io.StringIO(text.replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=(n != 1)")))


def catalogue(language: str) -> Catalog:
    """What is translated into `language`."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def updated(language: str, wanted: Catalog, derived: Catalog | None) -> Catalog:
    """The catalogue of `language` with the sentences of `wanted`; empty ones are derived from `derived` by OpenCC."""
    old = catalogue(language)
    new = Catalog(
        locale=language, domain="django", header_comment=HEADER, project="duban", msgid_bugs_address="",
        last_translator="duban", language_team=language, creation_date=EPOCH, revision_date=EPOCH, fuzzy=False,
    )  # fmt: skip
    convert = OpenCC("s2tw").convert
    for message in wanted:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        text = known.string if known and not known.fuzzy else ""
        model = derived.get(message.id, message.context) if derived else None
        if model and not (all(text) if isinstance(text, tuple) else text):
            text = tuple(map(convert, model.string)) if isinstance(model.string, tuple) else convert(model.string)
        new.add(
            message.id, text, locations=message.locations, flags=message.flags - {"fuzzy"},
            auto_comments=message.auto_comments, context=message.context,
        )  # fmt: skip
    return new


def main() -> None:
    """Write every catalogue and say what is missing."""
    wanted = gathered()
    simplified: Catalog | None = None
    for language in LANGUAGES:
        new = updated(language, wanted, simplified)
        simplified = simplified or new
        path = LOCALE / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            write_po(stream, new, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
        empty = [m.id for m in new if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]
        print(f"{language}: {len(new)} sentences, {len(empty)} without a translation")


if __name__ == "__main__":
    main()
