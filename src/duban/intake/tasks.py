"""What is done in the background, one row of a table a task: written together with what it is for, so that neither comes alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from duban.intake.models import Upload

KEPT: Final = timedelta(days=7)
"""How long the queue's rows are kept after they have ended; what was done stands elsewhere."""


@task()
def read_upload(upload: int) -> str:
    """Read one file that was sent in; the state in which that leaves it, or nothing when the file is gone."""
    from duban.intake import uploads  # whoever receives a file also queues its reading

    prune(now=timezone.now())
    found = Upload.objects.select_related("body", "sent_by", "mapping").filter(pk=upload).first()
    if found is None:
        return ""
    on = settings.SET["today"] or timezone.localdate()
    return str(uploads.read(upload=found, now=timezone.now(), on=on).state)


def enqueue(upload: Upload, *, after: datetime | None = None) -> None:
    """Have a file read in the background, not before `after`."""
    read_upload.using(run_after=after).enqueue(upload.pk)


def waiting() -> list[int]:
    """The files in the queue, in their order."""
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=read_upload.module_path)
    return list(dict.fromkeys(asked["args"][0] for asked in ready.values_list("args_kwargs", flat=True)))


def prune(*, now: datetime) -> int:
    """Remove the queue's rows that ended, or whose worker died, long ago; how many there were."""
    ended = Q(finished_at__lt=now - KEPT) | Q(status=TaskResultStatus.RUNNING, started_at__lt=now - KEPT)
    return DBTaskResult.objects.filter(ended).delete()[0]
