"""The wire: the interface through which each HTTP request of a connector passes, before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.errors import Unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping


_NOT_MODIFIED = 304
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Call:
    """One HTTP request. `operation` is in the platform's words: `iam:ListUsers` or `GET /orgs/{org}/members`.

    `params` are those of the request, without credentials; they are redacted before they are kept. `aside` marks a
    request that is no page of a list although a list makes it: a token, the identity, a report that is being prepared.
    """

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True)
class Answer:
    """The answer to a request. `status` is None where there was none; then `error` is the reason.

    `date` is the platform's clock when it answered; `cached`: a cache may have answered instead, so that `date` may be
    of earlier. `throttled`: the platform said that there were too many requests. `free`: it cost no quota (an unchanged
    answer to a conditional request). `remaining`, `limit` and `resets_in`: the quota that the platform reports for the
    identity, and how long it takes until it is full again; `bucket` is the platform's name of that quota where it says
    so (the `name` of a Bucket of the same owner), and `cost` what this answer took from it, in its own unit, where the
    platform says that. `size` is in bytes.
    """

    status: int | None
    request_id: str | None = None
    date: datetime | None = None
    size: int | None = None
    retry_after: timedelta | None = None
    throttled: bool = False
    free: bool = False
    error: str | None = None
    remaining: int | None = None
    limit: int | None = None
    resets_in: timedelta | None = None
    bucket: str | None = None
    cost: int | None = None
    cached: bool = False

    @property
    def tells_time(self) -> bool:
        """Whether `date` is the platform's clock of now: no cache's, and not of a gateway that did not reach it."""
        is_new = self.status is not None and self.status != _NOT_MODIFIED and self.status < _FIRST_SERVER_ERROR
        return self.date is not None and is_new and not self.cached

    def __post_init__(self) -> None:
        for name in ("status", "remaining", "limit", "cost"):
            said = getattr(self, name)
            if said is not None and not (isinstance(said, int) and abs(said) < 1 << 63):
                raise Unexpected(f"{name} of an answer is {str(said)[:50]!r}, and should be a whole number")
        for name in ("retry_after", "resets_in"):
            said = getattr(self, name)
            if said is not None and not isinstance(said, timedelta):
                raise Unexpected(f"{name} of an answer is a {type(said).__name__}, and should be a span of time")
        date: object = self.date
        if date is not None and not (isinstance(date, datetime) and date.tzinfo is not None):
            raise Unexpected(f"the date of an answer is {str(date)[:50]!r}, and should be a moment in a time zone")


@dataclass(frozen=True)
class Exchange:
    """One request with its whole answer, as it came: nothing in it is redacted, and it must not be kept.

    `call.params` are all parameters of the request. `target` is the path with the query, as it was sent; `sent` is the
    body of the request. Names of headers are in lower case.
    """

    call: Call
    method: str
    target: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: bytes = b""


Tap = Callable[[Exchange], None]
"""Receives each whole answer, from the thread that read it, while answers are recorded. It must not raise."""


class Wire(Protocol):
    """Called by a connector around each HTTP request: `before` and then `after`, also for each retry."""

    @property
    def largest_answer(self) -> int:
        """The size in bytes above which an answer is not read any further."""

    @property
    def scope_facts(self) -> Mapping[str, Any]:
        """What discovery has said of the scope of this client, such as its enabled APIs; empty where nothing."""

    @property
    def seconds_left(self) -> float:
        """The seconds that the task may still use, zero where it is to end: then `pause` raises, and says why."""

    def before(self, call: Call) -> None:
        """Wait until the request may be sent. Raises Stopped or DeadlinePassed where it may not."""

    def after(self, call: Call, answer: Answer) -> None:
        """Record the answer; must follow each `before`, also when there was no answer."""

    def pause(self, seconds: float) -> None:
        """Wait before the same request is repeated while the platform prepares a report. Raises as `before`."""


def tap_of(wire: Wire) -> Tap | None:
    """Return the function that receives whole answers; None, as nearly always, where nobody records them.

    A transport asks for it once an answer is read, and makes an Exchange only where there is one: any status, also of
    an answer that is then refused. A wire need not have the attribute `tap`.
    """
    tap: Tap | None = getattr(wire, "tap", None)
    return tap


@dataclass(frozen=True)
class Total:
    """The platform's own count of what a collection lists; a collection may yield one among its bodies.

    Raises Unexpected for a count that is not a whole number from zero: `true` would be taken for one.
    """

    count: int
    source: str

    def __post_init__(self) -> None:
        if type(self.count) is not int or not 0 <= self.count < 1 << 63:
            raise Unexpected(f"{self.source} is {str(self.count)[:50]!r}, and should be a whole number")
