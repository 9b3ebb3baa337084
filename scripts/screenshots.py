"""Photograph the pages of the example: `make screenshots` writes build/screenshots/PAGE-WIDTH-LANGUAGE.png.

Those that the README shows are also kept in docs/images, in fewer colours.

The example is loaded into a temporary folder and served on a free port of this machine; nothing of it stays.
Ends with 1 when a page has a fault or shows a barrier that axe-core knows.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "build" / "screenshots"
KEPT = ROOT / "docs" / "images"
LANGUAGES = ("zh-hans", "en")
PAGES = ("home", "receipt", "overview", "stages")
SHOWN = {f"{page}-1440-{language}" for page in PAGES for language in LANGUAGES} | {"receipt-390-zh-hans"}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {1440: 900, 390: 844}
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shot:
    """A page, who looks at it, and what is touched before the picture is taken."""

    name: str
    path: str
    user: str = ""
    touch: str = ""
    wait: str = ""


SHOTS = (
    Shot("home", "/"),
    Shot("article", "ARTICLE"),
    Shot("receipt", "ARTICLE", touch="a.figure:has-text('82.77')", wait="#sheet[open] table"),
    Shot("programme", "/programmes/livelihood/"),
    Shot("overview", "/desk/", user="leader"),
    Shot("list", "/desk/undertakings/", user="leader"),
    Shot("undertaking", "/desk/undertakings/livelihood-small-water/", user="leader"),
    Shot("watch", "/desk/watch/", user="leader"),
    Shot("changes", "/desk/changes/?since=2021-07-31", user="leader"),
    Shot("stages", "/desk/stages/", user="leader"),
    Shot("forecast", "/desk/forecast/", user="leader"),
    Shot("rules", "/desk/rules/", user="leader"),
    Shot("rulebook", "/desk/rules/body/tunxi/", user="leader"),
    Shot("month", "/desk/month/", user="reporter-housing"),
    Shot("queue", "/desk/reports/", user="reviewer"),
    Shot("uploads", "/desk/uploads/", user="reporter-housing"),
    Shot("board", "/desk/board/", user="dispatcher"),
    Shot("batches", "/desk/batches/", user="dispatcher"),
    Shot("calendar", "/desk/programmes/livelihood/calendar/", user="dispatcher"),
    Shot("weights", "/desk/programmes/livelihood/checks/", user="dispatcher"),
)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{address}/healthz").close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not answer")


def _sign_in(page: Any, user: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", password)
    page.click("main form [type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def _article(page: Any) -> str:
    """The address of the article that prints 82.77%."""
    page.goto("/articles/")
    found = page.locator("main a[href^='/articles/']").evaluate_all("links => [...new Set(links.map(link => link.getAttribute('href')))]")
    for path in found:
        page.goto(path)
        if page.locator("a.figure", has_text="82.77").count():
            return str(path)
    raise SystemExit("no article prints 82.77")


def keep(name: str) -> None:
    """Keep the upper part of a picture for the README."""
    with Image.open(IMAGES / f"{name}.png") as picture:
        upper = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, 1000)))
        upper.quantize(192, dither=Image.Dither.NONE).save(KEPT / f"{name}.png", optimize=True)


def photograph(browser: Any, address: str, password: str) -> list[str]:
    """Take every picture and return what is wrong with the pages."""
    faults: list[str] = []
    for language in LANGUAGES:
        for width, height in WIDTHS.items():
            for user in dict.fromkeys(shot.user for shot in SHOTS):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, base_url=address, locale="zh-CN", reduced_motion="reduce"
                )
                context.add_cookies([{"name": "django_language", "value": language, "url": address}])
                page = context.new_page()
                if user:
                    _sign_in(page, user, password)
                article = _article(page) if not user else ""
                for shot in (shot for shot in SHOTS if shot.user == user):
                    page.goto(shot.path.replace("ARTICLE", article), wait_until="networkidle")
                    if shot.touch:
                        page.locator(shot.touch).first.click()
                        page.wait_for_selector(shot.wait)
                    name = f"{shot.name}-{width}-{language}"
                    page.screenshot(path=IMAGES / f"{name}.png", full_page=not shot.touch)
                    if name in SHOWN:
                        keep(name)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > width:
                        faults.append(f"{name}: {wide} pixels wide")
                    page.evaluate(AXE.read_text(encoding="utf-8"))
                    for broken in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
                        faults += [f"{name}: {broken['id']} {node['target']}" for node in broken["nodes"]]
                    print(name)
                context.close()
    return faults


def main() -> int:
    """Serve the example, photograph it, stop."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if not program:
        raise SystemExit("Chromium is not installed: run scripts/bootstrap test")
    for folder in (IMAGES, KEPT):
        folder.mkdir(parents=True, exist_ok=True)
    state, port, password = tempfile.mkdtemp(prefix="duban-screenshots-"), _free_port(), secrets.token_urlsafe(12)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    environment |= {"DUBAN_MODE": "demo", "DUBAN_TODAY": "2021-08-31", "DUBAN_BODY": "tunxi", "DUBAN_STATE": state, "DUBAN_PORT": str(port)}
    duban = [sys.executable, "-m", "duban", "demo", "--serve", "--password", password, "--json"]
    with Path(state, "log").open("wb") as log:
        server = subprocess.Popen(duban, env=environment, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}", server, Path(state, "log"))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
            faults = photograph(browser, f"http://127.0.0.1:{port}", password)
            browser.close()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(state, ignore_errors=True)
    print("\n".join(faults) or "no fault and no barrier found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
