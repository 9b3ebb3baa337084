"""The month of a body as a workbook to take along."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.core import periods
from duban.intake import workbooks
from duban.people.models import Body
from duban.people.permits import appointments, may, permit
from duban.web import display
from duban.web.context import today

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _body(request: HttpRequest) -> Body:
    """The body asked for, else the first that the reader reports for. Raises PermissionDenied, also for a body that is not there."""
    code = request.GET.get("body", "")
    if code:
        found = Body.objects.filter(code=code).first()
    else:
        found = next((held.body for held in appointments(request.user) if may(request.user, "report.write", held.body)), None)
    if found is None or not may(request.user, "report.write", found):
        raise PermissionDenied("report.write")
    return found


@permit("report.write")
@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """The workbook of a body and a month, in the page's language; without a month the last that has ended."""
    body, asked, on = _body(request), request.GET.get("period", ""), today()
    period = periods.read_period(asked) if asked else periods.ended_month(on)
    content = workbooks.written(body=body, period=period, language=display.language(), by=request.user, on=on)  # type: ignore[arg-type]
    name = " ".join([display.told(body), _("Report for %(month)s") % {"month": display.period(period)}])
    disposition = content_disposition_header(True, f"{name}.xlsx")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
