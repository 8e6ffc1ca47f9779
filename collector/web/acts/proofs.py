"""`/proofs`: the bytes of a log entry, and the proof that a signed log hash covers them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.bundle.proofs.single_entry_proof import Proofs
from collector.core.errors import UsageError
from collector.core.identities import Role
from collector.report.company.audit_request_views import request_threads
from collector.web.acts.requests import as_download
from collector.web.acts.writing import looking
from collector.web.people.visitor import visitor_of
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.web.pages import Pages
    from storage import SqlStore

_KINDS = ("request_act", "record_entered", "record_reviewed", "access_day")


def routes(pages: Pages) -> Sequence[BaseRoute]:
    """Return the routes."""
    return [
        Route("/proofs/{leaf:number}", partial(give_proof, pages)),
        Route("/proofs/{leaf:number}/entry", partial(give_entry, pages)),
    ]


def give_entry(pages: Pages, request: Request) -> Response:
    """Give a log entry, byte for byte as it is hashed."""
    leaf = request.path_params["leaf"]
    with looking(pages.site) as store:
        _require_seen(store, request, leaf)
        with store.reading() as connection:
            data = next(LogParts(connection).between(leaf, leaf + 1)).data
    return as_download(data, f"entry-{leaf}.json", "application/json")


def give_proof(pages: Pages, request: Request) -> Response:
    """Give the proof of a log entry under the newest signed log hash."""
    leaf = request.path_params["leaf"]
    with looking(pages.site) as store:
        _require_seen(store, request, leaf)
        with store.reading() as connection:
            parts = LogParts(connection)
            note = parts.signed_above(leaf)
            if note is None:
                raise UsageError(f"no signed log hash covers log entry {leaf} yet", mend="ask again after the next run")
            data = Proofs(parts.hashes(note.size), note.text).of(leaf)
    return as_download(data, f"entry-{leaf}.tlog-proof", "text/plain; charset=utf-8")


def _require_seen(store: SqlStore, request: Request, leaf: int) -> None:
    """Raise UsageError unless this is an act of people that whoever asks may see."""
    visitor = visitor_of(request)
    if visitor.identity.role is Role.AUDITOR:
        threads = request_threads(store).values()
        mine = [thread for thread in threads if thread.asked.audit == visitor.identity.audit]
        seen = any(logged.leaf == leaf for thread in mine for logged in thread.acts)
    else:
        seen = any(entry.leaf == leaf for entry in store.log(kinds=_KINDS))
    if not seen:
        raise UsageError(f"log entry {leaf} is no act that you may see")
