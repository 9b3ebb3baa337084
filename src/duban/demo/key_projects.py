"""The key projects: what is started, late, behind, silent or finished, one story each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from duban.core import periods
from duban.demo import bodies
from duban.demo.breakdown import YEAR, YEAR_END, Book, course, sent
from duban.demo.rows import SHANGHAI, Line, UndertakingRow


class Project(NamedTuple):
    """`plan` of the year in 万元; `percent` of it done by August; days as (month, day) of 2021, or a date.

    `until` is the last month with a report; `curve` its own plan, in percent by month.
    """

    code: str
    name: str
    name_en: str
    body: str
    town: str
    stage: str
    level: str
    total: int
    plan: int
    percent: int
    content: str
    start: date | None = None
    started: date | None = None
    finish: date | None = None
    finished: date | None = None
    enrolled: date | None = None
    produced: date | None = None
    shape: str = "steady"
    until: int = 8
    curve: tuple[tuple[int, int], ...] = ()
    parent: str = ""


def d(month: int, day: int, year: int = YEAR) -> date:
    return date(year, month, day)


P = Project
HOUSING, URBAN, TRANSPORT, INDUSTRY = "tunxi-housing", "tunxi-urban", "tunxi-transport", "tunxi-industry"
# fmt: off
ROWS: Final = (
    P("jiangnan", "江南新城（阳湖片区）市政基础设施改造提升", "Jiangnan New Town (Yanghu area): renewal of municipal works", HOUSING, "yanghu", "continuing", "city", 68000, 0, 0, "道路、管网与公共空间的打包项目，分三个子项调度。", start=d(9, 15, 2020), started=d(9, 28, 2020), finish=d(12, 30, 2022)),
    P("jiangnan-roads", "江南新城（阳湖片区）道路改造", "Jiangnan New Town: roads", HOUSING, "yanghu", "continuing", "city", 31000, 9800, 79, "改造片区主次干道。", start=d(9, 15, 2020), started=d(9, 28, 2020), finish=d(12, 30, 2022), enrolled=d(10, 12, 2020), parent="jiangnan"),
    P("jiangnan-pipes", "江南新城（阳湖片区）雨污分流管网", "Jiangnan New Town: sewers and drains", HOUSING, "yanghu", "continuing", "city", 24000, 7600, 54, "雨污分流与管线入地，受汛期影响。", start=d(10, 20, 2020), started=d(11, 3, 2020), finish=d(12, 30, 2022), enrolled=d(11, 20, 2020), parent="jiangnan"),
    P("jiangnan-green", "江南新城（阳湖片区）公共空间提升", "Jiangnan New Town: public space", HOUSING, "yanghu", "new", "city", 13000, 4200, 71, "口袋公园、慢行道与街面整治。", start=d(3, 15), started=d(3, 18), finish=d(10, 31, 2022), enrolled=d(4, 9), shape="late", parent="jiangnan"),
    P("parking", "智慧停车场建设", "Smart car parks", URBAN, "yuzhong", "continuing", "district", 16800, 6200, 83, "公共停车场改造与统一停车平台。", start=d(11, 10, 2020), started=d(11, 16, 2020), finish=d(11, 30), enrolled=d(12, 8, 2020)),
    P("lamps", "智慧照明路灯改造", "Smart street lamps", URBAN, "yuxi", "new", "district", 9200, 3600, 76, "路灯更换为可远程调光的节能灯具。", start=d(2, 25), started=d(3, 2), finish=d(12, 20), enrolled=d(3, 19), shape="late"),
    P("nanbin", "南滨江景观带", "Southern riverside park", HOUSING, "yanghu", "finished", "city", 42000, 5800, 98, "滨江步道、绿地与亮化，基本建成。", start=d(6, 8, 2019), started=d(6, 18, 2019), finish=d(8, 31), finished=d(8, 26), enrolled=d(7, 15, 2019), shape="early"),
    P("old-estates", "老旧小区改造工程", "Renewal of old estates", HOUSING, "yuzhong", "new", "district", 15600, 7800, 57, "楼道、管网与适老设施改造，已进场施工。", start=d(4, 10), started=d(4, 27), finish=d(12, 31), enrolled=d(5, 14), shape="late"),
    P("double-park", "“双融双创”产业园", "“Double integration, double creation” industrial park", INDUSTRY, "tunguang", "continuing", "province", 120000, 26000, 72, "标准厂房、研发与配套用房。", start=d(8, 18, 2020), started=d(8, 30, 2020), finish=d(12, 31, 2022), enrolled=d(9, 18, 2020)),
    P("screw-pumps", "装备制造数字化车间技改（示意）", "Digital workshop in machine building (illustrative)", INDUSTRY, "yiqi", "producing", "city", 8600, 2400, 100, "精密加工与在线检测产线。", start=d(7, 1, 2020), started=d(7, 6, 2020), finish=d(6, 30), finished=d(6, 25), enrolled=d(8, 14, 2020), produced=d(7, 20), shape="early"),
    P("optoelectronics", "光电元器件产线技改（示意）", "Opto-electronic production line (illustrative)", INDUSTRY, "tunguang", "producing", "city", 11200, 3100, 96, "无尘车间与封装产线。", start=d(5, 20, 2020), started=d(6, 1, 2020), finish=d(5, 31), finished=d(5, 28), enrolled=d(6, 30, 2020), produced=d(6, 18), shape="early"),
    P("amino-plant", "氨基酸生产基地厂房（示意）", "Amino-acid plant (illustrative)", INDUSTRY, "yiqi", "new", "province", 52000, 12000, 48, "主体厂房与公用工程。", start=d(5, 12), started=d(5, 25), finish=d(12, 31, 2022), enrolled=d(6, 22), shape="late"),
    P("live-studios", "云直播基地改造（示意）", "Studios for live streaming (illustrative)", INDUSTRY, "liyang", "new", "district", 6800, 2600, 85, "旧厂房改造为直播间与共享仓。", start=d(4, 6), started=d(4, 8), finish=d(11, 15), enrolled=d(5, 10), shape="late"),
    P("cold-store", "农产品冷链物流中心（示意）", "Cold store for farm produce (illustrative)", "tunxi-agriculture", "xintan", "new", "district", 9800, 3800, 0, "冷库与分拣车间，用地手续办理中。", start=d(7, 20), finish=d(10, 31, 2022)),
    P("culture-centre", "市民文化活动中心（示意）", "Cultural centre (illustrative)", "tunxi-culture", "yudong", "new", "district", 13500, 4500, 0, "文化馆与小剧场，规划方案两次调整。", start=d(4, 20), finish=d(12, 31, 2022)),
    P("tea-park", "茶产业加工园（示意）", "Tea-processing park (illustrative)", "tunxi-agriculture", "yiqi", "continuing", "district", 14200, 5200, 61, "清洁化加工车间，设备款未到位，连续三个月无新增投资。", start=d(9, 1, 2020), started=d(9, 10, 2020), finish=d(6, 30, 2022), enrolled=d(10, 16, 2020), shape="idle"),
    P("rural-ring", "环城农村公路提升（示意）", "Rural ring road (illustrative)", TRANSPORT, "xintan", "continuing", "city", 18600, 8400, 88, "路面拓宽与安防工程。", start=d(10, 8, 2020), started=d(10, 15, 2020), finish=d(12, 20), enrolled=d(11, 9, 2020)),
    P("bridge", "跨江慢行桥（示意）", "Footbridge across the river (illustrative)", TRANSPORT, "laojie", "new", "city", 12400, 5600, 30, "桥墩遇不良地质，设计变更。", start=d(3, 1), started=d(3, 22), finish=d(9, 30, 2022), enrolled=d(4, 23), shape="late"),
    P("sewage", "污水处理提质增效（示意）", "Better sewage treatment (illustrative)", "tunxi-environment", "liyang", "continuing", "province", 21000, 6900, 74, "管网排查修复与厂站提标。", start=d(6, 28, 2020), started=d(7, 12, 2020), finish=d(6, 30, 2022), enrolled=d(8, 6, 2020)),
    P("hospital", "中心卫生院改扩建（示意）", "Extension of a health centre (illustrative)", "tunxi-health", "yanghu", "continuing", "district", 7600, 3200, 86, "门诊楼与发热诊室，六月后未报送进度。", start=d(8, 3, 2020), started=d(8, 11, 2020), finish=d(3, 31, 2022), enrolled=d(9, 8, 2020), until=6),
    P("school", "城区学校扩建（示意）", "Extension of a town school (illustrative)", "tunxi-education", "yudong", "finished", "district", 8800, 3400, 97, "教学楼与风雨操场，秋季开学启用。", start=d(7, 15, 2020), started=d(7, 20, 2020), finish=d(8, 20), finished=d(8, 18), enrolled=d(8, 28, 2020)),
    P("elder-home", "社区养老服务中心（示意）", "Community centre for the elderly (illustrative)", "tunxi-civil", "yuxi", "new", "district", 4600, 2100, 66, "日间照料、助餐与康复用房。", start=d(3, 25), started=d(4, 1), finish=d(3, 31, 2022), enrolled=d(4, 26), shape="late"),
    P("old-street", "老街历史街区修缮（示意）", "Restoration in the old street (illustrative)", "tunxi-culture", "laojie", "continuing", "province", 24500, 7200, 70, "古建修缮与消防改造。", start=d(4, 18, 2020), started=d(5, 6, 2020), finish=d(12, 31, 2022), enrolled=d(6, 12, 2020)),
    P("warehouses", "现代商贸仓储中心（示意）", "Modern warehouses (illustrative)", INDUSTRY, "tunguang", "new", "district", 19800, 6400, 64, "立体仓与城市配送中心，按自定计划曲线推进。", start=d(5, 6), started=d(5, 18), finish=d(8, 31, 2022), enrolled=d(6, 15), shape="late", curve=((3, 0), (6, 25), (9, 70), (12, 100))),
    P("solar-roofs", "园区屋顶光伏（示意）", "Solar roofs on the industrial park (illustrative)", "tunxi-drc", "tunguang", "reserve", "district", 5400, 1200, 0, "谋划储备，拟四季度开工。", start=d(11, 15), finish=d(9, 30, 2022)),
    P("river-museum", "新安江生态展示馆（示意）", "Museum of the river (illustrative)", "tunxi-environment", "liyang", "reserve", "city", 7800, 0, 0, "谋划储备，编制可研。"),
)
# fmt: on
LINE: Final = ((12, 100),)


def code(row: Project | str) -> str:
    return f"key-{row if isinstance(row, str) else row.code}"


def undertakings() -> list[UndertakingRow]:
    """The key projects, each with its point in its town."""
    return [
        UndertakingRow(
            code(row),
            "key-projects",
            row.name,
            row.name_en,
            "project",
            row.body,
            stage=row.stage,
            joint_bodies=("tunxi-drc",) if row.total >= 20000 and row.body != "tunxi-drc" else (),
            town=row.town,
            point=bodies.point(row.town, place),
            parent=code(row.parent) if row.parent else "",
            attributes={"level": row.level, "total": row.total, "content": row.content},
        )
        for place, row in enumerate(ROWS)
    ]


def lines() -> list[Line]:
    """Plans, days and monthly amounts; the packaged project's parts speak for it."""
    book = Book()
    for row in ROWS:
        dates(book, row)
        if not row.plan:
            continue
        for month, percent in row.curve or LINE:
            period = periods.last_day(YEAR, month)
            book.write(
                code(row), "investment", "plan", period, row.plan * 100 * percent, body=row.body, at=sent(row.body, date(YEAR, 1, 14))
            )
        if row.stage != "reserve" and row.started:
            amounts = course(code(row), row.plan * 100 * row.percent, row.shape, step=10_000)
            book.monthly(code(row), "investment", amounts, body=row.body, until=row.until)
        elif row.code == "culture-centre":
            book.write(code(row), "investment", "report", date(2021, 6, 30), 0, body=row.body)
    afterwards(book)
    return book.lines


def dates(book: Book, row: Project) -> None:
    """The promised days and those that came true."""
    first = row.start.year if row.start else YEAR
    if row.start:
        book.due(code(row), "start", row.start, body=row.body, year=first)
    if row.finish:
        book.due(code(row), "finish", FIRST_FINISH.get(row.code, row.finish), body=row.body)
    if row.code in CONVERTING:
        book.due(code(row), "converted", CONVERTING[row.code], body=row.body)
    if row.code in CONVERTED:
        book.happened(code(row), "converted", CONVERTED[row.code], body=row.body)
    for measure, day in (("start", row.started), ("enrolled", row.enrolled), ("produced", row.produced), ("finish", row.finished)):
        if day:
            book.happened(code(row), measure, day, body=row.body)


CONVERTING: Final = {"solar-roofs": date(2021, 9, 30), "river-museum": date(2021, 7, 30)}
"""By when what is in reserve is to be converted (储备转化)."""
CONVERTED: Final = {"live-studios": date(2021, 2, 26), "cold-store": date(2021, 5, 14)}
"""What came out of the reserve this year, and when."""
FIRST_FINISH: Final = {"parking": date(2021, 9, 30)}


def afterwards(book: Book) -> None:
    """A finish set later with a reason, and an enrolment that was reported too early and withdrawn."""
    parking = next(row for row in ROWS if row.code == "parking")
    book.write(
        code(parking),
        "finish",
        "plan",
        YEAR_END,
        parking.finish,
        body=parking.body,
        at=datetime(2021, 6, 16, 9, 45, tzinfo=SHANGHAI),
        reason="道闸设备改型，竣工日期经批准顺延两个月。",
    )
    period = date(2021, 5, 31)
    book.write(code("culture-centre"), "enrolled", "report", period, date(2021, 5, 20), body="tunxi-culture")
    book.write(
        code("culture-centre"),
        "enrolled",
        "report",
        period,
        None,
        body="tunxi-culture",
        at=datetime(2021, 6, 9, 14, 10, tzinfo=SHANGHAI),
        reason="尚未开工，入库条件不具备，撤回。",
    )
