"""The questions that the example's articles and its home page ask of the ledger."""

from __future__ import annotations

from typing import Final

from duban.demo.deals import AMINO
from duban.demo.programmes import PROGRAMMES
from duban.demo.rows import FigureRow

SOURCES: Final = {row.code: (row.source, row.source_en) for row in PROGRAMMES}


def ask(code: str, name: str, english: str, operation: str, programme: str, **rest: object) -> FigureRow:
    """A figure that a programme's own register answers."""
    source, source_en = SOURCES[programme]
    return FigureRow(code, name, english, operation, programme, source=source, source_en=source_en, **rest)  # type: ignore[arg-type]


PROGRAMMES_UNIT: Final = {"unit": "项", "unit_en": "programmes"}
PROJECTS: Final = {"unit": "个", "unit_en": "projects"}
CASES: Final = {"unit": "件", "unit_en": "cases"}
MONEY: Final = {"measure": "investment", "unit": "亿元", "unit_en": "100 million yuan", "decimals": 2}

# fmt: off
FIGURES: Final = (
    ask("livelihood.count", "民生工程项数", "Livelihood programmes", "count", "livelihood", **PROGRAMMES_UNIT),
    ask("livelihood.invested", "民生工程完成投资", "Spent on livelihood programmes", "sum", "livelihood", **MONEY, headline=2),
    ask("livelihood.planned", "民生工程年度计划投资", "Planned for livelihood programmes", "sum", "livelihood", kind="plan", **MONEY),
    ask(
        "livelihood.completion", "民生工程年度计划完成率", "Livelihood programmes: share of the year's plan", "ratio", "livelihood",
        measure="investment", unit="%", unit_en="%", decimals=2, headline=1,
    ),
    ask("livelihood.red", "民生工程红灯项数", "Livelihood programmes with a red light", "lit", "livelihood", lights=("red",), **PROGRAMMES_UNIT),
    ask("livelihood.amber", "民生工程黄灯项数", "Livelihood programmes with an amber light", "lit", "livelihood", lights=("amber",), **PROGRAMMES_UNIT),
    ask("deals.count", "引进市外投资项目", "Outside investments signed", "count", "deals", measure="signed", **PROJECTS, headline=3),
    ask(
        "deals.yangtze", "其中长三角地区项目", "Of these from the Yangtze River Delta", "count", "deals",
        measure="signed", where={"origin": "yangtze-delta"}, **PROJECTS,
    ),
    ask(
        "deals.share", "长三角地区项目占比", "Share from the Yangtze River Delta", "share", "deals",
        numerator="deals.yangtze", denominator="deals.count", unit="%", unit_en="%", decimals=2,
    ),
    ask("deals.agreed", "市外投资项目协议投资额", "Agreed amount of outside investments", "sum", "deals", **{**MONEY, "measure": "agreed"}),
    ask("deals.started", "市外投资项目已开工", "Outside investments that have started", "count", "deals", measure="start", **PROJECTS),
    ask("capacity.amino", "氨基酸项目约定年产能", "Agreed capacity of the amino-acid project", "latest", "deals", measure="capacity", undertaking=AMINO, unit="吨", unit_en="tonnes"),
    ask("key.count", "重点项目数", "Key projects", "count", "key-projects", **PROJECTS),
    ask("key.started", "重点项目已开工", "Key projects that have started", "count", "key-projects", measure="start", **PROJECTS, headline=4),
    ask("key.finished", "重点项目已竣工", "Key projects that are finished", "count", "key-projects", measure="finish", **PROJECTS),
    ask("key.invested", "重点项目完成投资", "Spent on key projects", "sum", "key-projects", **MONEY),
    ask("key.not_started", "到期未开工重点项目", "Key projects overdue to start", "lit", "key-projects", lights=("start_overdue", "not_started"), **PROJECTS),
    ask("key.behind", "投资未达时序重点项目", "Key projects behind schedule", "lit", "key-projects", lights=("far_behind", "behind"), **PROJECTS),
    ask("key.not_resumed", "未复工重点项目", "Key projects that have not resumed", "lit", "key-projects", lights=("not_resumed",), **PROJECTS),
    ask("plots.cleared", "棚改清零地块", "Plots cleared", "count", "plots", measure="cleared", unit="个", unit_en="plots"),
    ask("villages.count", "美丽乡村个数", "Beautiful villages", "count", "villages", unit="个", unit_en="villages"),
    ask("villages.progress", "美丽乡村建设进度", "Progress of the beautiful villages", "mean", "villages", measure="progress", unit="%", unit_en="%", headline=6),
    ask("petitions.central.count", "中央环保督察信访件", "Petitions from the central inspection", "count", "petitions-central", **CASES),
    ask("petitions.central.done", "中央环保督察信访件已整改", "Central petitions put right", "count", "petitions-central", measure="put-right", **CASES),
    ask("petitions.provincial.count", "省环保督察信访件", "Petitions from the provincial inspection", "count", "petitions-provincial", **CASES),
    ask("petitions.provincial.done", "省环保督察信访件已整改", "Provincial petitions put right", "count", "petitions-provincial", measure="put-right", **CASES, headline=7),
    ask("education.groups", "挂牌教育集团", "Education groups founded", "count", "education", measure="opened", unit="个", unit_en="groups"),
    ask("vaccine.doses", "累计接种针次", "Vaccine doses given", "sum", "vaccination", measure="doses", unit="针次", unit_en="doses", headline=5),
    *(
        ask(f"rank.{code}", f"{name}全市位次", f"{english}: place in the city", "rank", "city-indicators", measure=measure, body="tunxi", headline=place)
        for code, measure, name, english, place in (
            ("gdp", "gdp", "地区生产总值", "Gross domestic product", 8),
            ("retail", "retail", "社会消费品零售总额", "Retail sales", None),
            ("tourism", "tourism", "旅游总收入", "Tourism revenue", None),
            ("hightech", "hightech", "高新技术产业增加值", "High-tech value added", None),
            ("investment", "investment-growth", "固定资产投资增幅", "Growth of fixed-asset investment", None),
        )
    ),
)
# fmt: on
