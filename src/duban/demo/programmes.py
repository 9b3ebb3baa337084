"""What is counted, and the named lists of undertakings with the facts that they carry."""

from __future__ import annotations

from typing import Any, Final

from duban.demo.rows import MeasureRow, ProgrammeRow

# fmt: off
MEASURES: Final = (
    MeasureRow("investment", "完成投资", "Investment", "amount", "元", "yuan", "year"),
    MeasureRow("progress", "形象进度", "Physical progress", "amount", "%", "%", "level"),
    MeasureRow("doses", "累计接种", "Doses given", "amount", "针次", "doses", "life"),
    MeasureRow("agreed", "协议投资额", "Agreed amount", "amount", "元", "yuan", "level"),
    MeasureRow("capacity", "约定年产能", "Agreed yearly capacity", "amount", "吨", "tonnes", "level"),
    MeasureRow("start", "开工日期", "Start", "day", "", "", "life"),
    MeasureRow("finish", "竣工日期", "Finish", "day", "", "", "life"),
    MeasureRow("enrolled", "入库日期", "Enrolled in statistics", "day", "", "", "life"),
    MeasureRow("produced", "投产日期", "In production", "day", "", "", "life"),
    MeasureRow("signed", "签约日期", "Signed", "day", "", "", "life"),
    MeasureRow("converted", "转化日期", "Converted from reserve", "day", "", "", "life"),
    MeasureRow("put-right", "整改完成日期", "Put right", "day", "", "", "life"),
    MeasureRow("cleared", "清零日期", "Cleared", "day", "", "", "life"),
    MeasureRow("opened", "挂牌日期", "Opened", "day", "", "", "life"),
    MeasureRow("gdp", "地区生产总值", "Gross domestic product", "amount", "亿元", "100 million yuan", "year"),
    MeasureRow("retail", "社会消费品零售总额", "Retail sales of consumer goods", "amount", "亿元", "100 million yuan", "year"),
    MeasureRow("tourism", "旅游总收入", "Tourism revenue", "amount", "亿元", "100 million yuan", "year"),
    MeasureRow("hightech", "高新技术产业增加值", "High-tech value added", "amount", "亿元", "100 million yuan", "year"),
    MeasureRow("investment-growth", "固定资产投资增幅", "Growth of fixed-asset investment", "amount", "%", "%", "level"),
)
# fmt: on


def choices(*pairs: tuple[str, str, str]) -> list[dict[str, str]]:
    """What an attribute of type choice may be: code, name, English name."""
    return [{"code": code, "name": name, "name_en": english} for code, name, english in pairs]


def attribute(code: str, name: str, english: str, kind: str, unit: str = "", chosen: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """One declared attribute of a programme's undertakings."""
    return {"code": code, "name": name, "name_en": english, "type": kind, "unit": unit, "choices": chosen or []}


# fmt: off
TYPE: Final = attribute(
    "type", "类型", "Type", "choice",
    chosen=choices(("works", "工程类", "Works"), ("subsidy", "补助类", "Subsidy"), ("insurance", "保险类", "Insurance"), ("training", "培训类", "Training")),
)
ORIGIN: Final = attribute(
    "origin", "投资来源", "Origin", "choice",
    chosen=choices(("yangtze-delta", "长三角地区", "Yangtze River Delta"), ("elsewhere", "其他地区", "Elsewhere")),
)
CHANNEL: Final = attribute(
    "channel", "招商方式", "Channel", "choice",
    chosen=choices(
        ("chain", "产业链招商", "Industrial chain"),
        ("association", "商协会招商", "Business associations"),
        ("fund", "基金招商", "Funds"),
        ("investors", "以商招商", "Through investors"),
    ),
)
LEVEL: Final = attribute(
    "level", "级别", "Level", "choice",
    chosen=choices(("province", "省级", "Provincial"), ("city", "市级", "City"), ("district", "区级", "District")),
)
POLLUTION: Final = attribute(
    "pollution", "污染类型", "Kind of pollution", "choice",
    chosen=choices(
        ("fumes", "油烟", "Cooking fumes"),
        ("dust", "扬尘", "Dust"),
        ("noise", "噪声", "Noise"),
        ("water", "污水", "Waste water"),
        ("waste", "固体废物", "Solid waste"),
        ("straw", "秸秆焚烧", "Straw burning"),
    ),
)
CALL: Final = attribute(
    "received-by", "来件方式", "Received by", "choice",
    chosen=choices(("telephone", "来电", "Telephone"), ("letter", "来信", "Letter")),
)
# fmt: on
BREAKDOWN_SHOWN: Final = "总数与公开报道一致，分项为按确定规则生成的示意数据。"
BREAKDOWN_SHOWN_EN: Final = "The total is the published one; its breakdown is illustrative, made by fixed rules."

# fmt: off
PROGRAMMES: Final = (
    ProgrammeRow(
        "livelihood", "民生工程", "Livelihood programmes", "tunxi-finance", 2021,
        "保险、补助、工程、培训四类民生工程，按年度计划资金逐月调度。" + BREAKDOWN_SHOWN,
        "Insurance, subsidies, works and training, followed month by month against the year's planned funds. " + BREAKDOWN_SHOWN_EN,
        "区民生工程月报", "Monthly livelihood reports of the district",
        ("investment",), "investment", (TYPE, attribute("target", "年度目标", "Target of the year", "text")),
    ),
    ProgrammeRow(
        "key-projects", "重点项目", "Key projects", "tunxi-drc", 2021,
        "按“四督四保”要求调度的储备、新开工、续建、竣工、投产项目。除报道点名的项目外，名称与数据均为示意。",
        "Projects in reserve, new, continuing, finished and in production. Names and amounts are illustrative, save the names that the report mentions.",
        "区重点项目月报", "Monthly key-project reports of the district",
        ("investment", "converted", "start", "finish", "enrolled", "produced"), "investment",
        (LEVEL, attribute("total", "总投资", "Total investment", "number", "万元"), attribute("content", "建设内容", "Content", "text")),
    ),
    ProgrammeRow(
        "deals", "市外投资项目", "Outside investment", "tunxi-investment", 2021,
        "由市外引进的投资项目，以签约日期计入，按约定的开工、投产日期调度。" + BREAKDOWN_SHOWN,
        "Projects brought in from outside the city, counted from the day of signing and followed by their agreed days. " + BREAKDOWN_SHOWN_EN,
        "区招商引资台账", "The district's register of outside investment",
        ("signed", "agreed", "capacity", "start", "enrolled", "produced"), "produced",
        (ORIGIN, attribute("province", "来源省市", "Province of origin", "text"), CHANNEL, attribute("platform", "承接平台", "Platform", "text")),
    ),
    ProgrammeRow(
        "villages", "美丽乡村", "Beautiful villages", "tunxi-agriculture", 2020,
        "二〇二〇年度美丽乡村中心村建设。" + BREAKDOWN_SHOWN,
        "Central villages of the plan year 2020. " + BREAKDOWN_SHOWN_EN,
        "区美丽乡村建设月报", "Monthly reports on beautiful villages",
        ("progress",), "progress",
    ),
    ProgrammeRow(
        "plots", "棚改攻坚地块", "Plots under renewal", "tunxi-housing", 2021,
        "棚户区改造攻坚行动的清零地块。名称为示意。",
        "Plots of the renewal campaign that are to be cleared. Names are illustrative.",
        "区棚改攻坚行动台账", "Register of the renewal campaign",
        ("cleared",), "cleared",
    ),
    ProgrammeRow(
        "petitions-central", "中央环保督察信访件", "Petitions from the central environmental inspection", "tunxi-environment", 2021,
        "中央环保督察转办的信访件。件数与办结数与公开报道一致，案情为示意。",
        "Cases handed over by the central inspection. The counts are the published ones; the cases are illustrative.",
        "区环保督察整改台账", "Register of inspection cases",
        ("put-right",), "put-right", (POLLUTION, CALL),
    ),
    ProgrammeRow(
        "petitions-provincial", "省环保督察信访件", "Petitions from the provincial environmental inspection", "tunxi-environment", 2021,
        "省环保督察转办的信访件。件数与办结数与公开报道一致，案情为示意。",
        "Cases handed over by the provincial inspection. The counts are the published ones; the cases are illustrative.",
        "区环保督察整改台账", "Register of inspection cases",
        ("put-right",), "put-right", (POLLUTION, CALL),
    ),
    ProgrammeRow(
        "education", "集团化办学", "Education groups", "tunxi-education", 2021,
        "集团化办学改革中挂牌成立的教育集团。名称为示意。",
        "Groups of schools founded in the reform. Names are illustrative.",
        "区教育局改革台账", "Register of the education reform",
        ("opened",), "opened",
    ),
    ProgrammeRow(
        "vaccination", "疫苗接种", "Vaccination", "tunxi-health", 2021,
        "各镇街接种点累计接种针次。" + BREAKDOWN_SHOWN,
        "Doses given so far at the sites of each town and subdistrict. " + BREAKDOWN_SHOWN_EN,
        "区疫苗接种日报", "Daily vaccination reports",
        ("doses",), "doses",
    ),
    ProgrammeRow(
        "city-indicators", "全市主要经济指标", "Main indicators of the city", "huangshan", 2021,
        "全市七个区县的主要经济指标。位次与公开报道一致，数值为示意，属工作统计。",
        "Main indicators of the city's districts and counties. The ranks are the published ones; the values are illustrative.",
        "市级工作统计", "Work statistics of the city",
        ("gdp", "retail", "tourism", "hightech", "investment-growth"), "",
    ),
)
# fmt: on
