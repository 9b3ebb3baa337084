"""Outside investments: thirty signed in the first half-year, twenty-six of them from the Yangtze delta, and what followed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from duban.core import periods
from duban.demo import bodies
from duban.demo.breakdown import Book, sent, wobble
from duban.demo.rows import SHANGHAI, Line, UndertakingRow

BODY: Final = "tunxi-investment"
DELTA: Final = ("浙江省", "上海市", "江苏省", "浙江省", "安徽省合肥市", "浙江省", "江苏省", "上海市")
ELSEWHERE: Final = ("广东省", "北京市", "福建省", "山东省", "湖北省")
CHANNELS: Final = ("chain", "investors", "association", "chain", "fund", "chain", "association")
PLATFORMS: Final = ("“双融双创”产业园", "屯光工业集聚区", "奕棋片区", "老街历史街区", "阳湖片区")
FIELDS: Final = (
    ("绿色食品", "green food"),
    ("文化旅游", "culture and tourism"),
    ("装备制造", "machine building"),
    ("数字经济", "digital economy"),
    ("现代服务", "modern services"),
    ("新材料", "new materials"),
)
LANDED: Final = ("tunguang", "yiqi", "liyang", "yanghu", "xintan", "laojie")


class Deal(NamedTuple):
    """`signed` of None is still being talked about."""

    number: int
    name: str
    name_en: str
    signed: date | None
    delta: bool
    agreed: int


AMINO: Final = "deal-amino"
STUDIOS: Final = "deal-5g-live"
NAMED: Final = {
    11: (AMINO, "年产2000吨氨基酸及其衍生物项目", "2,000 tonnes a year of amino acids and their derivatives"),
    17: (STUDIOS, "5G云直播基地项目", "5G cloud live-streaming base"),
}
BY_MONTH: Final = {1: 3, 2: 2, 3: 6, 4: 6, 5: 6, 6: 7, 7: 3, 8: 4}
"""Signed in each month of 2021: thirty by the end of June, thirty-seven by the end of August."""
NOT_DELTA: Final = {5, 13, 22, 28, 33, 36}
TALKS: Final = 4
AGREED_START: Final = 3
"""Months after its signature by which an investment is to start."""
AGREED_PRODUCTION: Final = 15
"""Months after its signature by which it is to produce, where nothing sooner was agreed."""
SOON: Final = date(2021, 8, 20)
QUICK: Final = {2: date(2021, 7, 16), 3: date(2021, 8, 12), 5: date(2021, 8, 19), 6: None}
"""Those that are to produce by `SOON`, and the day on which they did."""
NOT_ENROLLED: Final = {12}


def deals() -> list[Deal]:
    """Every deal in order of its signing, then those without a signature."""
    rows, number = [], 0
    for month, count in BY_MONTH.items():
        days = sorted(wobble(f"signed/{month}/{place}", 4, 27) for place in range(count))
        for day in days:
            number += 1
            rows.append(_deal(number, date(2021, month, day)))
    return [*rows, *(_deal(number + place + 1, None) for place in range(TALKS))]


def _deal(number: int, signed: date | None) -> Deal:
    code, name, english = NAMED.get(number, ("", "", ""))
    field, field_en = FIELDS[number % len(FIELDS)]
    agreed = {AMINO: 52_000, STUDIOS: 11_000}.get(code, wobble(f"agreed/{number}", 12, 240) * 100) * 10_000
    return Deal(
        number,
        name or f"{field}外来投资项目 {number:02d}（示意）",
        english or f"Outside investment {number:02d}, {field_en} (illustrative)",
        signed,
        number not in NOT_DELTA,
        agreed,
    )


def code(deal: Deal) -> str:
    return NAMED[deal.number][0] if deal.number in NAMED else f"deal-{deal.number:02d}"


def undertakings() -> list[UndertakingRow]:
    """The deals, each with where its money comes from and how it was found."""
    rows = []
    for deal in deals():
        town = LANDED[deal.number % len(LANDED)]
        provinces = DELTA if deal.delta else ELSEWHERE
        rows.append(
            UndertakingRow(
                code(deal),
                "deals",
                deal.name,
                deal.name_en,
                "deal",
                BODY,
                stage="" if deal.signed else "reserve",
                town=town,
                point=bodies.point(town, deal.number + 3),
                attributes={
                    "origin": "yangtze-delta" if deal.delta else "elsewhere",
                    "province": provinces[deal.number % len(provinces)],
                    "channel": CHANNELS[deal.number % len(CHANNELS)],
                    "platform": PLATFORMS[deal.number % len(PLATFORMS)],
                },
            )
        )
    return rows


def lines() -> list[Line]:
    """Signatures, agreed amounts, and what followed; one signature was registered twice and withdrawn."""
    book = Book()
    for deal in deals():
        if deal.signed is None:
            continue
        name = code(deal)
        book.happened(name, "signed", deal.signed, body=BODY)
        book.write(name, "agreed", "report", periods.month_end(deal.signed), deal.agreed, body=BODY)
        promised(book, deal, deal.signed)
        if deal.number <= 24 and deal.number % 3 != 1:
            begun = periods.months_before(deal.signed, -2).replace(day=wobble(f"begun/{deal.number}", 2, 26))
            if begun < date(2021, 9, 1):
                followed(book, deal, begun)
    amino = next(deal for deal in deals() if code(deal) == AMINO)
    assert amino.signed is not None
    book.write(AMINO, "capacity", "report", periods.month_end(amino.signed), 2000, body=BODY)
    twice = deals()[-TALKS]
    period = date(2021, 5, 31)
    book.write(code(twice), "signed", "report", period, date(2021, 5, 24), body=BODY)
    book.write(
        code(twice),
        "signed",
        "report",
        period,
        None,
        body=BODY,
        at=datetime(2021, 6, 24, 15, 5, tzinfo=SHANGHAI),
        reason="仅签框架协议，未签正式合同，不应计入，撤回。",
    )
    return book.lines


def promised(book: Book, deal: Deal, signed: date) -> None:
    """The days of start and of production that the contract names."""
    at = sent(BODY, periods.month_end(signed))
    book.due(code(deal), "start", periods.months_before(signed, -AGREED_START), body=BODY, at=at)
    agreed = SOON if deal.number in QUICK else periods.months_before(signed, -AGREED_PRODUCTION)
    book.due(code(deal), "produced", agreed, body=BODY, at=at)


def followed(book: Book, deal: Deal, begun: date) -> None:
    """A start, its enrolment in statistics in the month after, and production where it has come."""
    book.happened(code(deal), "start", begun, body=BODY)
    enrolled = begun + timedelta(days=wobble(f"enrolled/{deal.number}", 16, 28))
    if enrolled < date(2021, 9, 1) and deal.number not in NOT_ENROLLED:
        book.happened(code(deal), "enrolled", enrolled, body=BODY)
    if produced := QUICK.get(deal.number):
        book.happened(code(deal), "produced", produced, body=BODY)
