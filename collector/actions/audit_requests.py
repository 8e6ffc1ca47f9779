"""Acting on an evidence request of an audit: each act is a log entry, or it is refused and nothing is written."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.actions.file_pieces import pieces_of
from collector.core.audit_requests import AttachedFile, RequestAct, RequestVerb, refusal
from collector.core.canonical import digest_of
from collector.core.errors import UsageError
from collector.report.company.audit_request_views import request_threads

if TYPE_CHECKING:
    from collector.core.audit_requests import RequestThread
    from collector.core.identities import Identity
    from storage import SqlStore

LONGEST_TEXT = 16_000
"""Characters that an act may have; more is a file."""

_NEED_TEXT = frozenset({"ask", "comment", "return", "withdraw"})


class GivenFile(Struct, frozen=True, kw_only=True):
    """A file as somebody handed it over."""

    name: str
    data: bytes


class AuditRequestDraft(Struct, frozen=True, kw_only=True):
    """An act as it is asked for. `request` and `after` are None for a new request; see RequestAct for the others."""

    verb: RequestVerb
    text: str
    audit: str = ""
    request: int | None = None
    after: int | None = None
    controls: tuple[str, ...] = ()
    due: date | None = None
    records: tuple[int, ...] = ()
    file: GivenFile | None = None


def record_act(store: SqlStore, draft: AuditRequestDraft, by: Identity) -> RequestThread:
    """Write an act into the log and return the request after it.

    Raises UsageError, and then nothing is written, where its author may not do so, where it does not fit the state, and
    where somebody has acted since its author looked.
    """
    _is_whole(draft)
    with store.alone():  # what is read here is still so when it is written
        known = request_threads(store)
        number = max(known, default=0) + 1 if draft.request is None else draft.request
        thread = known.get(number)
        act = RequestAct(
            at=store.now(),
            audit=draft.audit if thread is None else thread.asked.audit,
            request=number,
            verb=draft.verb,
            by=by,
            text=draft.text.strip(),
            after=None if thread is None else thread.last.leaf,
            controls=draft.controls,
            due=draft.due,
            records=draft.records,
            file=_attached(draft.file),
            pieces=() if draft.file is None else tuple(pieces_of(draft.file.data)),
        )
        if why := refusal(thread, act):
            raise UsageError(f"this cannot be done: {why}", so="nothing was recorded")
        if thread is not None and draft.after != thread.last.leaf:
            raise UsageError(
                f"{thread.last.act.by.name} has acted on request {number} since you looked",
                so="nothing was recorded",
                mend="read what is new, and send yours again",
            )
        _know_records(store, draft.records)
        store.write([act])
    return request_threads(store)[number]


def _is_whole(draft: AuditRequestDraft) -> None:
    text = draft.text.strip()
    if not text and (draft.verb in _NEED_TEXT or (draft.verb == "answer" and not draft.file and not draft.records)):
        raise UsageError(f"there is nothing said to {draft.verb} with", so="nothing was recorded", mend="write a text")
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            f"the text has {len(text)} characters; {LONGEST_TEXT} are kept",
            so="nothing was recorded",
            mend="attach the rest as a file",
        )
    if draft.verb == "ask" and not draft.audit:
        raise UsageError("no audit is named", so="nothing was recorded")


def _attached(file: GivenFile | None) -> AttachedFile | None:
    if file is None:
        return None
    return AttachedFile(name=file.name, digest=digest_of(file.data), size=len(file.data))


def _know_records(store: SqlStore, records: tuple[int, ...]) -> None:
    if records and (unknown := set(records) - {filed.leaf for filed in store.attested()}):
        raise UsageError(
            f"log entry {min(unknown)} is no record on file",
            so="nothing was recorded",
            mend="annexd evidence-request list --all names the log entries of records",
        )
