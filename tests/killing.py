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

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from duban.cli import work_commands  # noqa: E402
from duban.cli.commands import duban as command  # noqa: E402
from duban.intake import actions, pulses, uploads  # noqa: E402
from duban.intake.models import Submission, Upload  # noqa: E402
from duban.people.models import User  # noqa: E402

DEAD = timedelta(seconds=0.2)


def take(path: str) -> None:
    """One file, from the door to the ledger; whatever has been done already is not done again."""
    people = {user.username: user for user in User.objects.all()}
    command.main(["upload", path, "--body", "works", "--by", "reporter", "--json"], standalone_mode=False)
    on = settings.SET["today"]
    upload = Upload.objects.get(name=os.path.basename(path))
    submission = upload.submissions.get()
    if submission.state == Submission.State.DRAFT:
        actions.submit(submission=submission, by=people["reporter"], now=timezone.now(), on=on)
    if submission.state == Submission.State.SUBMITTED:
        actions.accept(submission=submission, by=people["reviewer"], now=timezone.now())


def main() -> None:
    pulses.QUIET = uploads.QUIET = DEAD  # type: ignore[misc]
    work_commands.INTERVAL = 0.05  # type: ignore[misc]
    work_commands._ready()
    work_commands._ready = lambda: None  # the database has been looked over, before the clock starts
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        connections.close_all()
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
