"""`/requests`: what the auditors ask for, what the company answers, and who decided what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.actions.audit_requests import AuditRequestDraft, record_act
from collector.core.audit_requests import RequestState, RequestVerb, may
from collector.core.errors import UsageError
from collector.core.identities import Role
from collector.report.company.audit_request_views import request_threads, request_view, requests_view
from collector.web.acts.refusals import told
from collector.web.acts.writing import acting, looking
from collector.web.people.forms import FormRoute, day, field, fields, file, number
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from collector.core.audit_requests import RequestThread
    from collector.web.pages import Pages
    from collector.web.people.origins import Origins
    from collector.web.people.visitor import Visitor
    from storage import SqlStore

_VERBS = ("answer", "comment", "accept", "return", "withdraw")


def routes(pages: Pages, origins: Origins) -> Sequence[BaseRoute]:
    """Return the routes."""
    return [
        Route("/requests", partial(show_all, pages)),
        FormRoute("/requests", told(pages, ask), origins),
        Route("/requests/{number:number}", partial(show, pages)),
        FormRoute("/requests/{number:number}", told(pages, act), origins),
        Route("/requests/files/{leaf:number}", partial(give_file, pages)),
    ]


def show_all(pages: Pages, request: Request) -> Response:
    """List the requests; those in one state with `state`."""
    visitor = visitor_of(request)
    wanted = request.query_params.get("state", "")
    if wanted and wanted not in set(RequestState):
        raise UsageError(f"there is no state {wanted[:40]!r}", mend=f"the states are {', '.join(RequestState)}")
    with looking(pages.site) as store:
        view = requests_view(store, pages.site.now(), audit=_audit(visitor))
    shown = [found for found in view.requests if not wanted or found.state == wanted]
    return pages.answer(request, "acts/requests.html", view=view, shown=shown, wanted=wanted, visitor=visitor)


def show(pages: Pages, request: Request, refused: UsageError | None = None) -> Response:
    """Show one request with everything that was done about it, and what may be done now."""
    visitor = visitor_of(request)
    with looking(pages.site) as store:
        thread = _thread(store, request.path_params["number"], visitor)
        signed = store.checkpoints.last()
    return pages.answer(
        request,
        "acts/request.html",
        400 if refused else 200,
        found=request_view(thread, pages.site.now()),
        last=thread.last.leaf,
        allowed=may(thread, visitor.identity),
        signed=0 if signed is None else signed.size,
        said=field(request, "text") if refused else "",
        refused=refused,
        visitor=visitor,
    )


def ask(pages: Pages, request: Request) -> Response:
    """Record a new request of the auditor's."""
    visitor = visitor_of(request)
    draft = AuditRequestDraft(
        verb="ask",
        audit=visitor.identity.audit,
        text=field(request, "text"),
        controls=_controls(pages, visitor, fields(request, "control")),
        due=day(request, "due"),
        file=file(request, "file"),
    )
    with acting(pages.site) as store:
        thread = record_act(store, draft, visitor.identity)
    return RedirectResponse(f"/requests/{thread.number}", 303)


def act(pages: Pages, request: Request) -> Response:
    """Record what somebody does about a request."""
    visitor = visitor_of(request)
    verb = field(request, "do")
    if verb not in _VERBS:
        raise UsageError(f"nothing is called {verb[:40]!r} here", so="nothing was recorded")
    asked = request.path_params["number"]
    try:
        draft = AuditRequestDraft(
            verb=cast("RequestVerb", verb),
            request=asked,
            after=number(request, "after"),
            text=field(request, "text"),
            records=_records(request),
            file=file(request, "file"),
        )
        with acting(pages.site) as store:
            _thread(store, asked, visitor)
            thread = record_act(store, draft, visitor.identity)
    except UsageError as error:
        return show(pages, request, error)
    return RedirectResponse(f"/requests/{thread.number}#e{thread.last.leaf}", 303)


def give_file(pages: Pages, request: Request) -> Response:
    """Give the file beside an act, as bytes to keep, never as a page."""
    visitor, leaf = visitor_of(request), request.path_params["leaf"]
    with looking(pages.site) as store:
        acts = [
            logged
            for thread in request_threads(store).values()
            for logged in thread.acts
            if logged.leaf == leaf and _sees(visitor, thread)
        ]
        data = store.file_of(leaf) if acts else None
    if data is None or acts[0].act.file is None:
        raise UsageError(f"log entry {leaf} has no file that you may see")
    return as_download(data, acts[0].act.file.name)


def as_download(data: bytes, name: str, kind: str = "application/octet-stream") -> Response:
    """Return bytes that a browser keeps and does not show."""
    from urllib.parse import quote

    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=kind, headers={"Content-Disposition": disposition})


def _thread(store: SqlStore, asked: int, visitor: Visitor) -> RequestThread:
    thread = request_threads(store).get(asked)
    if thread is None or not _sees(visitor, thread):
        raise UsageError(f"there is no request {asked} that you may see")
    return thread


def _sees(visitor: Visitor, thread: RequestThread) -> bool:
    audit = _audit(visitor)
    return audit is None or thread.asked.audit == audit


def _audit(visitor: Visitor) -> str | None:
    return visitor.identity.audit if visitor.identity.role is Role.AUDITOR else None


def _records(request: Request) -> tuple[int, ...]:
    texts = field(request, "records").replace(",", " ").split()
    if any(not (text.isascii() and text.isdecimal() and len(text) < len(str(1 << 62))) for text in texts):
        raise UsageError("records are numbers of log entries", so="nothing was recorded", mend="such as 439, 440")
    return tuple(dict.fromkeys(int(text) for text in texts))


def _controls(pages: Pages, visitor: Visitor, given: Sequence[str]) -> tuple[str, ...]:
    """Return the controls that a request names, as `framework/id`. Raises UsageError on one that is not opened."""
    app = pages.site.app if visitor.opened is None else visitor.opened.app
    known = {f"{framework.id}/{control.id}" for framework in app.frameworks() for control in framework.controls}
    wanted = tuple(dict.fromkeys(word for text in given for word in text.replace(",", " ").split()))
    by_number: dict[str, list[str]] = {}
    for control in sorted(known):
        by_number.setdefault(control.rpartition("/")[2], []).append(control)
    found = []
    for word in wanted:
        matching = [word] if word in known else by_number.get(word, [])
        if not matching:
            raise UsageError(f"{word[:60]!r} is no control that is opened", so="nothing was recorded")
        found += matching
    return tuple(found)
