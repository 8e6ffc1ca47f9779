"""Google: its client builds requests and its credentials say what to ask for; the kit sends both.

    service = build_from_document(document, http=no_http, requestBuilder=build_request)
    answer = ask(http, service.instances().list(project="p", zone="z"))

The stock transport retries, follows redirects to other hosts and takes a web page for an answer, all by itself. None of
it is used: neither `execute()` nor `list_next()` nor a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import httpx

from collector.core.errors import Denied
from collector.core.wire import Call
from connectors._http.operations import recorded
from connectors._http.paging import Cursor
from connectors._http.replies import json_of
from connectors._http.sending import Outgoing
from connectors._http.tokens import Token, Tokens

if TYPE_CHECKING:
    from collector.core.wire import Wire
    from connectors._http.client import Http
    from connectors._http.paging import Items, Page
    from connectors._http.replies import Reply
    from connectors._http.token_requests import TokenRequests

PAGE_TOKEN = Cursor("nextPageToken", param="pageToken", omitted=True)
"""How Google's lists continue; the last page leaves the token out."""

_LIFETIME = 3600.0  # seconds for which Google's access tokens are valid, where a credential does not say
# The client asks for these by itself: its own names and versions, and that the body is short.
_LEFT_OUT = frozenset({"accept-encoding", "user-agent", "content-length", "x-goog-api-client"})


@dataclass(frozen=True)
class BuiltRequest:
    """A request as Google's client has built it; `method_id` is the platform's name of the operation."""

    uri: str
    method: str
    method_id: str
    headers: Mapping[str, str]
    body: bytes | None

    def outgoing(self, *, reads_only: bool = False) -> Outgoing:
        """Return the request for the kit; `reads_only` lets one with a body be sent again."""
        return Outgoing(self.method, httpx.URL(self.uri), self.headers, self.body, is_safe=reads_only)


def build_request(
    _http: Any,
    _postproc: Any,
    uri: str,
    method: str = "GET",
    body: Any = None,
    headers: Any = None,
    methodId: str | None = None,  # noqa: N803  Google's name
    resumable: Any = None,
) -> BuiltRequest:
    """Return the request; given as `requestBuilder`. Raises TypeError for an upload, which is none of ours."""
    if resumable is not None:
        message = f"{methodId} uploads, and nothing here writes"
        raise TypeError(message)
    kept = {name: value for name, value in (headers or {}).items() if name.lower() not in _LEFT_OUT}
    return BuiltRequest(uri, method, methodId or "", kept, body.encode() if isinstance(body, str) else body)


class _NoHttp:
    """Stands where Google's client wants its own transport, and sends nothing."""

    def request(self, *_: object, **__: object) -> NoReturn:
        """Raise RuntimeError: a request has gone past the kit."""
        raise RuntimeError("Google's client was to send a request by itself")


no_http = _NoHttp()


def ask(http: Http, built: BuiltRequest, *, reads_only: bool = False, places: Mapping[str, str] | None = None) -> Any:
    """Return the JSON that answers a built request. `places` are recorded with the call. Raises as `Http.value`."""
    outgoing = built.outgoing(reads_only=reads_only)
    call = Call(built.method_id, recorded(places or {}, outgoing.url, outgoing.body))
    return json_of(http.send(call, outgoing), built.method_id)


def walk(http: Http, built: BuiltRequest, *, key: Items, places: Mapping[str, str] | None = None) -> Iterator[Page]:
    """Yield the pages of a built request; `Page.body` has what Google says beside the items. Raises as `Http.pages`."""
    return http.walk_from(built.method_id, built.outgoing(), places or {}, key=key, paging=PAGE_TOKEN)


@dataclass(frozen=True)
class _Answer:
    """What google-auth takes for an answer."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True)
class AuthRequest:
    """The `google.auth.transport.Request` of one task. Raises our own errors, on which google-auth does not sleep."""

    requests: TokenRequests
    wire: Wire

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Answer:
        """Send one token request through the wire."""
        sent = body.encode() if isinstance(body, str) else body
        reply: Reply = self.requests.send(self.wire, method, url, dict(headers or {}), sent, timeout)
        return _Answer(reply.status, reply.headers, reply.body)

    def __deepcopy__(self, _memo: object) -> NoReturn:
        """Refuse: google-auth copies a request to refresh in a thread of its own, beside every task."""
        raise TypeError("a request belongs to the task that asks")


@dataclass
class _Credentials:
    """A credential of google-auth, used under the lock of Tokens."""

    requests: TokenRequests
    make: Callable[[AuthRequest], Any]
    made: Any = field(default=None)

    def obtain(self, wire: Wire, _claims: str | None) -> Token:
        from google.auth import exceptions  # noqa: PLC0415  the SDK is imported only when it is used

        request = AuthRequest(self.requests, wire)
        try:
            if self.made is None:
                self.made = self.make(request)
            self.made.refresh(request)
        except exceptions.GoogleAuthError as error:
            raise Denied(f"Google gave no token: {str(error)[:300]}", code=type(error).__name__) from error
        return Token(self.made.token, _seconds_left(self.made))


def google_tokens(requests: TokenRequests, make: Callable[[AuthRequest], Any]) -> Tokens:
    """Return the tokens of a credential, made by `make` with the first request.

    `make` is given the request that `google.auth.default(request=...)` wants, which opens a socket of its own without.
    """
    return Tokens(_Credentials(requests, make).obtain)


def _seconds_left(credentials: Any) -> float:
    if credentials.expiry is None:
        return _LIFETIME
    ends: datetime = credentials.expiry.replace(tzinfo=UTC)  # google-auth keeps UTC without saying so
    return max((ends - datetime.now(UTC)).total_seconds(), 1.0)
