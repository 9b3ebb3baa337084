"""The shorter lists: villages, plots, inspection petitions, education groups and vaccination."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from duban.demo import bodies
from duban.demo.breakdown import MONTHS, YEAR_END, Book, apportion, course, planned, sent
from duban.demo.rows import SHANGHAI, Line, UndertakingRow

VILLAGES: Final = (
    ("a", "yiqi", "奕棋镇中心村甲（示意）", "Central village A, Yiqi (illustrative)", (71, 74, 79, 83, 87, 91, 93, 95)),
    ("b", "xintan", "新潭镇中心村乙（示意）", "Central village B, Xintan (illustrative)", (68, 70, 76, 80, 85, 88, 91, 93)),
    ("c", "liyang", "黎阳镇中心村丙（示意）", "Central village C, Liyang (illustrative)", (66, 69, 73, 79, 83, 86, 89, 91)),
    ("d", "tunguang", "屯光镇中心村丁（示意）", "Central village D, Tunguang (illustrative)", (60, 62, 68, 73, 78, 82, 86, 89)),
)
"""Code, town, names, and progress in percent from January to August."""
PLOTS: Final = (
    ("a", "yudong", "棚改甲地块（示意）", "Plot A (illustrative)", date(2021, 6, 30), date(2021, 5, 18)),
    ("b", "liyang", "棚改乙地块（示意）", "Plot B (illustrative)", date(2021, 6, 30), date(2021, 6, 22)),
    ("c", "yanghu", "棚改丙地块（示意）", "Plot C (illustrative)", date(2021, 8, 31), date(2021, 8, 17)),
)
GROUPS: Final = (
    ("a", "小学教育集团甲（示意）", "Primary education group A (illustrative)", date(2021, 4, 16)),
    ("b", "小学教育集团乙（示意）", "Primary education group B (illustrative)", date(2021, 5, 28)),
    ("c", "初中教育集团丙（示意）", "Middle-school education group C (illustrative)", date(2021, 6, 18)),
    ("d", "幼教集团丁（示意）", "Kindergarten group D (illustrative)", date(2021, 8, 24)),
)
DOSES: Final = 320_000
"""Doses given by the end of August: published."""
# fmt: off
SITES: Final = (
    ("tunguang", 9), ("yanghu", 13), ("liyang", 12), ("xintan", 7), ("yiqi", 6),
    ("yudong", 15), ("yuzhong", 17), ("yuxi", 12), ("laojie", 9),
)
# fmt: on
"""Town or subdistrict, and its part of the doses."""
KINDS: Final = ("fumes", "dust", "noise", "water", "waste", "straw")
PLACES: Final = tuple(code for code, *_ in bodies.TOWNS)
OPEN_PROVINCIAL: Final = {9, 14, 18, 21, 25, 27}
OVERDUE: Final = {14, 21}
JOINT: Final = {
    "fumes": "tunxi-urban",
    "dust": "tunxi-housing",
    "noise": "tunxi-urban",
    "water": "tunxi-housing",
    "waste": "tunxi-urban",
    "straw": "tunxi-agriculture",
}
NAMES: Final = {code: name for code, name, *_ in bodies.TOWNS}
NAMES_EN: Final = {code: name for code, _, name, *_ in bodies.TOWNS}
WORDS: Final = {
    "fumes": ("油烟扰民", "cooking fumes"),
    "dust": ("扬尘污染", "dust"),
    "noise": ("噪声扰民", "noise"),
    "water": ("污水直排", "waste water"),
    "waste": ("垃圾堆放", "dumped waste"),
    "straw": ("秸秆焚烧", "straw burning"),
}


def villages() -> list[UndertakingRow]:
    return [
        UndertakingRow(
            f"village-{code}",
            "villages",
            name,
            english,
            "village",
            "tunxi-agriculture",
            stage="continuing",
            town=town,
            point=bodies.point(town, place + 7),
        )
        for place, (code, town, name, english, _) in enumerate(VILLAGES)
    ]


def village_lines() -> list[Line]:
    book, body = Book(), "tunxi-agriculture"
    for code, _, _, _, levels in VILLAGES:
        book.write(f"village-{code}", "progress", "plan", date(2020, 12, 31), 65, body=body, at=planned(body))
        book.write(f"village-{code}", "progress", "plan", YEAR_END, 100, body=body, at=planned(body))
        book.monthly(f"village-{code}", "progress", levels, body=body)
    return book.lines


def plots() -> list[UndertakingRow]:
    return [
        UndertakingRow(f"plot-{code}", "plots", name, english, "plot", "tunxi-housing", town=town, point=bodies.point(town, place + 5))
        for place, (code, town, name, english, _, _) in enumerate(PLOTS)
    ]


def plot_lines() -> list[Line]:
    book, body = Book(), "tunxi-housing"
    for code, _, _, _, due, cleared in PLOTS:
        book.due(f"plot-{code}", "cleared", due, body=body)
        book.happened(f"plot-{code}", "cleared", cleared, body=body)
    return book.lines


def groups() -> list[UndertakingRow]:
    return [UndertakingRow(f"group-{code}", "education", name, english, "campaign", "tunxi-education") for code, name, english, _ in GROUPS]


def group_lines() -> list[Line]:
    book, body = Book(), "tunxi-education"
    for code, _, _, opened in GROUPS:
        book.due(f"group-{code}", "opened", date(2021, 8, 31), body=body)
        book.happened(f"group-{code}", "opened", opened, body=body)
    return book.lines


def petition(level: str, number: int) -> UndertakingRow:
    """One case: a kind of pollution in a town, with the department that must help."""
    kind = KINDS[(number * 5 + len(level)) % len(KINDS)]
    town = PLACES[(number * 2 + len(level)) % len(PLACES)]
    word, english = WORDS[kind]
    return UndertakingRow(
        f"petition-{level}-{number:02d}",
        f"petitions-{level}",
        f"{NAMES[town]}{word}信访件 {number:02d}（示意）",
        f"Case {number:02d}: {english}, {NAMES_EN[town]} (illustrative)",
        "petition",
        "tunxi-environment",
        joint_bodies=(JOINT[kind],),
        town=town,
        point=bodies.point(town, number + 2),
        attributes={"pollution": kind, "received-by": "telephone" if number % 3 else "letter"},
    )


def petitions() -> list[UndertakingRow]:
    return [*(petition("central", n + 1) for n in range(9)), *(petition("provincial", n + 1) for n in range(28))]


def petition_lines() -> list[Line]:
    """Days by which the cases must be put right, and those on which they were; two of the six open ones are overdue."""
    book, body = Book(), "tunxi-environment"
    for number in range(1, 10):
        code, handed = f"petition-central-{number:02d}", date(2021, 4, 9 + 2 * number)
        book.due(code, "put-right", date(2021, 7, 31), body=body, at=sent(body, handed, 3))
        book.happened(code, "put-right", date(2021, 5 + number % 3, 4 + 2 * number), body=body)
    for number in range(1, 29):
        code, handed = f"petition-provincial-{number:02d}", date(2021, 2 + number // 10, 3 + number % 10 * 2)
        late = date(2021, 8, 15) if number in OVERDUE else date(2021, 10, 31) if number in OPEN_PROVINCIAL else date(2021, 8, 31)
        book.due(code, "put-right", late, body=body, at=sent(body, handed, 3))
        if number not in OPEN_PROVINCIAL:
            book.happened(code, "put-right", date(2021, 4 + number % 5, 3 + number % 24), body=body)
    hasty = "petition-provincial-14"
    book.write(hasty, "put-right", "report", date(2021, 6, 30), date(2021, 6, 24), body=body)
    book.write(
        hasty,
        "put-right",
        "report",
        date(2021, 6, 30),
        None,
        body=body,
        at=datetime(2021, 7, 16, 10, 20, tzinfo=SHANGHAI),
        reason="复核发现问题反弹，销号撤回，继续整改。",
    )
    return book.lines


def sites() -> list[UndertakingRow]:
    return [
        UndertakingRow(
            f"vaccination-{town}",
            "vaccination",
            f"{NAMES[town]}接种点",
            f"Vaccination site, {NAMES_EN[town]}",
            "service",
            "tunxi-health",
            town=town,
            point=bodies.point(town, 1),
        )
        for town, _ in SITES
    ]


def site_lines() -> list[Line]:
    book, body = Book(), "tunxi-health"
    given = apportion(DOSES // 10, [part for _, part in SITES])
    asked = apportion(39_000, [part for _, part in SITES])
    for (town, _), done, plan in zip(SITES, given, asked, strict=True):
        code = f"vaccination-{town}"
        book.write(code, "doses", "plan", YEAR_END, plan * 10, body=body, at=planned(body))
        for period, amount in zip(MONTHS, course(code, done * 10, "late", step=10), strict=True):
            if period > MONTHS[1]:
                book.write(code, "doses", "report", period, amount, body=body)
    return book.lines


def undertakings() -> list[UndertakingRow]:
    return [*villages(), *plots(), *petitions(), *groups(), *sites()]


def lines() -> list[Line]:
    return [*village_lines(), *plot_lines(), *petition_lines(), *group_lines(), *site_lines()]
