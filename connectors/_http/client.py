"""The client of a platform that speaks JSON over HTTP: what a connector holds for one scope."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import Unexpected
from collector.core.secrets import Secret
from collector.core.wire import Call, Total, Wire
from connectors._http.connections import Lease, timeouts
from connectors._http.errors import Errors
from connectors._http.operations import Query, address, next_address, recorded
from connectors._http.origins import base_address, origin_of
from connectors._http.paging import Items, Page, Paging, Place, count_at, items_of, shown
from connectors._http.quotas import QuotaOf, no_quota
from connectors._http.replies import Reply, json_of
from connectors._http.sending import Outgoing, Retries, Sender
from connectors._http.tokens import SecretHeader, TokenSource

if TYPE_CHECKING:
    from collector.core.resources import Body

MOST_PAGES = 100_000
"""Pages after which a list is taken for endless; the deadline of the task usually comes first."""

_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 307, 308})


class Http:
    """Asks one platform at one address, for one scope; used from many threads, and closed after the last.

    `wire` is what `connect` was given. `token` is a Secret, sent as a bearer token, or whatever else gives headers.
    `places` fill the placeholders that all operations of the scope have. `headers` go with every request. `redirects`
    allows those that stay on the platform's host. Raises ConfigError for an address that is not encrypted, unless it is
    this machine's own.
    """

    def __init__(  # noqa: PLR0913  what a platform may need, each with a default
        self,
        url: str,
        wire: Wire,
        *,
        token: Secret | TokenSource | None = None,
        errors: Errors = Errors(),  # noqa: B008  frozen
        quota: QuotaOf = no_quota,
        headers: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
        retries: Retries = Retries(),  # noqa: B008  frozen
        redirects: bool = False,
        connect_seconds: float = 10.0,
        read_seconds: float = 60.0,
    ) -> None:
        self._base = base_address(url)
        self._lease = Lease(origin_of(self._base))
        self._headers = dict(headers or {})
        self._places = dict(places or {})
        self._redirects = redirects
        self._sender = Sender(
            wire,
            self._lease,
            errors,
            token=SecretHeader(token) if isinstance(token, Secret) else token,
            quota=quota,
            retries=retries,
            timeouts=timeouts(connect_seconds, read_seconds),
        )

    def get(self, call: str, /, *, having: str | None = None, query: Query | None = None, **places: str) -> Body:
        """Return the object that an operation answers with.

        `call` is the operation in the platform's words, `places` fill its placeholders. Raises Unexpected where the
        answer is no JSON object or lacks the key `having`, without which it says nothing; the errors of the platform,
        and what `Wire.before` raises.
        """
        answer = _object(self.value(call, query=query, **places), call)
        if having is not None and having not in answer:
            raise Unexpected(f"{call} was answered without {having}")
        return answer

    def value(self, call: str, /, *, query: Query | None = None, **places: str) -> Any:
        """Return the JSON that an operation answers with, whatever it is; raises as `get`, but for the object."""
        return json_of(self._ask(call, query or {}, places), call)

    def post(
        self, call: str, /, *, body: Any, query: Query | None = None, reads_only: bool = False, **places: str
    ) -> Body:
        """Return the object that answers a JSON body; raises as `get`.

        `reads_only`: the operation changes nothing, such as a search, so that it may be sent again where it failed.
        """
        url, known = self._address(call, query or {}, places)
        sent = json.dumps(body, separators=(",", ":")).encode()
        request = Outgoing("POST", url, {**self._headers, "Content-Type": "application/json"}, sent, is_safe=reads_only)
        return _object(json_of(self.send(Call(call, recorded(known, url, sent)), request), call), call)

    def pages(
        self,
        call: str,
        /,
        *,
        key: Items,
        paging: Paging,
        total: Place | None = None,
        query: Query | None = None,
        **places: str,
    ) -> Iterator[Any]:
        """Yield the items of a list, page by page, and first a Total where `total` says where the platform counts them.

        `key` is where a page has its items, None where the page is the list. Raises Unexpected, after the items before
        it, for a page without that list, pages that repeat or lead in a circle, a next page on another host, and a list
        that ends before its total or does not end; raises beyond that as `get`.
        """
        for number, page in enumerate(self.walk(call, key=key, paging=paging, total=total, query=query, **places)):
            if number == 0 and total is not None and page.total is not None:
                yield Total(page.total, f"{call} {shown(total)}")
            yield from page.items

    def walk(
        self,
        call: str,
        /,
        *,
        key: Items,
        paging: Paging,
        total: Place | None = None,
        query: Query | None = None,
        **places: str,
    ) -> Iterator[Page]:
        """Yield whole pages, for a platform that says more in them than the items; arguments and errors as `pages`."""
        url, known = self._address(call, query or {}, places)
        start = Outgoing("GET", url, self._headers)
        return self.walk_from(call, start, known, key=key, paging=paging, total=total)

    def walk_from(
        self,
        call: str,
        start: Outgoing,
        places: Mapping[str, str],
        *,
        key: Items,
        paging: Paging,
        total: Place | None = None,
    ) -> Iterator[Page]:
        """Yield pages from a request on, which something else has built; `places` are recorded with it."""
        url = start.url
        seen: set[int] = set()
        items: list[Any] = []
        listed = 0
        for _ in range(MOST_PAGES):
            seen.add(hash(str(url)))
            reply = self.send(Call(call, recorded(places, url)), replace(start, url=url))
            body = json_of(reply, call)
            page = Page(call, url, reply, body, [], listed, None)
            before, items = items, items_of(page, key)
            if items and items == before:
                raise Unexpected(f"{call}: two pages hold the same, after {listed} items")
            listed += len(items)
            page = replace(page, items=items, listed=listed, total=count_at(page, total) if total is not None else None)
            yield page
            following = paging.after(page)
            if following is None:
                if page.total is not None and listed < page.total:
                    raise Unexpected(f"{call} counts {page.total}, and its pages ended after {listed}")
                return
            if isinstance(following, str):
                url = next_address(url, following, call)
            else:
                url = url.copy_merge_params(dict(following))
            if hash(str(url)) in seen:
                raise Unexpected(f"{call}: its pages go round in circles, {len(seen)} pages in")
        raise Unexpected(f"{call} has more than {MOST_PAGES} pages")

    def send(self, call: Call, request: Outgoing) -> Reply:
        """Return the answer to a request that something else has built; its status is one that `request` expects.

        Raises Unexpected where the address is not on the platform's own host, and as `get` otherwise.
        """
        origin = origin_of(self._base)
        redirects = _REDIRECTS if self._redirects and request.method in {"GET", "HEAD"} else frozenset()
        for _ in range(_MOST_REDIRECTS + 1):
            if origin_of(request.url) != origin or request.url.userinfo:
                raise Unexpected(f"{call.operation}: {origin_of(request.url)} is not {origin}, and was not asked")
            reply = self._sender.send(call, replace(request, expected=request.expected | redirects))
            if reply.status in request.expected:
                return reply
            request = replace(request, url=next_address(request.url, reply.headers.get("location", ""), call.operation))
        raise Unexpected(f"{call.operation} was sent elsewhere more than {_MOST_REDIRECTS} times")

    def close(self) -> None:
        """Give the connections back; those of the platform are closed with its last client."""
        self._lease.close()

    def _ask(self, call: str, query: Query, places: Mapping[str, str]) -> Reply:
        url, known = self._address(call, query, places)
        return self.send(Call(call, recorded(known, url)), Outgoing("GET", url, self._headers))

    def _address(self, call: str, query: Query, places: Mapping[str, str]) -> tuple[httpx.URL, Mapping[str, str]]:
        known = {name: value for name, value in self._places.items() if f"{{{name}}}" in call or f":{name}" in call}
        known.update(places)
        return address(self._base, call, known, query), known


def _object(value: Any, call: str) -> Body:
    if not isinstance(value, dict):
        kind = "nothing" if value is None else type(value).__name__
        raise Unexpected(f"{call} was answered without an object, but with {kind}")
    return value
