"""The connection that PyGithub is given: every HTTP attempt passes the wire, once, retries and new tokens too.

PyGithub keeps one connection for all threads, and speaks to it in two calls, so that two threads could take each
other's answers. This one keeps what is asked for each thread. It also does what PyGithub would do less well: it waits
through the wire, never follows a redirect (PyGithub would lose the query), and reads no more than is allowed.
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
from collector.core.wire import Answer, Call, Wire
from connectors.github._sdk.answer_cache import Remembered
from connectors.github._sdk.errors import answered, gone, limited
from connectors.github._sdk.request_context import now_asking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.github._sdk.answer_cache import AnswerCache

_ATTEMPTS = 4
_CHUNK = 65_536
_TIMES = (10, 60)  # seconds to connect, and between two pieces of an answer
_MINUTE = timedelta(minutes=1)
_HOUR = 3600.0  # seconds after which GitHub's quota is full again at the latest
_KEPT = ("link", "x-oauth-scopes", "x-github-sso")
_NEW_TOKEN = re.compile(r"/app/installations/\d+/access_tokens$")

ADAPTERS: dict[str, BaseAdapter] = {}
"""Adapters of requests by the beginning of the addresses that they serve; new sources send through them.

Empty unless somebody brings a transport of their own, such as an application that answers inside this process.
"""


@dataclass(frozen=True)
class HttpReply:
    """One answer as PyGithub wants to read it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self) -> str:
        """The text of the answer."""
        return self.body.decode("utf-8", "replace")

    def getheaders(self) -> Any:
        """The headers, name by name."""
        return self.headers.items()


class HttpPool:
    """The pool of connections of one source."""

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
    """One request as PyGithub makes it."""

    verb: str
    url: str
    body: Any
    headers: dict[str, str]


class Connection:
    """Stands where PyGithub keeps its connection, for one identity; `counted` if its quota is the source's."""

    def __init__(self, door: HttpPool, origin: str, host: str, memory: AnswerCache, *, counted: bool) -> None:
        self.host = host  # PyGithub compares it with the host it wants
        self._door = door
        self._origin = origin
        self._memory = memory
        self._counted = counted
        self._mine = threading.local()

    def request(self, verb: str, url: str, body: Any, headers: dict[str, str], stream: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002  PyGithub's signature
        """Note what this thread asks next."""
        self._mine.request = PreparedRequest(verb, url, body, headers)

    def getresponse(self) -> HttpReply:
        """Ask, several times if need be. Raises ConnectorError and what `Wire.before` raises."""
        asked: PreparedRequest = self._mine.request
        wire, call = now_asking().wire, now_asking().call
        if _NEW_TOKEN.search(asked.url) is not None:
            call = Call("POST /app/installations/{installation_id}/access_tokens")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                reply = self._once(asked, wire, call)
            except requests.RequestException as error:
                if attempt == _ATTEMPTS:
                    raise Unavailable(f"GitHub could not be reached: {type(error).__name__}") from error
            else:
                again = reply.status == 202 or reply.status >= 500 or _limited(reply)  # noqa: PLR2004  Accepted, errors
                if not again:
                    return _settled(reply, call)
                if attempt == _ATTEMPTS:
                    raise _given_up(reply, call)
                if _limited(reply):
                    continue  # the wire lets nobody out before GitHub wants to hear from us again
            wire.pause(2.0 ** (attempt - 1))
        raise AssertionError  # the last attempt returns or raises

    def close(self) -> None:
        """The door outlives it."""

    def _once(self, asked: PreparedRequest, wire: Wire, call: Call) -> HttpReply:
        known = self._memory.recall(asked.url) if asked.verb == "GET" else None
        headers = asked.headers if known is None else {**asked.headers, "If-None-Match": known.etag}
        wire.before(call)
        answer = Answer(status=None, error="nothing came back")
        try:
            with self._door.session.request(
                asked.verb,
                self._origin + asked.url,
                data=asked.body,
                headers=headers,
                timeout=_TIMES,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = self._heard(response)
                body = b"".join(_chunks(response, wire.largest_answer, call))
            told = {name.lower(): value for name, value in response.headers.items()}
            reply = HttpReply(response.status_code, told, body)
            answer = replace(answer, size=len(body), **_throttling(reply))
        except (requests.RequestException, ConnectorError) as error:
            answer = replace(answer, error=f"{type(error).__name__}: {str(error)[:200]}")
            raise
        finally:
            wire.after(call, answer)
        return self._remembered(asked, known, reply)

    def _remembered(self, asked: PreparedRequest, known: Remembered | None, reply: HttpReply) -> HttpReply:
        if reply.status == 304:  # noqa: PLR2004  Not Modified
            if known is None:
                raise Unexpected("GitHub says that an answer has not changed which nobody had")
            return HttpReply(200, {**reply.headers, **known.headers}, known.body)
        etag = reply.headers.get("etag")
        if asked.verb == "GET" and reply.status == 200 and etag:  # noqa: PLR2004  OK
            kept = {name: reply.headers[name] for name in _KEPT if name in reply.headers}
            self._memory.keep(asked.url, Remembered(etag, kept, reply.body))
        return reply

    def _heard(self, response: requests.Response) -> Answer:
        headers = response.headers
        date = _date(headers.get("date"))
        remaining, limit = _number(headers.get("x-ratelimit-remaining")), _number(headers.get("x-ratelimit-limit"))
        reset = _number(headers.get("x-ratelimit-reset"))
        # An app by itself, GraphQL and the audit log have quotas of their own.
        core = self._counted and headers.get("x-ratelimit-resource", "core") == "core"
        return Answer(
            status=response.status_code,
            request_id=headers.get("x-github-request-id"),
            date=date,
            free=response.status_code == 304,  # noqa: PLR2004  Not Modified
            remaining=remaining if core else None,
            limit=limit if core else None,
            resets_in=_resets_in(reset, date) if core else None,
        )


def _resets_in(reset: int | None, date: datetime | None) -> timedelta | None:
    if reset is None or date is None:
        return None
    return timedelta(seconds=min(max(reset - date.timestamp(), 0.0), _HOUR))


def _throttling(reply: HttpReply) -> dict[str, Any]:
    """What the wire is told of a refusal for too many calls: how long GitHub wants to hear nothing."""
    if not _limited(reply):
        return {}
    after = _number(reply.headers.get("retry-after"))
    reset, date = _number(reply.headers.get("x-ratelimit-reset")), _date(reply.headers.get("date"))
    if after is not None:
        pause = timedelta(seconds=after)
    elif reply.headers.get("x-ratelimit-remaining") == "0" and reset is not None and date is not None:
        pause = max(datetime.fromtimestamp(reset, UTC) - date, timedelta(0)) + timedelta(seconds=1)
    else:
        # GitHub's documentation asks for a minute at least where it names no time.
        pause = _MINUTE
    return {"throttled": True, "retry_after": min(pause, timedelta(days=1))}


def _limited(reply: HttpReply) -> bool:
    return reply.status in (403, 429) and limited(reply.status, reply.read()[:2000], reply.headers)


def _settled(reply: HttpReply, call: Call) -> HttpReply:
    """Return an answer of GitHub's own. Raises where it sends us elsewhere, or is somebody else's page."""
    if 300 <= reply.status < 400:  # noqa: PLR2004  redirects
        if call.operation.startswith("GET /repos/"):
            raise gone(f"GitHub answered {reply.status} to {call.operation}", code=str(reply.status))
        raise Unexpected(f"GitHub sends {call.operation} elsewhere (status {reply.status})")
    if reply.body and "json" not in reply.headers.get("content-type", ""):
        raise _not_json(reply, call)
    return reply


def _given_up(reply: HttpReply, call: Call) -> ConnectorError:
    if reply.status == 202:  # noqa: PLR2004  Accepted
        return Unavailable(f"GitHub is still making its answer to {call.operation}")
    if reply.body and "json" not in reply.headers.get("content-type", ""):
        return _not_json(reply, call)
    if _limited(reply):
        return RateLimited(f"GitHub still wants fewer calls after {_ATTEMPTS} attempts (status {reply.status})")
    return answered(reply.status, f"after {_ATTEMPTS} attempts", reply.headers)


def _not_json(reply: HttpReply, call: Call) -> ConnectorError:
    kind = Unavailable if reply.status >= 500 else Unexpected  # noqa: PLR2004  the server's own errors
    return kind(
        f"{call.operation} was answered with a page (status {reply.status}), not by GitHub's API",
        mend="look at the proxy of this machine and at url in the source",
    )


def _chunks(response: requests.Response, largest: int, call: Call) -> Iterator[bytes]:
    read = 0
    announced = _number(response.headers.get("content-length")) or 0
    for chunk in response.iter_content(_CHUNK) if announced <= largest else ():
        read += len(chunk)
        if read > largest:
            break
        yield chunk
    if max(read, announced) > largest:
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
