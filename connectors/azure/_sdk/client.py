"""The client that collections of Azure use: Resource Manager for a subscription or the tenant, and Graph for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Denied, NotThere, Unexpected
from collector.core.plain_text import first_few
from collector.core.scopes import Scope
from collector.core.wire import Wire
from connectors._http import Http, NextLink
from connectors._http.tokens import SecretHeader
from connectors._microsoft.sign_in import SignIn, sign_in
from connectors.azure._sdk.errors import ERRORS, graph_errors
from connectors.azure._sdk.operations import version_of
from connectors.azure._sdk.quotas import reads_left
from connectors.azure._sdk.settings import Settings

if TYPE_CHECKING:
    from collector.core.resources import Body

# "nextLink: ... absent or null on the last page": https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md
_PAGING = NextLink("nextLink", omitted=True)
_GRAPH_PAGING = NextLink("@odata.nextLink", omitted=True)


class Azure:
    """Asks Azure for one subscription, or for the tenant. Safe for several threads."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire) -> None:
        self.settings = settings
        self.scope = scope
        self._wire = wire
        self._sign_in = sign_in(settings, settings.endpoints.arm_scope)
        places = {"subscription": scope[0]} if scope else {}
        self._arm = Http(
            settings.endpoints.arm, wire, token=self._sign_in, errors=ERRORS, quota=reads_left, places=places
        )
        self._graph_sign_in = _graph_sign_in(settings)
        self._graph = Http(settings.endpoints.graph, wire, token=self._graph_sign_in, errors=graph_errors())
        self.date: datetime | None = None
        """Azure's own clock, of the latest list that was read; None before the first."""

    def get(self, call: str, /, *, having: str = "properties", query: Any = None, **places: str) -> Body:
        """Return one resource. Raises Unexpected for an answer without the key `having`, and as the kit does."""
        return self._arm.get(call, having=having, query=_versioned(call, query), **places)

    def pages(self, call: str, /, *, query: Any = None, **places: str) -> Iterator[Body]:
        """Yield every resource of a list. Raises as the kit does."""
        walked = self._arm.walk(call, key="value", paging=_PAGING, query=_versioned(call, query), **places)
        for page in walked:
            self.date = page.reply.date or self.date
            for item in page.items:
                if not isinstance(item, dict):
                    raise Unexpected(f"{call} was answered with a list of something else than resources")
                yield item

    def items(self, call: str, /, *, query: Any = None, **places: str) -> list[Body]:
        """Return a whole list, for a part. Raises as `pages`."""
        return list(self.pages(call, query=query, **places))

    def post(self, call: str, /, *, body: Any, query: Any = None, **places: str) -> Body:
        """Return what an operation answers that is sent by POST and changes nothing. Raises as the kit does."""
        return self._arm.post(call, body=body, query=_versioned(call, query), reads_only=True, **places)

    def graph_get(self, call: str, /, *, query: Any = None, **places: str) -> Body:
        """Return one object of Microsoft Graph. Raises as the kit does."""
        return self._graph.get(call, having="id", query=query, **places)

    def graph_post(self, call: str, body: Any) -> Body:
        """Return what Microsoft Graph answers to a question that is sent by POST. Raises as the kit does."""
        return self._graph.post(call, body=body, reads_only=True)

    def graph_pages(self, call: str, /, *, query: Any = None, **places: str) -> Iterator[Body]:
        """Yield every item of a list of Microsoft Graph. Raises as the kit does."""
        return self._graph.pages(call, key="value", paging=_GRAPH_PAGING, query=query, **places)

    def object_id(self) -> str:
        """Return the object id of whoever signs in, as its token says. Raises Unexpected where it cannot be read."""
        claims = self._sign_in.claims(self._wire)
        if claims is None or not claims.object_id:
            raise Unexpected("the token of the source does not say whose it is")
        return claims.object_id

    def graph_permissions(self) -> frozenset[str] | None:
        """Return the permissions that the token for Microsoft Graph has; None where it cannot be read."""
        claims = self._graph_sign_in.claims(self._wire)
        return None if claims is None else claims.granted

    def identity(self) -> str:
        """Return whom the token says that requests are made as."""
        claims = self._sign_in.claims(self._wire)
        if claims is None:
            raise Unexpected("the token of the source does not say whose it is")
        return f"{claims.identity}, object {claims.object_id}"

    def close(self) -> None:
        """Give the connections back."""
        self._arm.close()
        self._graph.close()


def connect(settings: Settings, scope: Scope, wire: Wire) -> Azure:
    """Return a client of the tenant or a subscription. Asks for nothing yet."""
    return Azure(settings, scope, wire)


def below(parents: Iterable[Body], children: Callable[[Body], Iterable[Body]]) -> Iterator[Body]:
    """Yield what lies in each of some resources, such as the databases of servers.

    Goes on where one is refused or gone, and raises after all that can be read, so that the list is partial.
    """
    refused: list[tuple[str, ConnectorError]] = []
    for parent in parents:
        try:
            yield from children(parent)
        except (Denied, NotThere) as error:
            refused.append((str(parent.get("id")), error))
    if refused:
        where, worst = next((each for each in refused if isinstance(each[1], Denied)), refused[0])
        kind = Denied if isinstance(worst, Denied) else NotThere
        raise kind(
            f"what is in {first_few([id_ for id_, _ in refused])} could not be listed; of {where}: {worst.what}",
            code=worst.code,
            mend=worst.mend,
        )


def _versioned(call: str, query: Any) -> dict[str, Any]:
    return {**(query or {}), "api-version": version_of(call)}


def _graph_sign_in(settings: Settings) -> SignIn:
    if settings.graph_access_token is not None:
        return SignIn(SecretHeader(settings.graph_access_token), settings.tenant)
    return sign_in(settings, settings.endpoints.graph_scope)
