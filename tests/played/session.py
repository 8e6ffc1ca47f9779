"""A client of the played platform: httpx with the wire in its transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
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
    wait = response.headers.get("Retry-After")
    return Answer(
        response.status_code,
        size=int(response.headers.get("Content-Length", 0)),
        retry_after=timedelta(seconds=int(wait)) if wait is not None else None,
        throttled=response.status_code == httpx.codes.TOO_MANY_REQUESTS,
    )


def exchange_of(call: Call, request: httpx.Request, response: httpx.Response) -> Exchange:
    """Return a request with its answer, which was read."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    target = request.url.raw_path.decode()
    return Exchange(call, request.method, target, response.status_code, headers, response.content)


@dataclass
class Wired(httpx.BaseTransport):
    """Lets every request of a client pass the wire."""

    wire: Wire
    inner: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        call = call_of(request)
        self.wire.before(call)
        try:
            response = self.inner.handle_request(request)
        except BaseException as error:
            self.wire.after(call, Answer(None, error=type(error).__name__))
            raise
        self.wire.after(call, answer_of(response))
        if (tap := tap_of(self.wire)) is not None:
            response.read()
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
        return self._read(self.http.send(self._request(operation, path, params), stream=True))

    def _request(self, operation: str, path: str, params: dict[str, str]) -> httpx.Request:
        return self.http.build_request("GET", path, params=params, extensions={"operation": operation})

    def _read(self, response: httpx.Response) -> Any:
        if int(response.headers.get("Content-Length", 0)) > self.wire.largest_answer:
            raise Unexpected("the answer is larger than is read")
        response.read()
        response.raise_for_status()
        return response.json()

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
    code = str(response.json()["error"])
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
