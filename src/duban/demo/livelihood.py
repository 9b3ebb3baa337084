"""The livelihood programmes: the year's funds, paid out month by month, adding up to what was published."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from duban.demo.breakdown import MONTHS, SHANGHAI, YEAR_END, Book, apportion, course, planned
from duban.demo.rows import Line, UndertakingRow

PLANNED: Final = 296_000_000
"""Yuan planned for the year: published as a share, from which it follows to two decimals of 亿元."""
DONE: Final = 245_000_000
"""Yuan spent by the end of August: published."""


class Programme(NamedTuple):
    """`weight` is its part of the plan; `percent` its year-to-date share by August; `curve` its own plan, in percent by month."""

    code: str
    name: str
    name_en: str
    type: str
    body: str
    weight: int
    percent: int
    shape: str = "steady"
    curve: tuple[tuple[int, int], ...] = ()
    note: str = ""
    note_en: str = ""


KINDS: Final = {"works": "project", "subsidy": "subsidy", "insurance": "insurance", "training": "training"}
P = Programme
# fmt: off
ROWS: Final = (
    P("pensions", "城乡居民基本养老保险", "Basic pensions of residents", "insurance", "tunxi-employment", 3100, 93, "early"),
    P("health-insurance", "城乡居民基本医疗保险", "Basic health insurance of residents", "insurance", "tunxi-medicare", 4700, 99, "early"),
    P("serious-illness", "城乡居民大病保险", "Insurance against serious illness", "insurance", "tunxi-medicare", 620, 100, "early"),
    P("medical-aid", "城乡医疗救助", "Medical aid", "subsidy", "tunxi-medicare", 430, 81),
    P("farm-insurance", "政策性农业保险", "Farm insurance", "insurance", "tunxi-agriculture", 190, 86, "early"),
    P("minimum-income", "城乡最低生活保障", "Minimum living allowance", "subsidy", "tunxi-civil", 1180, 71),
    P("destitute", "特困人员救助供养", "Support of the destitute", "subsidy", "tunxi-civil", 310, 69),
    P("orphans", "孤儿和事实无人抚养儿童保障", "Support of orphans", "subsidy", "tunxi-civil", 45, 68),
    P("elder-care", "社会养老服务体系建设", "Care for the elderly", "subsidy", "tunxi-civil", 420, 64, "quarterly"),
    P("disabled-allowance", "困难残疾人生活补贴", "Allowances for the disabled", "subsidy", "tunxi-disabled", 180, 72),
    P("disabled-recovery", "残疾人康复工程", "Rehabilitation of the disabled", "subsidy", "tunxi-disabled", 90, 52, "late", note="儿童康复机构协议六月才续签，七月起补付。", note_en="Agreements with clinics were renewed only in June; arrears are paid from July."),
    P("compulsory-education", "义务教育经费保障", "Funds for compulsory education", "subsidy", "tunxi-education", 2450, 98, "quarterly"),
    P("preschool", "学前教育促进工程", "Preschool education", "works", "tunxi-education", 640, 63, "late"),
    P("student-aid", "家庭经济困难学生资助", "Aid for students in need", "subsidy", "tunxi-education", 260, 53, "quarterly", ((6, 50), (9, 52), (12, 100)), "按学期发放，秋季学期资助在四季度拨付。", "Paid by school term; the autumn term follows in the fourth quarter."),
    P("smart-schools", "智慧学校建设", "Smart schools", "works", "tunxi-education", 360, 49, "late", note="设备招标流标一次，暑期集中安装。", note_en="One tender failed; the equipment is installed in the summer holidays."),
    P("public-health", "基本公共卫生服务", "Basic public health services", "subsidy", "tunxi-health", 1650, 99, "quarterly"),
    P("mothers", "妇幼健康促进行动", "Health of mothers and children", "subsidy", "tunxi-health", 140, 74),
    P("family-support", "计划生育家庭奖励扶助", "Support of families under family planning", "subsidy", "tunxi-health", 210, 100, "early"),
    P("jobs", "就业创业促进工程", "Jobs and new businesses", "subsidy", "tunxi-employment", 520, 77),
    P("skills", "技能培训提升行动", "Vocational skills", "training", "tunxi-employment", 240, 52, "late", note="上半年线下培训受防疫影响，下半年补班。", note_en="Classes were limited in the first half-year and are made up for in the second."),
    P("farmers", "高素质农民培育", "Training of farmers", "training", "tunxi-agriculture", 60, 0, "late", ((9, 0), (12, 100)), "秋收后开班，八月底前应为零。", "Classes begin after the harvest: zero is what the plan asks by August."),
    P("rural-roads", "“四好农村路”建设", "Rural roads", "works", "tunxi-transport", 1150, 92),
    P("rural-living", "农村人居环境整治", "Rural living conditions", "works", "tunxi-agriculture", 430, 70),
    P("village-works", "美丽乡村建设", "Beautiful villages", "works", "tunxi-agriculture", 980, 90),
    P("drinking-water", "农村饮水安全巩固提升", "Safe drinking water", "works", "tunxi-agriculture", 310, 88),
    P("small-water", "小型水利工程改造提升", "Small water works", "works", "tunxi-agriculture", 260, 33, "late", note="汛期停工两个月，枯水期才能全面施工。", note_en="The flood season stopped the works for two months; most must wait for low water."),
    P("rural-homes", "农村危房改造", "Repair of unsafe rural homes", "works", "tunxi-housing", 85, 100),
    P("old-estates", "老旧小区改造", "Renewal of old estates", "works", "tunxi-housing", 3900, 62, "late"),
    P("shanty-renewal", "棚户区改造", "Renewal of shanty areas", "works", "tunxi-housing", 4800, 91),
    P("flood-spots", "城市易涝点整治", "Spots prone to flooding", "works", "tunxi-housing", 380, 44, "late", note="管线迁改协调滞后。", note_en="Moving the pipes and cables took longer than agreed."),
    P("river-basin", "水环境生态补偿", "Ecological compensation for the river basin", "subsidy", "tunxi-environment", 900, 100, "quarterly"),
    P("straw", "秸秆综合利用提升", "Use of straw", "subsidy", "tunxi-agriculture", 160, 11, "late", ((9, 10), (10, 40), (12, 100)), "以秋季作物为主，按季节曲线考核。", "Mostly autumn crops, so it has its own curve."),
    P("culture", "公共文化场馆免费开放", "Free museums and libraries", "subsidy", "tunxi-culture", 120, 66, "quarterly"),
)
# fmt: on


def code(row: Programme) -> str:
    return f"livelihood-{row.code}"


def undertakings() -> list[UndertakingRow]:
    """The livelihood programmes as undertakings."""
    return [
        UndertakingRow(
            code(row),
            "livelihood",
            row.name,
            row.name_en,
            KINDS[row.type],
            row.body,
            attributes={"type": row.type},
            description=row.note,
            description_en=row.note_en,
        )
        for row in ROWS
    ]


def amounts() -> dict[str, tuple[int, int]]:
    """Planned and done yuan of each, by code; they add up to what was published. What is done in full is done exactly."""
    plan = [part * 1000 for part in apportion(PLANNED // 1000, [row.weight for row in ROWS])]
    full = sum(part for part, row in zip(plan, ROWS, strict=True) if row.percent == 100)
    weights = [part * row.percent * (row.percent < 100) for part, row in zip(plan, ROWS, strict=True)]
    rest = [share * 100 for share in apportion((DONE - full) // 100, weights)]
    done = [part if row.percent == 100 else share for part, share, row in zip(plan, rest, ROWS, strict=True)]
    return {row.code: both for row, both in zip(ROWS, zip(plan, done, strict=True), strict=True)}


def lines() -> list[Line]:
    """Plans in January, reports every month, and what went wrong on the way."""
    book = Book()
    split = amounts()
    for row in ROWS:
        plan, done = split[row.code]
        own = row.curve or ((12, 100),)
        for month, percent in own:
            period = YEAR_END if month == 12 else date(2021, month, 30 if month in (6, 9) else 31)
            amount = plan + 400_000 if (row.code, month) == ("old-estates", 12) else plan * percent // 100
            book.write(code(row), "investment", "plan", period, amount, body=row.body, at=planned(row.body))
        for period, amount in zip(MONTHS, course(row.code, done, row.shape), strict=True):
            late = datetime(2021, 8, 19, 16, 20, tzinfo=SHANGHAI) if (row.code, period.month) == ("rural-living", 7) else None
            book.write(code(row), "investment", "report", period, wrong(row.code, period, amount), body=row.body, at=late)
    put_right(book, split)
    return book.lines


SLIPS: Final = {
    ("rural-roads", 3): (140_000, "重复计入上年结转款，核减。", datetime(2021, 4, 12, 10, 5, tzinfo=SHANGHAI)),
    ("jobs", 6): (236_000, "社保补贴按到账日改计七月，据实核减。", datetime(2021, 7, 20, 15, 30, tzinfo=SHANGHAI)),
    ("minimum-income", 7): (-58_500, "漏报临时救助金，补报。", datetime(2021, 8, 11, 11, 40, tzinfo=SHANGHAI)),
}
"""Code and month, by how much the first report was too high, why it was corrected, and when."""


def wrong(name: str, period: date, amount: int) -> int:
    """What was first reported: right, save for the slips that were corrected later."""
    return amount + SLIPS[name, period.month][0] if (name, period.month) in SLIPS else amount


def put_right(book: Book, split: dict[str, tuple[int, int]]) -> None:
    """The corrections, and a plan that was set lower in April."""
    for row in ROWS:
        plan, done = split[row.code]
        for period, amount in zip(MONTHS, course(row.code, done, row.shape), strict=True):
            if (row.code, period.month) in SLIPS:
                _, reason, at = SLIPS[row.code, period.month]
                book.write(code(row), "investment", "report", period, amount, body=row.body, at=at, reason=reason)
        if row.code == "old-estates":
            book.write(
                code(row),
                "investment",
                "plan",
                YEAR_END,
                Decimal(plan),
                body=row.body,
                at=datetime(2021, 4, 22, 10, 30, tzinfo=SHANGHAI),
                reason="年初计划含上级未下达资金，按下达数调整年度计划。",
            )
