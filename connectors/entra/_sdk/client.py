"""The client of a tenant: msgraph-sdk builds the requests of Microsoft Graph, and the HTTP kit sends them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Unexpected
from connectors._http import Http, SharedResults
from connectors._http.adapters.graph import GraphRequests
from connectors._microsoft import SignIn, TokenClaims, sign_in
from connectors._microsoft.sign_in import sdk_missing
from connectors.entra._sdk.errors import GRAPH, explained

if TYPE_CHECKING:
    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from connectors.entra._sdk.settings import Settings

Build = Callable[[Any], Any]
"""From msgraph's client to the builder of a request, such as `lambda graph: graph.users`."""

Options = Mapping[str, Any]
"""Query options of OData by their names without the dollar sign, such as {"select": ["id"], "top": 999}."""

_IMPORTING = threading.Lock()
_IMPORTED: set[str] = set()


class Graph:
    """Asks Microsoft Graph about one tenant. Used from several threads, and closed after the last task."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire) -> None:
        self.settings = settings
        self.tenant = scope[0] if scope else settings.tenant
        self.wire = wire
        self.sign_in: SignIn = sign_in(settings, settings.endpoints.graph_scope)
        self.once = SharedResults()
        """What several parts of this client share."""
        self._http = Http(settings.graph, wire, token=self.sign_in, errors=GRAPH)
        self._others: list[Http] = []

    def pages(self, call: str, build: Build, options: Options | None = None) -> Iterator[Body]:
        """Yield the items of a list. Raises ConnectorError that says which permission or licence is missing."""
        with self._explaining(call):
            for page in self._requests.walk(self._http, call, self._built(call, build, options)):
                yield from page.items

    def get(self, call: str, build: Build, options: Options | None = None, *, having: str) -> Body:
        """Return one object, which has a key without which it would say nothing. Raises as `pages`."""
        with self._explaining(call):
            found = self._requests.ask(self._http, call, self._built(call, build, options))
        if not isinstance(found, dict) or having not in found:
            raise Unexpected(f"{call} was answered without {having}")
        return found

    def http(self, url: str, **settings: Any) -> Http:
        """Return a client for another address, closed with this one."""
        other = Http(url, self.wire, **settings)
        self._others.append(other)
        return other

    def claims(self) -> TokenClaims | None:
        """Return what the token says of the source; None where it is not readable."""
        return self.sign_in.claims(self.wire)

    def identity(self) -> str:
        """Return who asks, by the token; by the settings where that is not readable."""
        claims = self.claims()
        return self.settings.identity if claims is None else claims.identity

    def close(self) -> None:
        """Give the connections back."""
        for http in (self._http, *self._others):
            http.close()

    @cached_property
    def _requests(self) -> GraphRequests:
        try:
            return GraphRequests(self.settings.graph)
        except ImportError as error:
            raise sdk_missing(error) from error

    @cached_property
    def _api(self) -> Any:
        requests = self._requests
        from msgraph.graph_service_client import GraphServiceClient  # noqa: PLC0415  the SDK is imported when it is used

        return GraphServiceClient(request_adapter=requests.adapter)

    def _built(self, call: str, build: Build, options: Options | None) -> Any:
        if call not in _IMPORTED:
            _import_builders(call, lambda: build(self._api))
        information = build(self._api).to_get_request_information()
        for name, value in (options or {}).items():
            information.query_parameters[f"%24{name}"] = value
        # Without it Graph hides values that are younger than the first release, such as the platform linux.
        information.headers.add("Prefer", "include-unknown-enum-members")
        return information

    @contextmanager
    def _explaining(self, call: str) -> Iterator[None]:
        try:
            yield
        except ConnectorError as error:
            better = explained(error, call, self._claims_of_a_refusal(error))
            if better is error:
                raise
            raise better from error

    def _claims_of_a_refusal(self, error: ConnectorError) -> TokenClaims | None:
        # The token is at hand: the call that was refused has carried it.
        return self.claims() if error.code is not None else None


def _import_builders(call: str, build: Callable[[], object]) -> None:
    """Import the SDK's builders for a call: each module warns of its own deprecated classes when it is imported."""
    with _IMPORTING, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        build()
        _IMPORTED.add(call)


def connect(settings: Settings, scope: Scope, wire: Wire) -> Graph:
    """Return a client of the tenant."""
    return Graph(settings, scope, wire)
