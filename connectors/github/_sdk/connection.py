"""What PyGithub sends through: a connection for each call, which hands the request to the HTTP kit.

PyGithub takes a connection as an argument of `requestJson`. One that belongs to a single call knows its wire, its
operation and its credential, and no thread can take the answer of another. PyGithub itself then opens nothing, repeats
nothing and follows no redirect: what it is given is an answer that it need not do any of this for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import Unexpected
from connectors._http import Reply, Retries
from connectors._http.sending import Outgoing, Sender
from connectors.github._sdk.answer_cache import CachedAnswer
from connectors.github._sdk.errors import repository_gone
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.refusals import NOT_MODIFIED, QUERIES, REST, query_usage, usage

if TYPE_CHECKING:
    from collector.core.wire import Call, Wire
    from connectors._http import TokenSource
    from connectors._http.connections import Lease
    from connectors.github._sdk.answer_cache import AnswerCache

_OK = 200
_ACCEPT = {"Accept": "application/vnd.github+json"}
_CACHED_HEADERS = ("content-type", "link", "x-oauth-scopes", "x-github-sso")

# 202: GitHub is still making the answer.
_RETRIES = Retries(statuses=frozenset({202, *range(500, 600)}))

# PyGithub and `explain` know what these mean. A 401 first asks the credential for another one, and the kit knows what
# the proxy of this machine says with a 407.
_EXPECTED = frozenset(range(200, 500)) - {202, 401, 407}


@dataclass(frozen=True)
class Identity:
    """One identity of a source: its credential, the answers kept for it, and the scheme and host that are asked."""

    origin: str
    token: TokenSource
    cache: AnswerCache

    def connection(self, lease: Lease, wire: Wire, call: Call) -> Any:
        """Return the connection for one call, as PyGithub takes it: by its methods, not by its class."""
        return Connection(self, lease, wire, call)


@dataclass(frozen=True)
class Answered:
    """One answer, with the two methods by which PyGithub reads it; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self) -> str:
        """Return the body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    def getheaders(self) -> Any:
        """Return the headers as pairs of name and value."""
        return self.headers.items()


class Connection:
    """The connection of one call, in the place of PyGithub's own: `request`, and then `getresponse`."""

    def __init__(self, identity: Identity, lease: Lease, wire: Wire, call: Call) -> None:
        self._identity = identity
        self._lease = lease
        self._wire = wire
        self._call = call
        self._asked: tuple[str, str, str | None, Mapping[str, str]] = ("", "", None, {})

    def request(self, verb: str, url: str, body: str | None, headers: Mapping[str, str], stream: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002  PyGithub's signature
        """Take the request that `getresponse` will send; `url` has no scheme and host."""
        self._asked = verb, url, body, headers

    def getresponse(self) -> Answered:
        """Send the request, up to four times, and return the answer: a kept one where it is unchanged.

        All that PyGithub sends here may be sent twice: queries change nothing, and a token that nobody took just ends.
        Raises ConnectorError where the last attempt fails or the answer is not GitHub's, and what `Wire.before` raises.
        """
        verb, url, body, headers = self._asked
        identity, call = self._identity, self._call
        kept = self._kept(url) if verb == "GET" else None
        tag = {"If-None-Match": kept.headers["etag"]} if kept is not None else {}
        is_query = call.operation == GRAPHQL
        sender = Sender(
            self._wire,
            self._lease,
            QUERIES if is_query else REST,
            identity.token,
            query_usage if is_query else usage,
            _RETRIES,
        )
        reply = sender.send(
            call,
            Outgoing(
                verb,
                httpx.URL(identity.origin + url),
                {**_ACCEPT, **headers, **tag},
                body.encode() if body is not None else None,
                is_safe=True,
                expected=_EXPECTED,
                kept=kept,
            ),
        )
        self._check(reply)
        if verb == "GET" and reply.status == _OK and (kept is None or reply.body is not kept.body):
            self._keep(url, reply)
        return Answered(reply.status, reply.headers, reply.body)

    def close(self) -> None:
        """Do nothing: the kit's connections are shared."""

    def _kept(self, url: str) -> Reply | None:
        cached = self._identity.cache.get(url)
        return Reply(_OK, {**cached.headers, "etag": cached.etag}, cached.body) if cached is not None else None

    def _keep(self, url: str, reply: Reply) -> None:
        if etag := reply.headers.get("etag"):
            headers = {name: reply.headers[name] for name in _CACHED_HEADERS if name in reply.headers}
            self._identity.cache.put(url, CachedAnswer(etag, headers, reply.body))

    def _check(self, reply: Reply) -> None:
        """Raise NotThere or Unexpected for a redirect, and for an answer that is not JSON."""
        operation = self._call.operation
        if reply.status == NOT_MODIFIED:
            raise Unexpected("GitHub says that an answer has not changed which nobody had")
        if 300 <= reply.status < 400:  # noqa: PLR2004  redirects
            if operation.startswith("GET /repos/"):
                raise repository_gone(f"GitHub answered {reply.status} to {operation}", code=str(reply.status))
            raise Unexpected(f"GitHub sends {operation} elsewhere (status {reply.status})")
        if reply.body and not reply.is_json:
            raise Unexpected(
                f"{operation} was answered with a page (status {reply.status}), not by GitHub's API",
                mend="look at the proxy of this machine and at url in the source",
            )
