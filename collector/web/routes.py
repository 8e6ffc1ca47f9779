"""The addresses of the reading pages, and the function that makes each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.web.changes import changes
from collector.web.checks import check, checks
from collector.web.company_lists import actions, exceptions, inconsistent, records
from collector.web.company_pages import action, exception
from collector.web.controls import control, controls, controls_file
from collector.web.coverage import collections, coverage, coverage_file
from collector.web.diff import diff
from collector.web.evidence import evidence
from collector.web.finding import finding
from collector.web.findings import findings, findings_file
from collector.web.log import log
from collector.web.methods import methods
from collector.web.overview import overview
from collector.web.periods import control_period
from collector.web.risks import risk, risks
from collector.web.runs import run, runs
from collector.web.search import search
from collector.web.soa import soa

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages

    _Made = Callable[[Pages, Request], Response]


def routes(pages: Pages) -> list[Route]:
    """Return the routes; a route without a stated method takes GET and HEAD."""
    return [
        Route("/", partial(overview, pages), name="overview"),
        *_list(pages, "/controls", controls, controls_file),
        Route("/controls/{framework}/{control}", partial(control, pages), name="control"),
        Route("/controls/{framework}/{control}/period", partial(control_period, pages), name="control over a period"),
        *_list(pages, "/changes", changes, changes),
        *_list(pages, "/diff", diff, diff),
        *_list(pages, "/findings", findings, findings_file),
        Route("/findings/{check}/{source}", partial(finding, pages), name="finding"),
        Route("/evidence/{source}/{kind}", partial(evidence, pages), name="evidence of a dotted name"),
        Route("/evidence/{source}/{kind}/{key:path}", partial(evidence, pages), name="evidence"),
        *_list(pages, "/coverage", coverage, coverage_file),
        *_list(pages, "/collections", collections, collections),
        *_list(pages, "/runs", runs, runs),
        Route("/runs/{run}", partial(run, pages), name="run"),
        *_list(pages, "/log", log, log),
        *_list(pages, "/checks", checks, checks),
        Route("/checks/{check}", partial(check, pages), name="check"),
        Route("/methods", partial(methods, pages), name="methods"),
        Route("/search", partial(search, pages), name="search"),
        *_list(pages, "/evidence-requests", records, records),
        *_list(pages, "/actions", actions, actions),
        *_list(pages, "/exceptions", exceptions, exceptions),
        Route("/actions/{action:path}", partial(action, pages), name="action"),
        Route("/exceptions/{exception:path}", partial(exception, pages), name="exception"),
        *_list(pages, "/risks", risks, risks),
        Route("/risks/{risk:path}", partial(risk, pages), name="risk"),
        *_list(pages, "/soa", soa, soa),
        *_list(pages, "/inconsistent", inconsistent, inconsistent),
    ]


def _list(pages: Pages, path: str, page: _Made, file: _Made) -> list[Route]:
    """Return the routes of a list: the page, and the same as a file."""
    return [
        Route(path, partial(page, pages), name=path),
        Route(f"{path}.{{kind}}", partial(file, pages), name=f"{path} file"),
    ]
