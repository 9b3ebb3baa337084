"""The example's rulebooks: the district's, which begins with a published set, and what the checks weigh for the livelihood projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from duban.demo.rows import SHANGHAI
from duban.people.models import Body, User
from duban.registry import rulebook_actions as actions
from duban.registry.models import Programme

DISTRICT: Final = """\
# 以银川2025年公布的阈值为底
inherits = "yinchuan"

# 各专项尚未填报入库日期，暂不判断
[enrolment]
judged = false

# “双进双产”没有公开的定义，这里只是本区对阶段的叫法，可随时修改
[labels]
"双进双产" = ["new", "producing"]
"""
LIVELIHOOD: Final = """\
[checks]
unit-off = "block"
plan-unit-off = "block"
share-for-percent = "explain"
amount-falls = "explain"
progress-falls = "explain"
spike-then-fall = "explain"
"""


@dataclass(frozen=True, slots=True)
class RulebookRow:
    """What a body, or a programme, is ruled by from a day on, and when somebody else adopted it."""

    of: str
    text: str
    since: date
    reason: str
    adopted_at: datetime


DISTRICTS: Final = (RulebookRow("tunxi", DISTRICT, date(2021, 1, 1), "新年度沿用公开的阈值", datetime(2021, 1, 4, 9, 30, tzinfo=SHANGHAI)),)
PROGRAMMES: Final = (
    RulebookRow(
        "livelihood", LIVELIHOOD, date(2021, 8, 31), "金额单位错误不得报送，下降须说明", datetime(2021, 8, 31, 9, 0, tzinfo=SHANGHAI)
    ),
)


def adopt(rows: tuple[RulebookRow, ...], users: dict[str, User]) -> None:
    """Written by the dispatcher, adopted by the leader."""
    bodies, programmes = Body.objects.in_bulk(field_name="code"), Programme.objects.in_bulk(field_name="code")
    for row in rows:
        told = {"text": row.text, "since": row.since, "reason": row.reason, "by": users["dispatcher"], "now": row.adopted_at}
        draft = actions.write(of=programmes.get(row.of) or bodies[row.of], **told)  # type: ignore[arg-type]
        actions.adopt(version=draft, by=users["leader"], now=row.adopted_at, seen=draft.digest)
