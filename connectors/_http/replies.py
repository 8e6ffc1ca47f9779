"""An answer of a platform, read as a whole, and the guards on what is taken for JSON."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from collector.core.errors import Unavailable, Unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_WAIT = timedelta(days=1)
_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_REQUEST_IDS = (
    "x-github-request-id",
    "x-request-id",
    "request-id",
    "x-ms-request-id",
    "x-okta-request-id",
    "x-correlation-id",
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_MODIFIED = 304
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Reply:
    """One answer. Names of headers are in lower case; the body is inflated. `url` is the address that gave it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    @property
    def date(self) -> datetime | None:
        """The moment that the platform states in the header Date, in UTC; None where it states none."""
        return parsed_date(self.headers.get("date"))

    @property
    def is_cached(self) -> bool:
        """Whether a cache gave the answer, or said that an earlier one still holds: its date may be of earlier."""
        return self.status == _NOT_MODIFIED or "age" in self.headers

    @property
    def request_id(self) -> str | None:
        """The platform's own name for the request, to quote to its support."""
        found = (self.headers[name] for name in _REQUEST_IDS if name in self.headers)
        return next(found, "")[:200] or None

    @property
    def retry_after(self) -> timedelta | None:
        """How long the platform asks to wait: whole seconds, a decimal such as 2.128, or a date; at most a day."""
        text = self.headers.get("retry-after", "").strip()
        if _SECONDS.fullmatch(text):
            return timedelta(seconds=min(float(text), _LONGEST_WAIT.total_seconds()))
        until = parsed_date(text)
        # The platform's own clock first: a machine whose clock is wrong would wait for hours, or not at all.
        return within_a_day(until - (self.date or datetime.now(UTC))) if until is not None else None

    @property
    def is_json(self) -> bool:
        """Whether the header says that the body is JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in {"application/json", "text/json"} or (kind.startswith("application/") and kind.endswith("+json"))

    @property
    def is_web_page(self) -> bool:
        """Whether a proxy, a sign-in page or a wrong address answered: platforms answer programs with no HTML."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        begins = self.body[:200].lstrip(_BYTE_ORDER_MARK + b" \t\r\n")[:14].lower()
        return kind in {"text/html", "application/xhtml+xml"} or begins.startswith((b"<!doctype html", b"<html"))


def within_a_day(span: timedelta) -> timedelta:
    """Return the span, or the nearest one from nothing to a day: no call waits for longer."""
    return min(max(span, timedelta(0)), _LONGEST_WAIT)


@lru_cache(maxsize=256)  # all answers of a second have the same one, and each is asked for it several times
def parsed_date(text: str | None) -> datetime | None:
    """Return the moment of an HTTP date in UTC; None where it is none."""
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None


def json_of(reply: Reply, what: str) -> Any:
    """Return the JSON of an answer: an object, a list, text, a number, true, false or None.

    Raises Unexpected for an empty answer, a web page, another content type, and whatever is not JSON by RFC 8259 or
    could be read in two ways: cut, NaN, Infinity, a number too large for one, a name twice in one object. Raises
    Unavailable for a web page that comes with a server's error.
    """
    if reply.is_web_page:
        raise web_page(reply, what)
    if not reply.body.strip():
        raise Unexpected(f"{what} was answered with status {reply.status} and nothing else")
    if not reply.is_json:
        kind = reply.headers.get("content-type", "no content type")[:60]
        raise Unexpected(f"{what} was answered with {kind}, not with JSON")
    try:
        return loads(reply.body)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
        raise Unexpected(f"{what} was answered with something that is not JSON: {why}") from error


def loads(body: bytes) -> Any:
    """Return the value of a JSON text. Raises ValueError where it is not strictly JSON, or ambiguous."""
    text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")  # Azure sends the mark now and then
    return json.loads(text, parse_constant=_refused_constant, parse_float=_finite, object_pairs_hook=_unambiguous)


def web_page(reply: Reply, what: str) -> Unavailable | Unexpected:
    """Return the error for a page that a person was meant to see."""
    kind = Unavailable if reply.status >= _FIRST_SERVER_ERROR else Unexpected
    return kind(
        f"{what} was answered with a web page (status {reply.status}), not by the platform's API",
        code=str(reply.status),
        mend="look at the proxy of this machine and at the address in the source",
    )


def _refused_constant(name: str) -> float:
    message = f"{name} is no number"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        message = f"{text[:20]} is too large for a number"
        raise ValueError(message)
    return number


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object. Two readers of a name that comes twice may take two different values for it."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        message = f"the name {next(name for name in names if names.count(name) > 1)[:60]!r} comes twice in one object"
        raise ValueError(message)
    return found
