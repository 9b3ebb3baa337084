"""One report is accepted among very many undertakings: how long until what is shown is right again, against accepting it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bench.ground import TODAY
from bench.measuring import Row, alternate

SIZE = 100_000
YEARS = (TODAY.year,)
MOST_TIMES = 3
PAGE = 25


def one_report(size: int, runs: int) -> list[Row]:
    """Accept a report, commit it, and ask for the day's counts, the first page of the list and the light of who reported.

    What the process had read at the head before is warm, as it is in a server that somebody uses. Ends with an error when anything
    shown differs from what is computed anew.
    """
    from django.test import Client

    from duban.intake import actions
    from duban.ledger.actions import Line
    from duban.people.models import User
    from duban.registry.models import Undertaking
    from duban.standing import reads
    from duban.standing.actions import stand
    from duban.standing.sheets import discard
    from duban.web.listing import within

    reporter, reviewer, leader = (User.objects.get(username=name) for name in ("reporter", "reviewer", "leader"))
    reach = within(("district/",))
    chosen = iter(Undertaking.objects.select_related("lead_body", "programme").order_by("-pk")[: 4 * runs + 4])
    now = datetime.combine(TODAY, datetime.min.time()).astimezone() + timedelta(hours=9)
    made: dict[str, Any] = {}

    def send() -> None:
        made["promise"] = promise = next(chosen)
        line = Line(promise.pk, promise.programme.lead_measure_id, "report", TODAY, amount=Decimal(made["promise"].pk), reason="更正")
        draft = actions.draft(body=promise.lead_body, by=reporter, lines=[line], on=TODAY)
        made["sent"] = actions.submit(submission=draft, by=reporter, now=now)

    def accept() -> None:
        actions.accept(submission=made["sent"], by=reviewer, now=now)

    def shown() -> tuple[Any, ...]:
        snapshot = stand(as_of=TODAY)
        page = reads.standings(snapshot, reach).select_related("undertaking__programme", "undertaking__lead_body", "measure")[:PAGE]
        light = snapshot.standings.values("light", "rule", "done", "gap", "cure_amount").get(undertaking=made["promise"])
        return snapshot, reads.overview(snapshot, reach), reads.counts(snapshot, reach), [row.undertaking_id for row in page], light

    client = Client()
    client.force_login(leader, backend="allauth.account.auth_backends.AuthenticationBackend")

    def asked(address: str) -> None:
        answer = client.get(address.format(code=made["promise"].code), headers={"host": "127.0.0.1"})
        if answer.status_code != 200:
            raise SystemExit(f"bench: {address} answered {answer.status_code}")

    pages = {
        "overview": "/desk/",
        "list": "/desk/undertakings/",
        "undertaking": "/desk/undertakings/{code}/",
        "changes": "/desk/changes/",
        "stages": "/desk/stages/",
    }
    rivals = {"accept": accept, "shown": shown} | {name: lambda address=address: asked(address) for name, address in pages.items()}
    for _ in range(2):  # every statement is compiled, everything is shown once
        send(), accept(), shown(), *(asked(address) for address in pages.values())
    told = alternate(rivals, runs=runs, before={"accept": send}, apart=False)
    snapshot, *kept = shown()
    again = _anew(snapshot, discard, shown)
    if kept != again:
        raise SystemExit("bench: what was brought forward differs from what is computed anew")
    reported = f"one report among {size:,} undertakings"
    return [
        Row(f"floor: accept {reported}", told["accept"]),
        Row("counts, list and light right again", told["shown"], told["accept"], MOST_TIMES),
        *(Row(f"  {name} page, asked anew", told[name], told["accept"]) for name in pages),
    ]


def _anew(snapshot: Any, discard: Any, shown: Any) -> list[Any]:
    """The same with nothing kept."""
    discard(keep=0)
    later, *found = shown()
    if later.pk == snapshot.pk and later.computed_at == snapshot.computed_at:
        raise SystemExit("bench: nothing was computed anew")
    return found
