"""What passes between a connector and its platform: every HTTP call, before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Call:
    """One HTTP request, in the platform's words: operation such as `iam:ListUsers` or `GET /orgs/{org}/members`.

    `params` are those of the request, without credentials; they are redacted before they are kept.
    """

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is None where nothing did; then `error` says why.

    `throttled`: the platform said that there were too many requests. `free`: it cost no quota (an unchanged answer to a
    conditional request). `remaining`, `limit` and `resets_in`: what the platform says is left of the identity's quota,
    and how long it takes until it is full again.
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


class Wire(Protocol):
    """The one door of a connector to its platform; `before` and `after` enclose each request, also each retry."""

    @property
    def largest_answer(self) -> int:
        """The size in bytes past which an answer is not read on."""

    def before(self, call: Call) -> None:
        """Wait until the call may go out. Raises Stopped or DeadlinePassed where it may not any more."""

    def after(self, call: Call, answer: Answer) -> None:
        """Record what came back; must follow each `before`, also when nothing came back."""

    def pause(self, seconds: float) -> None:
        """Wait before asking the same again, where the platform makes its answer meanwhile. Raises as `before`."""


@dataclass(frozen=True)
class Total:
    """The platform's own count of what a collection lists; a collection may yield one among its bodies."""

    count: int
    source: str
