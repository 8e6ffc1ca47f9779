"""What a platform's refusals mean: by its own code first, then by the status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.core.errors import (
    ConnectorError,
    Denied,
    NotSignedIn,
    NotThere,
    RateLimited,
    Unavailable,
    Unexpected,
)
from connectors._http.replies import Reply, loads, web_page

BY_STATUS: Mapping[int, type[ConnectorError]] = {
    401: NotSignedIn,
    403: Denied,
    408: Unavailable,
    410: NotThere,
    425: Unavailable,
    429: RateLimited,
}
"""What a status means unless a connector says otherwise: 5xx is Unavailable, every other one Unexpected.

404 is not in it: it may say that a thing is gone, that the feature is off, that one may not look, or that the address
is wrong, and only the connector knows which.
"""

_TOO_MANY_REQUESTS = 429
_PROXY_AUTHENTICATION = 407
_REDIRECTS = range(300, 400)
_FIRST_SERVER_ERROR = 500
_LONGEST_CODE = 120
_LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Errors:
    """The errors of a platform, called `title` in what people read.

    `code` and `message` take the platform's own words from the JSON of a refusal; where there are none, or the JSON is
    another one, the code is the status as text. `by_code` and `by_status` map these to a kind of ConnectorError, the
    code first. `explain` is asked before both, for a platform whose word is elsewhere than in the code. `refused` is
    asked of every answer, whatever its status, for a platform that may refuse with one that is expected, such as 200.
    """

    title: str = "the platform"
    code: Callable[[Any], Any] = lambda _body: None
    message: Callable[[Any], Any] = lambda _body: None
    by_code: Mapping[str, type[ConnectorError]] = field(default_factory=dict)
    by_status: Mapping[int, type[ConnectorError]] = field(default_factory=dict)
    explain: Callable[[Reply], ConnectorError | None] = lambda _reply: None
    refused: Callable[[Reply], ConnectorError | None] = lambda _reply: None

    def of(self, reply: Reply, operation: str) -> ConnectorError:
        """Return the error for an answer that was not expected; `code` of it is the platform's own, or the status."""
        explained = self.explain(reply)
        if explained is not None:
            return explained
        if reply.status in _REDIRECTS:
            return Unexpected(
                f"{self.title} sends {operation} elsewhere (status {reply.status}), and that was not followed",
                code=str(reply.status),
                mend="look at the address in the source",
            )
        if reply.status == _PROXY_AUTHENTICATION:
            return Unavailable("the proxy of this machine wants credentials", code="407", mend="look at HTTPS_PROXY")
        if reply.is_web_page and reply.status != _TOO_MANY_REQUESTS:
            return web_page(reply, operation)
        body = _error_body(reply)
        code = _word(self.code, body)[:_LONGEST_CODE] or str(reply.status)
        message = _word(self.message, body)[:_LONGEST_MESSAGE]
        what = f"{self.title} answered {reply.status} to {operation}"
        said = ": ".join(word for word in (code if code != str(reply.status) else "", message) if word)
        kind = self.by_code.get(code) or self._by_status(reply.status)
        mend = "look at the credential of the source" if issubclass(kind, NotSignedIn) else ""
        # No colon after the operation: behind `?type=PASSWORD` the platform's word would be redacted as a password.
        return kind(f"{what}, saying {said}" if said else what, code=code, retry_after=reply.retry_after, mend=mend)

    def _by_status(self, status: int) -> type[ConnectorError]:
        kind = self.by_status.get(status) or BY_STATUS.get(status)
        return kind or (Unavailable if status >= _FIRST_SERVER_ERROR else Unexpected)


def _error_body(reply: Reply) -> Any:
    try:
        return loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _word(extract: Callable[[Any], Any], body: Any) -> str:
    """Return what a connector's function finds in the JSON of a refusal; empty where it has another shape."""
    try:
        found = extract(body)
    except (LookupError, TypeError, AttributeError):
        return ""
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
