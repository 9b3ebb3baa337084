"""Sends files in until it is killed: `python tests/killing.py` on the database of DUBAN_DATABASE_URL.

For each path on standard input it forks a child, prints the child's number, and the child takes that file all the way: the command
`duban upload`, then sent by the reporter and accepted by the reviewer. Forking after Django has been loaded leaves the clock to the work.
Readers are taken for dead after a fifth of a second, so that nobody waits.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import timedelta
from functools import partial

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from duban.cli import work_commands  # noqa: E402
from duban.cli.commands import duban as command  # noqa: E402
from duban.core.refusals import Refusal  # noqa: E402
from duban.intake import actions, pulses, recognising, uploads  # noqa: E402
from duban.intake.models import Submission, Upload  # noqa: E402
from duban.people.models import User  # noqa: E402

DEAD = timedelta(seconds=0.2)
LOADED = recognising
"""Loaded once here, and not by every child."""


def take(path: str) -> None:
    """One file, from the door to the ledger; whatever has been done already is not done again."""
    people = {user.username: user for user in User.objects.all()}
    command.main(["upload", path, "--body", "works", "--by", "reporter", "--json"], standalone_mode=False)
    on = settings.SET["today"]
    upload = Upload.objects.get(name=os.path.basename(path))
    submission = upload.submissions.get()
    while submission.state != Submission.State.ACCEPTED:
        step = actions.accept if submission.state == Submission.State.SUBMITTED else partial(actions.submit, on=on)
        by = people["reviewer" if submission.state == Submission.State.SUBMITTED else "reporter"]
        try:
            step(submission=submission, by=by, now=timezone.now())
        except Refusal as refusal:  # what somebody who was killed had asked of the server, it may only do now
            if refusal.code != "submission-in-another-state":
                raise
        submission.refresh_from_db()


def main() -> None:
    pulses.QUIET = uploads.QUIET = DEAD  # type: ignore[misc]
    work_commands.INTERVAL = 0.05  # type: ignore[misc]
    work_commands.ready()
    work_commands.ready = lambda: None  # the database has been looked over, before the clock starts
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # no child may inherit a connection
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            code = 1
            try:
                take(line.strip())
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
