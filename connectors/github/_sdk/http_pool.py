"""The HTTP connection that PyGithub uses: every attempt passes the wire once, retries and new app tokens included.

PyGithub keeps one connection for all threads and uses it in two calls (`request`, then `getresponse`), so that two
threads could take each other's answers; `Connection` keeps the request of each thread apart. It also waits through the
wire, never follows a redirect (PyGithub would drop the query) and stops reading at the largest allowed answer.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from collector.core.errors import ConnectorError, RateLimited, Unavailable, Unexpected
from collector.core.wire import Answer, Call, Exchange, Wire, tap_of
from connectors.github._sdk.answer_cache import CachedAnswer
from connectors.github._sdk.errors import error_for_status, is_rate_limited, repository_gone
from connectors.github._sdk.graphql_quota import GRAPHQL, GraphqlQuota, quota_of
from connectors.github._sdk.request_context import current_request
from connectors.github._sdk.settings import INSTALLATION_ACCESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.github._sdk.answer_cache import AnswerCache

_MAX_ATTEMPTS = 4
_CHUNK = 65_536
_TIMEOUTS = (10, 60)  # seconds to connect, and between two pieces of an answer
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_HOUR = 3600.0  # seconds after which GitHub's quota is full again at the latest
_CACHED_HEADERS = ("link", "x-oauth-scopes", "x-github-sso")
_ACCESS_PATH = re.compile(r"/app/installations/\d+/access_tokens$")
_NO_GRAPHQL = GraphqlQuota()

ADAPTERS: dict[str, BaseAdapter] = {}
"""Adapters of requests by the beginning of the addresses that they serve; new sources send through them.

Empty unless somebody brings a transport of their own, such as an application that answers inside this process.
"""


@dataclass(frozen=True)
class HttpReply:
    """One answer, with the two methods by which PyGithub reads it; header names are in lower case.

    `graphql` is what the answer to a query of GraphQL says of its quota; nothing for any other answer.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    graphql: GraphqlQuota = _NO_GRAPHQL

    def read(self) -> str:
        """Return the body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    def getheaders(self) -> Any:
        """Return the headers as pairs of name and value."""
        return self.headers.items()


class HttpPool:
    """The HTTP connections of one source, shared by its identities and threads."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = True
        self.session.auth = lambda request: request  # otherwise requests would look for another credential in .netrc
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=16, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        for prefix, own in ADAPTERS.items():
            self.session.mount(prefix, own)


@dataclass(frozen=True)
class PreparedRequest:
    """One request as PyGithub hands it over; `url` has no scheme and host."""

    verb: str
    url: str
    body: Any
    headers: dict[str, str]


class Connection:
    """The connection of one identity, in the place of PyGithub's own."""

    def __init__(self, pool: HttpPool, origin: str, host: str, cache: AnswerCache) -> None:
        self.host = host  # PyGithub compares it with the host it wants
        self._pool = pool
        self._origin = origin
        self._cache = cache
        self._thread = threading.local()

    def request(self, verb: str, url: str, body: Any, headers: dict[str, str], stream: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002  PyGithub's signature
        """Store the request that `getresponse` of this thread will send."""
        self._thread.request = PreparedRequest(verb, url, body, headers)

    def getresponse(self) -> HttpReply:
        """Send the stored request, up to four times, and return the answer.

        Raises ConnectorError where the last attempt fails or the answer is not GitHub's, and what `Wire.before` raises.
        """
        request: PreparedRequest = self._thread.request
        wire, call = current_request().wire, current_request().call
        if _ACCESS_PATH.search(request.url) is not None:
            call = Call(INSTALLATION_ACCESS, aside=True)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                reply = self._send(request, wire, call)
            except requests.RequestException as error:
                if attempt == _MAX_ATTEMPTS:
                    raise Unavailable(f"GitHub could not be reached: {type(error).__name__}") from error
            else:
                retry = reply.status == 202 or reply.status >= 500 or _is_rate_limited(reply)  # noqa: PLR2004  Accepted, errors
                if not retry:
                    return _checked(reply, call)
                if attempt == _MAX_ATTEMPTS:
                    raise _final_error(reply, call)
                if _is_rate_limited(reply):
                    continue  # Wire.before waits as long as GitHub has asked for
            wire.pause(2.0 ** (attempt - 1))
        raise AssertionError  # the last attempt returns or raises

    def close(self) -> None:
        """Do nothing: PyGithub calls it, and the pool is shared."""

    def _send(self, request: PreparedRequest, wire: Wire, call: Call) -> HttpReply:
        cached = self._cache.get(request.url) if request.verb == "GET" else None
        headers = request.headers if cached is None else {**request.headers, "If-None-Match": cached.etag}
        wire.before(call)
        answer = Answer(status=None, error="nothing came back")
        try:
            with self._pool.session.request(
                request.verb,
                self._origin + request.url,
                data=request.body,
                headers=headers,
                timeout=_TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = self._answer_of(response)
                body = b"".join(_chunks(response, wire.largest_answer, call))
            headers_of_reply = {name.lower(): value for name, value in response.headers.items()}
            quota = quota_of(body) if call.operation == GRAPHQL else _NO_GRAPHQL
            reply = HttpReply(response.status_code, headers_of_reply, body, quota)
            answer = replace(_with_points(answer, quota), size=len(body), **_throttling(reply))
        except (requests.RequestException, ConnectorError) as error:
            answer = replace(answer, error=f"{type(error).__name__}: {str(error)[:200]}")
            raise
        finally:
            wire.after(call, answer)
        whole = self._from_cache(request, cached, reply)
        if (tap := tap_of(wire)) is not None:
            sent = request.body.encode() if isinstance(request.body, str) else request.body or b""
            tap(Exchange(call, request.verb, request.url, whole.status, whole.headers, whole.body, sent))
        return whole

    def _from_cache(self, request: PreparedRequest, cached: CachedAnswer | None, reply: HttpReply) -> HttpReply:
        if reply.status == 304:  # noqa: PLR2004  Not Modified
            if cached is None:
                raise Unexpected("GitHub says that an answer has not changed which nobody had")
            return HttpReply(200, {**reply.headers, **cached.headers}, cached.body)
        etag = reply.headers.get("etag")
        if request.verb == "GET" and reply.status == 200 and etag:  # noqa: PLR2004  OK
            kept_headers = {name: reply.headers[name] for name in _CACHED_HEADERS if name in reply.headers}
            self._cache.put(request.url, CachedAnswer(etag, kept_headers, reply.body))
        return reply

    def _answer_of(self, response: requests.Response) -> Answer:
        headers = response.headers
        date = _date(headers.get("date"))
        return Answer(
            status=response.status_code,
            request_id=headers.get("x-github-request-id"),
            date=date,
            free=response.status_code == 304,  # noqa: PLR2004  Not Modified
            remaining=_number(headers.get("x-ratelimit-remaining")),
            limit=_number(headers.get("x-ratelimit-limit")),
            resets_in=_resets_in(_number(headers.get("x-ratelimit-reset")), date),
            bucket=headers.get("x-ratelimit-resource"),
        )


def _with_points(answer: Answer, quota: GraphqlQuota) -> Answer:
    """Return an answer with the points that the body states; a server of one's own need not state them in headers."""
    if (limit := quota.limit) is not None:
        answer = replace(answer, cost=limit.cost)
        if answer.remaining is None and answer.date is not None:
            resets_in = max(limit.reset_at - answer.date, timedelta(0))
            answer = replace(answer, remaining=limit.remaining, limit=limit.limit, resets_in=resets_in)
    # The header counts late, and may still state some points where the body says that none are left.
    return replace(answer, remaining=0) if quota.used_up else answer


def _resets_in(reset: int | None, date: datetime | None) -> timedelta | None:
    if reset is None or date is None:
        return None
    return timedelta(seconds=min(max(reset - date.timestamp(), 0.0), _HOUR))


def _throttling(reply: HttpReply) -> dict[str, Any]:
    """Return the fields of Answer that say how long to wait after a rate-limited answer; empty for any other."""
    if not _is_rate_limited(reply):
        return {}
    reset, date = _number(reply.headers.get("x-ratelimit-reset")), _date(reply.headers.get("date"))
    after = _wait(reply.headers.get("retry-after"), date)
    if after is not None:
        pause = after
    elif _is_used_up(reply) and reset is not None and date is not None:
        pause = max(datetime.fromtimestamp(reset, UTC) - date, timedelta(0)) + timedelta(seconds=1)
    else:
        # GitHub's documentation asks for a minute at least where it names no time.
        pause = _MINUTE
    return {"throttled": True, "retry_after": min(pause, _DAY)}


def _wait(text: str | None, date: datetime | None) -> timedelta | None:
    """Return how long a Retry-After asks to wait: seconds, with or without decimals, or a date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    if text.isascii() and text.replace(".", "", 1).isdecimal():
        return timedelta(seconds=min(float(text), _DAY.total_seconds()))
    until = _date(text)
    return None if until is None or date is None else max(until - date, timedelta(0))


def _is_used_up(reply: HttpReply) -> bool:
    return reply.graphql.used_up or reply.headers.get("x-ratelimit-remaining") == "0"


def _is_rate_limited(reply: HttpReply) -> bool:
    if reply.graphql.is_limited:
        return True
    return reply.status in (403, 429) and is_rate_limited(reply.status, reply.read()[:2000], reply.headers)


def _checked(reply: HttpReply, call: Call) -> HttpReply:
    """Return the answer. Raises NotThere or Unexpected for a redirect, and for an answer that is not JSON."""
    if 300 <= reply.status < 400:  # noqa: PLR2004  redirects
        if call.operation.startswith("GET /repos/"):
            raise repository_gone(f"GitHub answered {reply.status} to {call.operation}", code=str(reply.status))
        raise Unexpected(f"GitHub sends {call.operation} elsewhere (status {reply.status})")
    if reply.body and "json" not in reply.headers.get("content-type", ""):
        raise _not_json(reply, call)
    return reply


def _final_error(reply: HttpReply, call: Call) -> ConnectorError:
    if reply.status == 202:  # noqa: PLR2004  Accepted
        return Unavailable(f"GitHub is still making its answer to {call.operation}")
    if reply.body and "json" not in reply.headers.get("content-type", ""):
        return _not_json(reply, call)
    if _is_rate_limited(reply):
        return RateLimited(f"GitHub still wants fewer calls after {_MAX_ATTEMPTS} attempts (status {reply.status})")
    return error_for_status(reply.status, f"after {_MAX_ATTEMPTS} attempts", reply.headers)


def _not_json(reply: HttpReply, call: Call) -> ConnectorError:
    kind = Unavailable if reply.status >= 500 else Unexpected  # noqa: PLR2004  the server's own errors
    return kind(
        f"{call.operation} was answered with a page (status {reply.status}), not by GitHub's API",
        mend="look at the proxy of this machine and at url in the source",
    )


def _chunks(response: requests.Response, largest: int, call: Call) -> Iterator[bytes]:
    size = 0
    announced = _number(response.headers.get("content-length")) or 0
    for chunk in response.iter_content(_CHUNK) if announced <= largest else ():
        size += len(chunk)
        if size > largest:
            break
        yield chunk
    if max(size, announced) > largest:
        raise Unexpected(f"the answer to {call.operation} is larger than {largest} bytes and was not read on")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
