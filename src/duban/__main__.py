"""The `duban` command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; a setting that cannot be read ends it with one sentence and exit code 2."""
    from duban.config import Misconfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    try:
        from duban.cli.commands import duban

        duban(prog_name="duban")
    except Misconfigured as wrong:
        sys.stderr.write(f"duban: {wrong}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
