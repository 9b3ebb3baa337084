"""Somebody's own table: which sheet it is, what its columns mean, which rows nobody knows; asked once, kept, and forgotten on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.core import numerals, periods
from duban.core.refusals import Refusal
from duban.core.tables import words
from duban.intake import tables, uploads
from duban.intake.models import TableMapping, Upload
from duban.intake.tables import asking, keeping, meanings
from duban.intake.tables.meanings import Meaning
from duban.intake.tables.proposing import Proposal, Proposed
from duban.people.permits import may, permit
from duban.registry import actions as registry
from duban.registry.models import Measure, Programme, Undertaking
from duban.web import display, wording
from duban.web.context import today

MONTHS_OFFERED = 18
BODY_SHOWN = 4
MONEY = ("元", "万元", "亿元")
LATER, LEAVE_OUT, CREATE = "later", "leave-out", "create"


def _asking(request: HttpRequest, pk: int) -> Upload:
    """The file, for who may send for its body."""
    found = get_object_or_404(uploads.visible(request.user), pk=pk)
    if not may(request.user, "report.write", found.body):
        raise Http404
    return found


def _gone_on(upload: Upload) -> HttpResponse | None:
    """To the file's own page, once it is not asked about any more."""
    return None if upload.state == Upload.State.ASKING else redirect("web:upload", upload.pk)


def _months(*more: date | None) -> list[date]:
    """The months offered, the newest first, and those that a file names itself."""
    last = periods.ended_month(today())
    offered = {periods.months_before(last, back) for back in range(MONTHS_OFFERED)} | {month for month in more if month}
    return sorted(offered, reverse=True)


@permit("report.write")
@require_safe
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Which sheet, for which programme, of which month. Where there is nothing to choose it leads on to the columns."""
    upload = _asking(request, pk)
    if gone := _gone_on(upload):
        return gone
    found = asking.candidates(upload)
    if not found:
        raise Refusal("table-not-found")
    offered = list(asking.programmes(upload.body, request.user))
    months = {one.name: upload.period or one.month for one in found}
    if len(found) == len(offered) == 1 and months[found[0].name]:
        return redirect(_address("web:table_columns", upload, found[0].name, offered[0].code, months[found[0].name]))
    facts = {
        "here": "uploads",
        "upload": upload,
        "candidates": found,
        "programmes": offered,
        "likeliest": asking.likeliest(found[0].table, offered, upload.body),
        "months": _months(upload.period, *months.values()),
        "month": next((month for month in months.values() if month), None),
    }
    return render(request, "web/tables/place.html", facts)


def _address(name: str, upload: Upload, sheet: str, programme: str, month: date | None) -> str:
    asked = QueryDict(mutable=True)
    asked.update({"sheet": sheet, "programme": programme, "period": f"{month:%Y-%m}" if month else ""})
    return f"{reverse(name, args=[upload.pk])}?{asked.urlencode()}"


@dataclass(slots=True)
class Chosen:
    """What was chosen in the first step; `month` is the last day of the month that the file speaks of."""

    upload: Upload
    candidate: asking.Candidate
    programme: Programme
    month: date


def _chosen(request: HttpRequest, upload: Upload) -> Chosen:
    """The sheet, the programme and the month that the address names. Raises Http404 for what the file or the body has not."""
    candidate = next((one for one in asking.candidates(upload) if one.name == request.GET.get("sheet")), None)
    programme = asking.programmes(upload.body, request.user).filter(code=request.GET.get("programme", "")).first()
    if candidate is None or programme is None:
        raise Http404
    return Chosen(upload, candidate, programme, periods.read_period(request.GET.get("period", "")))


@dataclass(slots=True)
class Shown:
    """A column as its choices show it: what it is taken for, and why it should be looked at."""

    proposed: Proposed
    meaning: Meaning
    place: int

    @property
    def chosen(self) -> str:
        """The value of its first choice."""
        return f"{self.meaning.role}:{self.meaning.measure}" if self.meaning.role in meanings.VALUES else self.meaning.role

    @property
    def sure(self) -> bool:
        return not self.proposed.asks


@permit("report.write")
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What each column means, proposed from its heading and values; confirmed once."""
    upload = _asking(request, pk)
    if gone := _gone_on(upload):
        return gone
    chosen = _chosen(request, upload)
    proposal = tables.proposed(chosen.candidate.sheet, programme=chosen.programme, name=upload.name)
    measures = list(chosen.programme.measures.all())
    shown = _shown(proposal, chosen, request.POST, {measure.code: measure for measure in measures})
    wrong = None
    if request.method == "POST":
        try:
            mapping = _keep(request, chosen, shown)
            return redirect(_rows_address(upload, mapping, chosen))
        except Refusal as refusal:
            wrong = refusal
    facts = {
        "here": "uploads",
        "upload": upload,
        "chosen": chosen,
        "wrong": wrong,
        "shown": shown,
        "asked": sum(not one.sure for one in shown),
        "head": asking.drawn(chosen.candidate),
        "body": _first_rows(chosen.candidate),
        "measures": measures,
        "amounts": [measure for measure in measures if measure.holds == Measure.Holds.AMOUNT],
        "units": _units(measures),
        "money": [(unit, display.script(unit)) for unit in MONEY],
        "unit_asked": any("unit" in one.proposed.asks and one.meaning.unit != meanings.FRACTION for one in shown),
        "unit_all": request.POST.get("unit-all", ""),
        "name": request.POST.get("name") or f"{display.told(chosen.programme)} · {upload.name.rsplit('.', 1)[0]}"[:80],
        "reason": request.POST.get("revision_reason", ""),
    }
    return render(request, "web/tables/columns.html", facts, status=200 if wrong is None else 422)


def _first_rows(candidate: asking.Candidate) -> list[list[str]]:
    width = candidate.table.head.columns[-1].index + 1
    rows = candidate.table.rows[:BODY_SHOWN]
    return [[words(cell) for cell in row[: min(width, asking.WIDEST)]] for row in rows]


def _units(measures: Sequence[Measure]) -> list[tuple[str, str]]:
    """The units that a column may be in: each measure's own, and what else counts the same."""
    own = list(dict.fromkeys(measure.unit for measure in measures if measure.unit))
    kinds = {numerals.UNITS[unit][0] for unit in own if unit in numerals.UNITS}
    more = [unit for unit, (kind, _size) in numerals.UNITS.items() if kind in kinds and unit not in own and not unit.isascii()]
    offered = [(unit, display.script(unit)) for unit in [*own, *more]]
    return offered + ([(meanings.FRACTION, _("shares: 0.66 for 66%"))] if "%" in own else [])


def _shown(proposal: Proposal, chosen: Chosen, sent: QueryDict, measures: Mapping[str, Measure]) -> list[Shown]:
    """Every column with what was sent of it, else what was kept of such a head before, else what is proposed."""
    before = TableMapping.objects.filter(
        body=chosen.upload.body, programme=chosen.programme, fingerprint=chosen.candidate.table.head.fingerprint
    ).first()
    kept = dict(meanings.matched(before.columns, chosen.candidate.table.head)) if before else {}
    shown = []
    for place, one in enumerate(proposal.columns):
        meaning = kept.get(one.column, one.meaning)
        if f"meaning-{place}" in sent:
            meaning = _sent(meaning, place, sent, measures)
        shown.append(Shown(one, meaning, place))
    return shown


def _sent(meaning: Meaning, place: int, sent: QueryDict, measures: Mapping[str, Measure]) -> Meaning:
    """A column as it was sent. A day has no unit, and its plan stands at the year's end; an amount has no order of day and month."""
    role, _colon, code = sent.get(f"meaning-{place}", "ignore").partition(":")
    plain, measure = Meaning(meaning.heading, meaning.pattern, role), measures.get(code)
    if role not in meanings.VALUES or measure is None:
        return plain
    if measure.holds == Measure.Holds.DAY:
        period = "file" if role == "report" else "year"
        return replace(plain, measure=code, period=period, order=sent.get(f"order-{place}", ""))
    unit = sent.get(f"unit-{place}") or (sent.get("unit-all", "") if meanings.scaled(measure) else measure.unit)
    return replace(plain, measure=code, period=sent.get(f"period-{place}") or "file", unit=unit)


def _keep(request: HttpRequest, chosen: Chosen, shown: Sequence[Shown]) -> TableMapping:
    reason = request.POST.get("revision_reason", "").strip()[:500]
    return keeping.keep(
        body=chosen.upload.body,
        programme=chosen.programme,
        name=request.POST.get("name", ""),
        fingerprint=chosen.candidate.table.head.fingerprint,
        columns=[one.meaning for one in shown],
        by=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
        options={"sheet": chosen.candidate.name, **({"revision_reason": reason} if reason else {})},
    )


def _rows_address(upload: Upload, mapping: TableMapping, chosen: Chosen) -> str:
    address = _address("web:table_rows", upload, chosen.candidate.name, chosen.programme.code, chosen.month)
    return f"{address}&mapping={mapping.pk}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a row that nobody knows, by its label: no row is taken for another that has taken its place meanwhile."""

    said: str = LATER
    code: str = ""
    kind: str = ""

    @property
    def told(self) -> bool:
        return self.said != LATER


def _answers(sent: QueryDict) -> dict[str, Answer]:
    """The answers of the form, by label."""
    places = {sent[name]: name.removeprefix("label-") for name in sent if name.startswith("label-")}
    return {
        label: Answer(sent.get(f"row-{place}", LATER), sent.get(f"code-{place}", "").strip(), sent.get(f"kind-{place}", ""))
        for label, place in places.items()
    }


@permit("report.write")
@require_http_methods(["GET", "HEAD", "POST"])
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Which undertakings the rows stand for that nobody knows. With none it goes on to reading the file."""
    upload = _asking(request, pk)
    if gone := _gone_on(upload):
        return gone
    chosen = _chosen(request, upload)
    number = request.GET.get("mapping", "")
    mapping = get_object_or_404(asking.mappings(request.user), pk=int(number) if number.isdecimal() else 0, body=upload.body)
    strangers, free = asking.strangers(chosen.candidate.sheet, mapping, upload.body)
    answers = _answers(request.POST)
    if not strangers or request.method == "POST":
        try:
            _tell_rows(request, mapping, {one.label: answers[one.label] for one in strangers if one.label in answers})
            return _read(request, chosen, mapping)
        except Refusal as refusal:
            messages.error(request, wording.told(refusal))
    facts = {
        "here": "uploads",
        "upload": upload,
        "chosen": chosen,
        "strangers": [(one, answers.get(one.label)) for one in strangers],
        "free": free,
        "may_create": may(request.user, "registry.write", chosen.programme.owner) and may(request.user, "registry.write", upload.body),
        "kinds": Undertaking.Kind.choices,
    }
    return render(request, "web/tables/rows.html", facts)


@transaction.atomic
def _tell_rows(request: HttpRequest, mapping: TableMapping, answers: Mapping[str, Answer]) -> None:
    """Keep what was said of all rows, with the undertakings that it makes, or nothing of it."""
    told: dict[str, str] = {}
    for label, answer in answers.items():
        if answer.said == CREATE:
            told[label] = _created(request, mapping, label, answer).code
        elif answer.told:
            told[label] = "" if answer.said == LEAVE_OUT else answer.said
    if told:
        keeping.tell_rows(mapping=mapping, rows=told, by=request.user)  # type: ignore[arg-type]


def _created(request: HttpRequest, mapping: TableMapping, label: str, answer: Answer) -> Undertaking:
    """A new undertaking of the body, named as the row is; its dispatcher fills in the rest. Raises PermissionDenied."""
    return registry.add_undertaking(
        code=answer.code,
        programme=mapping.programme,
        name=label,
        kind=answer.kind or Undertaking.Kind.PROJECT,
        lead_body=mapping.body,
        by=request.user,  # type: ignore[arg-type]
    )


def _read(request: HttpRequest, chosen: Chosen, mapping: TableMapping) -> HttpResponse:
    upload = uploads.told(
        upload=chosen.upload,
        mapping=mapping,
        by=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
        on=today(),
        period=chosen.month,
        sheet=chosen.candidate.name,
    )
    return redirect("web:upload", upload.pk)


@permit("report.write")
@require_safe
def mappings(request: HttpRequest) -> HttpResponse:
    """The tables that are read without asking."""
    found = list(asking.mappings(request.user))
    for one in found:
        one.told = _summary(one)  # type: ignore[attr-defined]
    return render(request, "web/tables/mappings.html", {"here": "uploads", "mappings": found})


def _summary(mapping: TableMapping) -> str:
    read = sum(column.get("role") in ("report", "plan", "original") for column in mapping.columns)
    words = ngettext("%(count)s column is read", "%(count)s columns are read", read) % {"count": read}
    if not mapping.rows:
        return words
    told = ngettext("%(count)s row was told", "%(count)s rows were told", len(mapping.rows)) % {"count": len(mapping.rows)}
    return f"{words} · {told}"


def _mapping(request: HttpRequest, pk: int) -> TableMapping:
    return get_object_or_404(asking.mappings(request.user), pk=pk)


@permit("report.write")
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a mapping something else."""
    keeping.rename(mapping=_mapping(request, pk), name=request.POST.get("name", ""), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The new name is kept."))
    return redirect("web:tables")


@permit("report.write")
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask again about such tables from now on."""
    keeping.forget(mapping=_mapping(request, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Forgotten. The next table with this head will be asked about."))
    return redirect("web:tables")
