"""Milliseconds that each page takes on a store of a hundred thousand resources, half a million findings and a year.

The server's time alone: no browser, no network. Each page is asked for once before, as what is imported late and what
is assessed once for all pages is measured by itself.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import chdir
from datetime import datetime

from starlette.testclient import TestClient

from bench.scale_platform import estate, scale
from bench.scale_reading import FIVE_RULES, NOW, THINGS, ScaleApp, write_year
from bench.store import sqlite
from collector.core.canonical import Digest
from collector.setup.config import load
from collector.setup.loading import LoadedConnector
from collector.web.application import application
from collector.web.site import Site
from storage import open_store
from tests.web.one_viewer import OneViewer

_GOAL = 150.0
_CHECK = FIVE_RULES[0].check.id
_PLACE = "place-3"

PAGES = (
    "/",
    "/controls",
    "/controls/bench:1/1",
    "/controls/bench:1/1/period?from=2026-01-01&to=2026-12-31",
    "/findings?verdict=fail&scope=in",
    "/findings?group=none",
    "/findings?group=none&sort=age",
    "/findings?group=resource",
    "/findings?group=resource&verdict=fail",
    "/findings?group=control",
    "/findings?q=place-3-7",
    "/findings?q=resource%3Aplace-3",
    f"/findings/{_CHECK}/scale?in={_PLACE}&resource={_PLACE}-7",
    f"/evidence/scale/scale.thing/{_PLACE}-7?in={_PLACE}&check={_CHECK}",
    "/coverage",
    "/collections",
    "/runs",
    "/log",
    "/checks",
    f"/checks/{_CHECK}",
    "/search?q=place-3-7",
    "/search?q=encrypted",
    "/search?q=nothing-of-that-name",
    "/soa",
    "/risks",
    "/diff?from=2026-11-01&to=2026-11-30",
)


class _Clock:
    def now(self) -> datetime:
        """Return the moment of the store's last scan."""
        return NOW


def run(share: float | None = None) -> None:
    """Print each page, the slowest first, beside the goal."""
    share = 1.0 if share is None else share
    with sqlite() as database, chdir(database.folder):
        # In a process of its own, whose memory is not that of the pages.
        writing = multiprocessing.get_context("spawn").Process(
            target=write_year, args=(database.name, database.folder, database.url, share)
        )
        writing.start()
        writing.join()
        if writing.exitcode:
            raise SystemExit(f"the year could not be written: its process ended with {writing.exitcode}")
        path = database.folder / "config.toml"
        path.write_text(f'[store]\nurl = "{database.url}"\n[sources.scale]\nconnector = "scale"\n')
        checks = {rule.check.id: rule.check for rule in FIVE_RULES}
        app = ScaleApp(
            load(path, {}),
            {"scale": LoadedConnector(scale, checks, Digest("sha256:code"))},
            settings=estate(THINGS, share),
        )
        with open_store(database.url, writer=False, clock=_Clock().now) as store:
            app.stores.append(store)
            site = Site(app, _Clock())  # type: ignore[arg-type]  # it is asked for the moment only
            with TestClient(application(site, OneViewer()), base_url="http://localhost") as browser:
                _print(sorted(_measured(browser), reverse=True), share)


def _measured(browser: TestClient) -> Iterator[tuple[float, str, int]]:
    milliseconds, status = _asked(browser, "/methods")
    yield milliseconds, "the first page after something was recorded", status
    for page in PAGES:
        _asked(browser, page)
        milliseconds, status = min(_asked(browser, page) for _ in range(3))
        yield milliseconds, page, status


def _asked(browser: TestClient, page: str) -> tuple[float, int]:
    began = time.perf_counter()
    status = browser.get(page).status_code
    return (time.perf_counter() - began) * 1e3, status


def _print(found: list[tuple[float, str, int]], share: float) -> None:
    print(f"{'page':<76} {'ms':>8}    goal {_GOAL:g} ms, {share:g} of the full size")
    for milliseconds, page, status in found:
        odd = "" if status == 200 else f"  answered {status}"
        print(f"{page:<76} {milliseconds:>8.1f}{'' if milliseconds <= _GOAL else '  (not reached)'}{odd}")
