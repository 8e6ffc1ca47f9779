"""The client of one scope: asks Google's APIs, pages their lists, and says where an answer was given in part."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import Unavailable
from connectors._google.errors import google_errors, google_usage
from connectors._google.partial import left_out
from connectors._http import Errors, Http, Retries
from connectors._http.adapters import google as adapter
from connectors._http.paging import Items, OmittedIfEmpty

if TYPE_CHECKING:
    from collector.core.wire import Wire
    from connectors._google.services import Operation
    from connectors._http import Page, TokenSource

_NAMED = 5
"""Places that an error names; the others are counted."""


class Google:
    """Asks all of Google's APIs in one scope; used from many threads, and closed after the last.

    `endpoints` are addresses to use in place of Google's own, by API. `retries` are those of the kit.
    """

    def __init__(
        self,
        wire: Wire,
        token: TokenSource,
        *,
        errors: Errors | None = None,
        endpoints: Mapping[str, str] | None = None,
        retries: Retries = Retries(),  # noqa: B008  frozen
    ) -> None:
        self.wire = wire
        self._token = token
        self._errors = errors or google_errors()
        self._endpoints = dict(endpoints or {})
        self._retries = retries
        self._lock = threading.Lock()
        self._https: dict[str, Http] = {}

    def ask(self, operation: Operation, /, **arguments: Any) -> Any:
        """Return the JSON that answers an operation. Nothing here writes, so that each may be sent again."""
        built = operation.built(endpoint=self._endpoints.get(operation.api, ""), **arguments)
        return adapter.ask(self._http(built), built, reads_only=True, places=_places(arguments))

    def walk(self, operation: Operation, /, *, key: Items, **arguments: Any) -> Iterator[Page]:
        """Yield the pages of a list as they came, in part or not."""
        built = operation.built(endpoint=self._endpoints.get(operation.api, ""), **arguments)
        return adapter.walk(self._http(built), built, key=key, places=_places(arguments))

    def pages(self, operation: Operation, /, *, key: str | Items, **arguments: Any) -> Iterator[Any]:
        """Yield the items of a list. `key` is where a page has them; Google leaves it out where there are none.

        Raises Unavailable, after every item, where Google said that some of the list could not be reached.
        """
        missing: list[str] = []
        items = OmittedIfEmpty(key) if isinstance(key, str) else key
        for page in self.walk(operation, key=items, **arguments):
            yield from page.items
            missing += left_out(page.body)
        raise_if_partial(operation, missing)

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            https, self._https = self._https, {}
        for http in https.values():
            http.close()

    def _http(self, built: adapter.BuiltRequest) -> Http:
        url = httpx.URL(built.uri)
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        with self._lock:
            if origin not in self._https:
                self._https[origin] = Http(
                    origin,
                    self.wire,
                    token=self._token,
                    errors=self._errors,
                    quota=google_usage,
                    retries=self._retries,
                )
            return self._https[origin]


def raise_if_partial(operation: Operation, missing: list[str]) -> None:
    """Raise Unavailable where something is missing from a list whose items were all yielded."""
    if missing:
        more = f"; and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise Unavailable(
            f"{operation} was answered in part: {'; '.join(missing[:_NAMED])}{more}", code="partial answer"
        )


def _places(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments that are recorded with a call; a body is recorded as its digest."""
    return {name: str(value) for name, value in arguments.items() if name != "body"}
