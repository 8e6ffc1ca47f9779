"""Evidence requests of an audit: what an auditor asks for, and what both sides did about it, each act a log entry.

The state of a request follows from its acts alone. An act that its author may not do, or that does not fit the state,
stays in the log and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from collector.core.canonical import Digest
from collector.core.identities import Identity, Role

RequestVerb = Literal["ask", "answer", "comment", "accept", "return", "withdraw"]
"""What is done to a request."""


class RequestState(StrEnum):
    """Where a request is. Accepted says that the evidence was taken, and is no conclusion on a control."""

    OPEN = "open"
    ANSWERED = "answered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class AttachedFile(Struct, frozen=True, kw_only=True):
    """A file beside a log entry, which has its bytes."""

    name: str
    digest: Digest
    size: int


class RequestAct(Struct, frozen=True, kw_only=True, tag="request_act"):
    """The log entry of one act. `after` is the log entry of the newest act that its author saw; None for the first.

    `records` are log entries of records on file that it points to. `pieces` joined are the file, in base64.
    """

    at: datetime
    audit: str
    request: int
    verb: RequestVerb
    by: Identity
    text: str
    after: int | None = None
    controls: tuple[str, ...] = ()
    due: date | None = None
    records: tuple[int, ...] = ()
    file: AttachedFile | None = None
    pieces: tuple[str, ...] = ()


class LoggedAct(Struct, frozen=True, kw_only=True):
    """An act with its log entry. `refused` says why it changes nothing; empty: it counts."""

    act: RequestAct
    leaf: int
    logged_at: datetime
    refused: str = ""


class RequestThread(Struct, frozen=True, kw_only=True):
    """One request with its acts, in the order of the log."""

    number: int
    state: RequestState
    acts: tuple[LoggedAct, ...]

    @property
    def asked(self) -> RequestAct:
        """The act that asked."""
        return self.acts[0].act

    @property
    def last(self) -> LoggedAct:
        """The newest act."""
        return self.acts[-1]


_AUDITOR = frozenset({Role.AUDITOR})
_COMPANY = frozenset({Role.CONTRIBUTOR, Role.ADMIN})

_WHO: Mapping[RequestVerb, frozenset[Role]] = {
    "ask": _AUDITOR,
    "answer": _COMPANY,
    "comment": _AUDITOR | _COMPANY,
    "accept": _AUDITOR,
    "return": _AUDITOR,
    "withdraw": _AUDITOR,
}

_LIVE = frozenset({RequestState.OPEN, RequestState.ANSWERED, RequestState.RETURNED})

_FROM: Mapping[RequestVerb, frozenset[RequestState]] = {
    "ask": frozenset(),
    "answer": _LIVE,
    "comment": frozenset(RequestState),
    "accept": frozenset({RequestState.ANSWERED}),
    "return": frozenset({RequestState.ANSWERED, RequestState.ACCEPTED}),
    "withdraw": _LIVE,
}

_TO: Mapping[RequestVerb, RequestState] = {
    "answer": RequestState.ANSWERED,
    "accept": RequestState.ACCEPTED,
    "return": RequestState.RETURNED,
    "withdraw": RequestState.WITHDRAWN,
}


def refusal(thread: RequestThread | None, act: RequestAct) -> str:
    """Return why an act does not count, empty where it does. `thread` is the request before it; None: there is none."""
    role = act.by.role
    if role not in _WHO[act.verb]:
        return f"{role.value} is no role that may {act.verb}"
    if role is Role.AUDITOR and act.by.audit != act.audit:
        return f"{act.by.audit or 'no audit'} is open to them, and not {act.audit}"
    if act.verb == "ask":
        return "" if thread is None else f"request {act.request} is there already"
    if thread is None:
        return f"there is no request {act.request}"
    if act.audit != thread.asked.audit:
        return f"request {act.request} is of the audit {thread.asked.audit}"
    if thread.state not in _FROM[act.verb]:
        return f"the request is {thread.state.value}"
    answered_by = (logged.act.by for logged in thread.acts if logged.act.verb == "answer")
    if role is Role.AUDITOR and any(act.by.is_same_subject(by) for by in answered_by):
        return "whoever answered a request does not decide on it"
    return ""


def may(thread: RequestThread, by: Identity) -> tuple[RequestVerb, ...]:
    """Return what somebody may do to a request now."""
    asked = thread.asked
    return tuple(
        verb for verb in _WHO if verb != "ask" and not refusal(thread, replace(asked, verb=verb, by=by, pieces=()))
    )


def threads(acts: Iterable[LoggedAct]) -> dict[int, RequestThread]:
    """Return the requests by number, from their acts in the order of the log."""
    found: dict[int, RequestThread] = {}
    for logged in acts:
        act = logged.act
        before = found.get(act.request)
        why = refusal(before, act)
        taken = replace(logged, refused=why)
        if before is None:
            if not why:
                found[act.request] = RequestThread(number=act.request, state=RequestState.OPEN, acts=(taken,))
            continue
        state = before.state if why else _TO.get(act.verb, before.state)
        found[act.request] = RequestThread(number=act.request, state=state, acts=(*before.acts, taken))
    return found
