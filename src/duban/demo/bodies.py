"""The tree of authorities from Anhui down to the departments and towns of Tunxi, and who signs for them."""

from __future__ import annotations

import math
from typing import Final

from duban.demo.rows import AccountRow, BodyRow

DISTRICTS: Final = (
    ("tunxi", "屯溪区", "Tunxi District"),
    ("huangshan-district", "黄山区", "Huangshan District"),
    ("huizhou", "徽州区", "Huizhou District"),
    ("shexian", "歙县", "She County"),
    ("xiuning", "休宁县", "Xiuning County"),
    ("yixian", "黟县", "Yi County"),
    ("qimen", "祁门县", "Qimen County"),
)

DEPARTMENTS: Final = (
    ("tunxi-office", "区政府办（督查室）", "District Government Office (Supervision)"),
    ("tunxi-drc", "区发展和改革委员会", "Development and Reform Commission"),
    ("tunxi-finance", "区财政局", "Finance Bureau"),
    ("tunxi-industry", "区科技商务经济信息化局", "Science, Commerce and Industry Bureau"),
    ("tunxi-investment", "区投资促进中心", "Investment Promotion Centre"),
    ("tunxi-housing", "区住房和城乡建设局", "Housing and Urban-Rural Development Bureau"),
    ("tunxi-transport", "区交通运输局", "Transport Bureau"),
    ("tunxi-resources", "市自然资源和规划局屯溪分局", "Natural Resources and Planning Branch"),
    ("tunxi-environment", "市生态环境局屯溪分局", "Ecology and Environment Branch"),
    ("tunxi-urban", "区城市管理局", "Urban Management Bureau"),
    ("tunxi-agriculture", "区农业农村水利局", "Agriculture, Rural Affairs and Water Bureau"),
    ("tunxi-education", "区教育局", "Education Bureau"),
    ("tunxi-health", "区卫生健康委员会", "Health Commission"),
    ("tunxi-employment", "区人力资源和社会保障局", "Human Resources and Social Security Bureau"),
    ("tunxi-medicare", "区医疗保障局", "Healthcare Security Bureau"),
    ("tunxi-civil", "区民政局", "Civil Affairs Bureau"),
    ("tunxi-disabled", "区残疾人联合会", "Disabled Persons' Federation"),
    ("tunxi-justice", "区司法局", "Justice Bureau"),
    ("tunxi-market", "区市场监督管理局", "Market Regulation Bureau"),
    ("tunxi-culture", "区文化旅游体育局", "Culture, Tourism and Sports Bureau"),
)

TOWNS: Final = (
    ("tunguang", "屯光镇", "Tunguang Town", 29.7330, 118.3360),
    ("yanghu", "阳湖镇", "Yanghu Town", 29.7000, 118.3250),
    ("liyang", "黎阳镇", "Liyang Town", 29.7065, 118.2940),
    ("xintan", "新潭镇", "Xintan Town", 29.7270, 118.2700),
    ("yiqi", "奕棋镇", "Yiqi Town", 29.7370, 118.2480),
    ("yudong", "昱东街道", "Yudong Subdistrict", 29.7130, 118.3300),
    ("yuzhong", "昱中街道", "Yuzhong Subdistrict", 29.7165, 118.3160),
    ("yuxi", "昱西街道", "Yuxi Subdistrict", 29.7175, 118.3030),
    ("laojie", "老街街道", "Laojie Subdistrict", 29.7100, 118.3060),
)
"""Code, names, and a point within the town."""


def bodies() -> list[BodyRow]:
    """Every body, parents before their parts."""
    return [
        BodyRow("anhui", "", "province", "安徽省", "Anhui Province"),
        BodyRow("huangshan", "anhui", "city", "黄山市", "Huangshan City"),
        *(BodyRow(code, "huangshan", "district", name, english) for code, name, english in DISTRICTS),
        *(BodyRow(code, "tunxi", "department", name, english) for code, name, english in DEPARTMENTS),
        *(BodyRow(code, "tunxi", "town", name, english) for code, name, english, _, _ in TOWNS),
    ]


SIGNING_IN: Final = (
    AccountRow("admin", "administrator", "tunxi", "区管理员（演示）", "Administrator (demo)"),
    AccountRow("dispatcher", "dispatcher", "tunxi", "区督办室调度员（演示）", "Dispatcher (demo)"),
    AccountRow("reporter-housing", "reporter", "tunxi-housing", "区住建局填报员（演示）", "Reporter, housing (demo)"),
    AccountRow("reporter-education", "reporter", "tunxi-education", "区教育局填报员（演示）", "Reporter, education (demo)"),
    AccountRow("reviewer", "reviewer", "tunxi", "区督办室审核员（演示）", "Reviewer (demo)"),
    AccountRow("leader", "leader", "tunxi", "区领导（演示）", "Leader (demo)"),
    AccountRow("supervisor", "supervisor", "tunxi", "区督查员（演示）", "Supervisor (demo)"),
    AccountRow("editor", "editor", "tunxi", "区融媒体中心编辑（演示）", "Editor (demo)"),
    AccountRow("resident", "", "", "居民（演示）", "Resident (demo)"),
)

CITY_REPORTER: Final = "city-reporter"
CITY_REVIEWER: Final = "city-reviewer"
REVIEWER: Final = "reviewer"


def reporter(body: str) -> str:
    """Who sends the lines of a body."""
    return CITY_REPORTER if body == "huangshan" else "reporter-" + body.removeprefix("tunxi-")


def reviewer(body: str) -> str:
    """Who accepts the lines of a body."""
    return CITY_REVIEWER if body == "huangshan" else REVIEWER


def accounts() -> list[AccountRow]:
    """Those who sign in, then those whose titles only stand under the records."""
    known = {account.username for account in SIGNING_IN}
    silent = [
        AccountRow(reporter(code), "reporter", code, f"{name}填报员（演示）", f"Reporter, {english} (demo)", signs_in=False)
        for code, name, english in DEPARTMENTS
        if reporter(code) not in known
    ]
    return [
        *SIGNING_IN,
        *silent,
        AccountRow(CITY_REPORTER, "reporter", "huangshan", "市级统计填报员（演示）", "City statistics reporter (demo)", signs_in=False),
        AccountRow(CITY_REVIEWER, "reviewer", "huangshan", "市级审核员（演示）", "City reviewer (demo)", signs_in=False),
    ]


def point(town: str, place: int) -> tuple[float, float]:
    """A plausible point in a town for its `place`-th undertaking: a golden-angle spiral around the town's own."""
    latitude, longitude = next((lat, lon) for code, _, _, lat, lon in TOWNS if code == town)
    angle = place * math.pi * (3 - math.sqrt(5))
    radius = 0.0016 * math.sqrt(place % 12 + 1)
    return round(latitude + radius * math.sin(angle), 4), round(longitude + radius * 1.15 * math.cos(angle), 4)
