"""The ground that the suite stands on, laid before Django reads its settings.

The suite chooses its own environment: no DUBAN_ variable of the person who runs it counts, except
the database. Nothing is written outside a temporary folder that ends with the process.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

DATABASE = os.environ.get("DUBAN_DATABASE_URL", "")

for name in [name for name in os.environ if name.startswith("DUBAN_")]:
    del os.environ[name]

STATE = tempfile.mkdtemp(prefix="duban-tests-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
os.mkdir(os.path.join(STATE, "static"))
os.environ["DUBAN_STATE"] = STATE
if DATABASE:
    os.environ["DUBAN_DATABASE_URL"] = DATABASE
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop running in the test's thread
