"""What a platform says about the quota of the identity that asks, in headers of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from connectors._http.replies import Reply, within_a_day

_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True)
class Usage:
    """What one answer says about a quota; the fields mean what those of core.wire.Answer mean.

    `retry_after` is for platforms that do not send the header Retry-After, and counts where they refuse. `free`: by the
    platform's rules the answer took nothing from the quota.
    """

    remaining: int | None = None
    limit: int | None = None
    resets_in: timedelta | None = None
    bucket: str | None = None
    cost: int | None = None
    retry_after: timedelta | None = None
    free: bool = False


QuotaOf = Callable[[Reply], Usage]
"""Reads the quota off an answer of any status."""


def no_quota(_reply: Reply) -> Usage:
    """Return that the platform says nothing."""
    return Usage()


@dataclass(frozen=True)
class QuotaHeaders:
    """The usual three headers, such as X-RateLimit-Limit, -Remaining and -Reset, which begin with `prefix`.

    `reset_is` says what the last one holds: the second of the epoch when the quota is full again, or the seconds until
    then. `bucket` is the header that names the quota. Names of headers may be written as the platform writes them.
    """

    prefix: str = "x-ratelimit"
    reset_is: Literal["epoch", "seconds"] = "epoch"
    bucket: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for another word than those of `reset_is`: it would be taken for one of them."""
        if self.reset_is not in {"epoch", "seconds"}:
            message = f'reset_is is "epoch" or "seconds", not {self.reset_is!r}'
            raise ValueError(message)

    def __call__(self, reply: Reply) -> Usage:
        """Return what the headers say; a header that is missing or no number says nothing."""
        reset = number(reply, f"{self.prefix}-reset")
        resets_in = None
        if reset is not None:
            resets_in = (
                until_epoch(reply, reset) if self.reset_is == "epoch" else within_a_day(timedelta(seconds=reset))
            )
        remaining = number(reply, f"{self.prefix}-remaining")
        # A refusal although some of the quota is left has another reason, such as too many calls at the same time.
        is_used_up = not remaining
        return Usage(
            remaining=remaining,
            limit=number(reply, f"{self.prefix}-limit"),
            resets_in=resets_in,
            bucket=reply.headers.get(self.bucket.lower()) if self.bucket is not None else None,
            # The platform counts in whole seconds: in the one that it names, the quota may not be full yet.
            retry_after=resets_in + timedelta(seconds=1) if resets_in is not None and is_used_up else None,
        )


def number(reply: Reply, header: str) -> int | None:
    """Return the whole number of a header; None where it is missing, or something else."""
    text = reply.headers.get(header.lower(), "").strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def until_epoch(reply: Reply, second: int) -> timedelta:
    """Return the time from the answer's own date to a second of the epoch; nothing where that has passed."""
    now = reply.date or datetime.now(UTC)
    return within_a_day(timedelta(seconds=second - now.timestamp()))
