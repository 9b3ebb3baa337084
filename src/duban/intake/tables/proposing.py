"""What the columns of somebody's table most likely mean, guessed from their headings and values; a person confirms it once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from duban.core import tables, tables_amounts
from duban.core.refusals import Refusal
from duban.core.tables import Cell, Column, Table
from duban.core.tables_periods import plain
from duban.core.tables_totals import says_total
from duban.intake.tables import cells as tables_cells
from duban.intake.tables.meanings import FRACTION, VALUES, Meaning, factor, scaled
from duban.intake.tables.rows import NOBODY, Names, names, spoken
from duban.registry.models import Measure, Programme

SAMPLED: Final = 300
SHOWN: Final = 5
"""So many values of a column are shown beside what it is taken for."""

_KEY: Final = re.compile(r"编码|代码|编号|统一代码|code\b|(?:^|_|\b)id$|number$", re.IGNORECASE)
_NAME: Final = re.compile(
    r"^(?!.*(?:单位|部门|责任|建设|负责)).*(?:名称|工程名|事项|项目$|地区|县区|乡镇|镇街)|(?:^|_|\b)name|^(?:project|district|undertaking)$",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(
    r"序号|备注|责任|联系|电话|包保|领导|内容|地址|地点|问题|措施|排名|名次|位次|增幅|增速|同比|环比|^no\.?$", re.IGNORECASE
)
_SHARE: Final = re.compile(
    r"占.*(?:计划|比|年度)|(?:完成|支付|拨付|到位)[^/]*(?:率|比例|百分比)|完成(?:年度|年|全年)?计划|[^/]*占比|share of|% of", re.IGNORECASE
)
_ORIGINAL: Final = re.compile(r"原(?:计划|定|批复|概算|投资|始)|最初|original|initial|baseline", re.IGNORECASE)
_PLAN: Final = re.compile(r"计划|目标|任务|概算|总投资|拟|应完成|调整后|revised|plan|target|budget|anticipated", re.IGNORECASE)
_DONE: Final = re.compile(r"完成(?!时间|日期)|累计|实际|actual|cumulative|spent|done", re.IGNORECASE)
_MONEY: Final = re.compile(r"投资|资金|支出|拨付|金额|造价|概算|expenditure|invest|spen[dt]|cost|amount", re.IGNORECASE)
_LIFE: Final = re.compile(
    r"总投资|概算|自?开工(?:以来|至今|累计)|建设以来|历年|cumulative|\bcost|total|_cost|original|revised", re.IGNORECASE
)
_YEAR: Final = re.compile(r"年度|本年|今年|当年|全年|\d{4}年|1-\d+月|year", re.IGNORECASE)
_BARE: Final = re.compile(r"(?:\{year\}[/年]?)?(?:\{month\}|\{to\})|累计(?:完成)?|(?:本|当)月(?:完成)?")
_DAY: Final = re.compile(r"时间|日期|年月|date|_dmy|_ymd|_on$", re.IGNORECASE)
_IDEAS: Final = tuple(
    (re.compile(heading, re.IGNORECASE), re.compile(measure, re.IGNORECASE))
    for heading, measure in (
        (r"形象进度|工程进度|进度|progress|percent complete", r"进度|progress"),
        (r"开工|动工|start|commence", r"开工|start"),
        (r"竣工|完工|建成|完成(?:时间|日期)|finish|complet|\bend|_end", r"竣工|完工|finish|complet|\bend"),
        (r"入库|纳统|enrol", r"入库|纳统|enrol"),
        (r"投产|达产|production", r"投产|produc"),
        (r"签约|signed", r"签约|sign"),
        (r"批复|核准|立项|sanction|approv", r"批复|核准|立项|sanction|approv"),
        (r"接种|针次|dose", r"接种|dose"),
    )
)


@dataclass(slots=True)
class Proposed:
    """A column with what it is taken for, some of its values, and what a person has to be asked about it (by name)."""

    column: Column
    meaning: Meaning
    shown: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Proposal:
    """What a table is taken for. `month` is the one that it says it speaks of; None where it does not say."""

    table: Table
    columns: list[Proposed]
    month: date | None


def proposed(sheet: Any, *, programme: Programme, name: str = "") -> Proposal:
    """The proposal for a sheet; `name` is its file's. Raises `Refusal` "table-not-found"."""
    table = tables.laid_out(sheet.rows, sheet.merged)
    measures = list(programme.measures.all())
    known = names(programme, programme.owner)
    columns = [_column(table, column, measures) for column in table.head.columns]
    month = tables.month_of(table.head, names=(sheet.name, name))
    for one in columns:
        _ahead(one, table, month)
    _name_rows(table, columns, known)
    _each_once(columns)
    return Proposal(table, columns, month)


def _ahead(one: Proposed, table: Table, month: date | None) -> None:
    """Days of which most lie after the month that the table speaks of have not been: they are planned, whatever the heading says."""
    if month is None or one.meaning.role != "report" or "order" in one.asks:
        return
    days = [read for cell in _sample(table, one.column.index) if _day(cell) and (read := _read_day(cell, one.meaning.order))]
    if 2 * sum(day > month for day in days) > len(days):
        one.meaning = replace(one.meaning, role="plan", period="year")


def _read_day(cell: Cell, order: str) -> date | None:
    try:
        return tables_cells.day(cell, order)
    except (Refusal, tables_cells.Silent):
        return None


def _sample(table: Table, index: int) -> list[Cell]:
    """Some of the values in a column: none of totals, silence or what says nothing."""
    cells = table.cells(index)[: table.ended]
    kept = [cell for place, cell in enumerate(cells[:SAMPLED]) if place not in table.totals and not tables_cells.says_nothing(cell)]
    return kept or [cell for cell in cells if not tables_cells.says_nothing(cell)][:SAMPLED]


def _number(cell: Cell) -> bool:
    return type(cell) in (int, float) or (
        isinstance(cell, str) and bool(re.match(r"^[-+¥$]?\s*\d[\d,]*(?:\.\d+)?\s*\D{0,4}$", tables.words(cell)))
    )


def _day(cell: Cell) -> bool:
    return isinstance(cell, date) or (isinstance(cell, str) and bool(tables_cells.orders(tables.words(cell))))


def _column(table: Table, column: Column, measures: Sequence[Measure]) -> Proposed:
    sample = _sample(table, column.index)
    base = Meaning(column.heading, column.pattern)
    one = Proposed(column, base, [tables.words(cell) for cell in sample[:SHOWN]])
    heading = plain(column.heading)
    days = sum(map(_day, sample))
    numbers = sum(map(_number, sample)) - sum(isinstance(cell, str) and _day(cell) for cell in sample)
    if _ASIDE.search(heading) or not measures:
        return one
    dated = days >= max(numbers, 1) or (not numbers and _DAY.search(heading))
    holds = Measure.Holds.DAY if dated else Measure.Holds.AMOUNT
    if sample and 2 * (days if dated else numbers) < len(sample):
        return one
    role = _role(heading)
    if says_total(heading.rsplit("/", 1)[-1]):
        role = "total-check"
    found = _measure(heading, " ".join(table.head.captions), column, [measure for measure in measures if measure.holds == holds], role)
    if found is None or role == "ignore":
        return one
    one.meaning = replace(base, role=role, measure=found.code, period=_period(column, role, found))
    _unit(one, table, found, sample)
    _order(one, found, sample)
    return one


def _role(heading: str) -> str:
    """A share of the plan is none of ours; a plan before anything was done is a plan."""
    if _SHARE.search(heading):
        return "ignore"
    if _ORIGINAL.search(heading):
        return "original"
    last = heading.rsplit("/", 1)[-1]
    if _PLAN.search(last) or (_PLAN.search(heading) and not _DONE.search(heading)):
        return "plan"
    return "report"


def _score(heading: str, column: Column, measure: Measure) -> float:
    """How much a heading speaks of a measure; 0 for not at all."""
    lower, called = heading.lower().replace("_", " "), plain(measure.name)
    own = " ".join([measure.name, measure.name_en, measure.code])
    score = 0.0
    if called and called in heading:
        score += 6 + len(called) / 10
    elif any(word and len(word) > 2 and word.lower() in lower for word in (measure.name_en, measure.code.replace("-", " "))):
        score += 5
    if any(said.search(lower) and meant.search(own) for said, meant in _IDEAS):
        score += 4
    if measure.holds == Measure.Holds.AMOUNT and _MONEY.search(heading) and _is_money(measure):
        score += 2
        score += 1.5 * (measure.accumulates == Measure.Accumulates.LIFE and bool(_LIFE.search(lower)))
        score += 1.5 * (
            measure.accumulates == Measure.Accumulates.YEAR and bool(_YEAR.search(heading) or (column.span and column.span.last))
        )
    alike = max(difflib.SequenceMatcher(None, heading.lower(), word.lower()).ratio() for word in (called, measure.name_en or called))
    return score + (2 * alike if alike >= 0.6 else 0)


def _is_money(measure: Measure) -> bool:
    return measure.unit.endswith("元") or bool(re.search(r"yuan|crore|lakh|usd|rs\b|\$|¥", measure.unit, re.IGNORECASE))


def _measure(heading: str, title: str, column: Column, measures: Sequence[Measure], role: str) -> Measure | None:
    """The measure that a heading speaks of most. A heading that only names a month or a total means what the title speaks of."""
    bare = _BARE.fullmatch(column.pattern) or role == "total-check"
    for words in (heading, f"{title} {heading}") if bare else (heading,):
        scored = [(_score(words, column, measure), -measure.order, measure) for measure in measures]
        score, _, best = max(scored, key=lambda one: one[:2], default=(0.0, 0, None))
        if best is not None and score > 0:
            whole = re.search(r"总投资|概算", words) and best.accumulates == Measure.Accumulates.YEAR
            return None if whole else best
    added = [measure for measure in measures if measure.accumulates != Measure.Accumulates.LEVEL]
    return added[0] if bare and len(added) == 1 else None


def _period(column: Column, role: str, measure: Measure) -> str:
    if role in ("plan", "original"):
        return "year"
    span = column.span
    if span is None or measure.holds == Measure.Holds.DAY:
        return "file"
    alone = span.alone and measure.accumulates != Measure.Accumulates.LEVEL and role == "report"
    return ("own" if span.last else "file") + ("-alone" if alone else "")


def _unit(one: Proposed, table: Table, measure: Measure, sample: Sequence[Cell]) -> None:
    """The column's own unit, else the table's where it fits; a measure that is told in several units has to be asked about."""
    if measure.holds == Measure.Holds.DAY:
        return
    for told in (one.column.unit, table.head.unit, "" if scaled(measure) else measure.unit):
        unit = _fitting(told, measure)
        if unit:
            one.meaning = replace(one.meaning, unit=unit)
            break
    else:
        one.asks.append("unit")
    told_numbers = [float(cell) for cell in sample if type(cell) in (int, float)]  # type: ignore[arg-type]
    if measure.unit == "%" and tables_amounts.like_shares(np.array(told_numbers)):
        one.meaning = replace(one.meaning, unit=FRACTION)
        one.asks.append("unit")


def _fitting(told: str, measure: Measure) -> str:
    """A unit as the measure's own catalogue spells it; empty where it is none of the measure's."""
    alike = {measure.unit.lower(), measure.unit_en.lower(), measure.unit.lower().removeprefix("rs").strip(" .")}
    if re.fullmatch(r"(?:rs\.? ?)?(?:crores?|cr)", told, re.IGNORECASE) and "crore" in measure.unit.lower():
        return measure.unit
    if told and told.lower() in alike:
        return measure.unit
    try:
        factor(told, measure)
    except Refusal:
        return ""
    return told


def _order(one: Proposed, measure: Measure, sample: Sequence[Cell]) -> None:
    """Day before month or month before day, as the column's own values tell; asked where they do not."""
    if measure.holds != Measure.Holds.DAY:
        return
    told = [orders for cell in sample if isinstance(cell, str) and (orders := tables_cells.orders(tables.words(cell)))]
    possible = set.intersection(*told) if told else {"ymd"}
    hinted = re.search(r"(dmy|mdy|ymd)", one.column.heading.lower())
    if len(possible) == 1:
        one.meaning = replace(one.meaning, order=next(iter(possible)) if told else "")
    elif hinted and hinted[1] in possible:
        one.meaning = replace(one.meaning, order=hinted[1])
    else:
        one.asks.append("order")


def _name_rows(table: Table, columns: list[Proposed], known: Names) -> None:
    """The columns that name the rows: by how many of their values are codes or names of the programme, else by their headings."""
    shares: list[tuple[float, float, Proposed]] = []
    for one in columns:
        sample = [text for cell in _sample(table, one.column.index) if (text := spoken(cell))]
        codes = sum(text in known.codes for text in sample) / (len(sample) or 1)
        called = sum(known.find(text) != NOBODY and text not in known.codes for text in sample) / (len(sample) or 1)
        shares.append((codes, called, one))
    key = max(shares, key=lambda share: share[0], default=None)
    name = max(shares, key=lambda share: share[1], default=None)
    by_key = key[2] if key and key[0] >= 0.3 else _headed(columns, _KEY)
    by_name = name[2] if name and name[1] >= 0.2 else _headed([one for one in columns if one is not by_key], _NAME)
    for one, role in ((by_key, "key"), (by_name, "name")):
        if one is not None:
            one.meaning, one.asks = Meaning(one.column.heading, one.column.pattern, role), []
    if by_key is None and by_name is None and columns:
        columns[0].asks.append("rows")


def _headed(columns: Sequence[Proposed], words: re.Pattern[str]) -> Proposed | None:
    return next((one for one in columns if words.search(plain(one.column.heading)) and one.meaning.role == "ignore"), None)


def _each_once(columns: list[Proposed]) -> None:
    """Nothing is told by two columns: a month beside what has come together by it is passed over, and so is a second telling."""
    to_date = {one.meaning.measure for one in columns if one.meaning.role == "report" and one.meaning.period == "file"}
    told: set[tuple[str, ...]] = set()
    monthly = {one.meaning.measure for one in columns if one.meaning.role == "report" and one.meaning.alone}
    for one in columns:
        meaning = one.meaning
        if meaning.role not in VALUES:
            continue
        what = (meaning.role, meaning.measure, meaning.period, meaning.heading if meaning.period.startswith("own") else "")
        beside = meaning.period == "file-alone" and meaning.measure in to_date
        idle = meaning.role == "total-check" and meaning.measure not in monthly
        if what in told or beside or idle:
            one.meaning = Meaning(meaning.heading, meaning.pattern)
            one.asks = ["twice"] if what in told else []
        told.add(what)
