"""What waits in intake: submissions, the files they came in, and what is expected by when."""

from duban.intake.models.calendars import Calendar, Channel, Message, Reminder
from duban.intake.models.submissions import Submission, SubmissionFinding, SubmissionLine, TypedCell
from duban.intake.models.uploads import TableMapping, Upload

__all__ = [
    "Calendar",
    "Channel",
    "Message",
    "Reminder",
    "Submission",
    "SubmissionFinding",
    "SubmissionLine",
    "TableMapping",
    "TypedCell",
    "Upload",
]
