"""A client of the played platform: httpx with the wire in its transport."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import ConnectorError, Denied, RateLimited, Unavailable, Unexpected
from collector.core.wire import Answer, Call, Exchange, tap_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.scopes import Scope
    from collector.core.wire import Wire


def call_of(request: httpx.Request) -> Call:
    """Name a request in the platform's words."""
    return Call(str(request.extensions["operation"]), {"path": request.url.path, **request.url.params})


def answer_of(response: httpx.Response) -> Answer:
    """Read off a response what the wire wants to know."""
    wait, date = response.headers.get("Retry-After"), response.headers.get("Date")
    return Answer(
        response.status_code,
        date=parsedate_to_datetime(date) if date is not None else None,
        cached="Age" in response.headers,
        size=len(response.content),
        retry_after=_wait(wait, date) if wait is not None else None,
        throttled=response.status_code == httpx.codes.TOO_MANY_REQUESTS,
    )


def exchange_of(call: Call, request: httpx.Request, response: httpx.Response) -> Exchange:
    """Return a request with its answer, which was read."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    target = request.url.raw_path.decode()
    return Exchange(call, request.method, target, response.status_code, headers, response.content)


def _wait(text: str, date: str | None) -> timedelta | None:
    """Read a Retry-After in seconds or as a date; None for anything else."""
    try:
        if date is not None and not text[:1].isdecimal():
            return parsedate_to_datetime(text) - parsedate_to_datetime(date)
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        return None


def whole(response: httpx.Response, largest: int) -> httpx.Response:
    """Read a response to its end. Raises Unexpected where it is too large, before or after it is inflated."""
    too_large = Unexpected("the answer is larger than is read")
    if int(response.headers.get("Content-Length", 0)) > largest:
        raise too_large
    packed = response.headers.pop("Content-Encoding", None) == "gzip"
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    body = b""
    assert isinstance(response.stream, httpx.SyncByteStream)
    for piece in response.stream:
        body += inflate.decompress(piece, largest + 1) if packed else piece[: largest + 1]
        if len(body) > largest:
            raise too_large
    return httpx.Response(response.status_code, headers=_without_size(response.headers), content=body)


def _without_size(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "content-length"}


@dataclass
class Wired(httpx.BaseTransport):
    """Lets every request of a client pass the wire, and repeats one of which there were too many."""

    wire: Wire
    inner: httpx.BaseTransport
    attempts: int = 1

    def named(self, request: httpx.Request) -> Call:
        """Name a request for the wire."""
        return call_of(request)

    def read(self, response: httpx.Response) -> httpx.Response:
        """Read an answer."""
        return whole(response, self.wire.largest_answer)

    def told(self, response: httpx.Response) -> Answer:
        """Return what the wire is told."""
        return answer_of(response)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        for _ in range(self.attempts):
            response = self._attempt(request)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
        return response

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        call = self.named(request)
        self.wire.before(call)
        try:
            response = self.read(self.inner.handle_request(request))
        except BaseException as error:
            self.wire.after(call, Answer(None, error=type(error).__name__))
            raise
        self.wire.after(call, self.told(response))
        if (tap := tap_of(self.wire)) is not None:
            tap(exchange_of(call, request, response))
        return response


@dataclass
class Session:
    """A client that sees one scope."""

    wire: Wire
    scope: Scope
    http: httpx.Client
    closed: int = field(default=0)

    def get(self, operation: str, path: str, **params: str) -> Any:
        """Ask once. Raises what httpx raises, and Unexpected for an answer that is none."""
        return json_of(self.http.get(path, params=params, extensions={"operation": operation}))

    def pages(self, operation: str, path: str) -> Iterator[Any]:
        """Ask for a list, page by page."""
        token: str | None = None
        while True:
            params = {"from": token} if token is not None else {}
            answer = self.get(operation, path, **params)
            yield from answer["items"]
            token = answer["next"]
            if token is None:
                return


def json_of(response: httpx.Response) -> Any:
    """Return the JSON of a success. Raises Unexpected where it is called something else, and what httpx raises."""
    response.raise_for_status()
    if "json" not in response.headers.get("Content-Type", "json"):
        raise Unexpected("the answer is not JSON")
    return response.json()


def explain(error: Exception) -> ConnectorError | None:
    """Say what an error of httpx means."""
    match error:
        case httpx.HTTPStatusError(response=response):
            return _refused(response)
        case httpx.TransportError():
            return Unavailable(f"no answer: {error}")
        case ValueError():
            return Unexpected("the answer is not JSON")
        case _:
            return None


def _refused(response: httpx.Response) -> ConnectorError:
    try:
        code = str(response.json()["error"])
    except (ValueError, LookupError, TypeError):
        code = f"status_{response.status_code}"
    what = f"the platform answered {response.status_code} {code}"
    match response.status_code:
        case 401 | 403:
            return Denied(what, code=code)
        case 429:
            return RateLimited(what, code=code)
        case number if number >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Unavailable(what, code=code)
        case _:
            return ConnectorError(what, code=code)
