"""The client that collections of Okta use: requests for one organization, each with a token for its scope alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from collector.core.errors import Denied, NotSignedIn
from connectors._http import (
    Http,
    LinkHeader,
    NextLink,
    QuotaHeaders,
    SecretHeader,
    SharedResults,
    Token,
    TokenRequests,
    Tokens,
    kept_for,
    key_form,
)
from connectors.okta._sdk.errors import ERRORS
from connectors.okta._sdk.operations import APP, ME, SCOPES

if TYPE_CHECKING:
    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.secrets import Secret
    from collector.core.wire import Wire
    from connectors._http import Paging, TokenSource
    from connectors.okta._sdk.settings import Settings

T = TypeVar("T")

_PROOFS = frozenset({"invalid_dpop_proof", "use_dpop_nonce"})
_NO_PROOF = "take off Require Demonstrating Proof of Possession (DPoP) in the settings of the API service app"


PAGE = 200
"""Resources a page, which is what Okta recommends for users and the most that it allows for several lists."""

IN_BODY = NextLink(("_links", "next", "href"), omitted=True)
"""How lists below /api/v1/iam go on: the last page leaves the link out ("Pagination" in Okta's API reference)."""


class Okta:
    """Requests for one organization. Safe for several threads."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire) -> None:
        self.settings = settings
        self.scope = scope
        self._wire = wire
        self._lock = threading.Lock()
        self._by_scope: dict[str, Http] = {}
        self._results = SharedResults()

    @property
    def now(self) -> datetime:
        """The moment at which the client was made, which the window of the system log ends with."""
        return self.once("now", lambda: datetime.now(UTC))

    def get(self, call: str, /, *, having: str, **places: str) -> Body:
        """Return the object that an operation answers with; errors are those of `Http.get`."""
        return self._http(call).get(call, having=having, query=None, **places)

    def pages(
        self,
        call: str,
        /,
        *,
        key: str | None = None,
        paging: Paging = LinkHeader(),  # noqa: B008  frozen
        query: Mapping[str, Any] | None = None,
        **places: str,
    ) -> Iterator[Any]:
        """Yield the items of a list; `key` is where a page has them, None where the page is the list."""
        return self._http(call).pages(call, key=key, paging=paging, query=query, **places)

    def items(self, call: str, /, **arguments: Any) -> list[Any]:
        """Return the items of a list, all of them."""
        return list(self.pages(call, **arguments))

    def identity(self) -> str:
        """Return the identity that requests are made with: the API service app, or the owner of the API token."""
        if self.settings.client_id is not None:
            app = self.get(APP, having="label", appId=self.settings.client_id)
            return f"API service app {app['label']} ({app['id']})"
        return f"API token of user {self.get(ME, having='id')['id']}"

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returned the first time that this name was asked for.

        Raises ConnectorError where `make` failed with one, the same every time.
        """
        return self._results.get(name, make)

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            clients, self._by_scope = self._by_scope, {}
        for http in clients.values():
            http.close()

    def _http(self, call: str) -> Http:
        # An API token has no scopes: one client is enough, and another for what needs no sign-in.
        scope = SCOPES.get(call, "")
        name = scope if self.settings.client_id is not None or not scope else "token"
        with self._lock:
            if name not in self._by_scope:
                self._by_scope[name] = Http(
                    self.settings.url,
                    self._wire,
                    token=token_for(self.settings, scope) if scope else None,
                    errors=ERRORS,
                    quota=QuotaHeaders("X-Rate-Limit"),
                )
            return self._by_scope[name]


def connect(settings: Settings, scope: Scope, wire: Wire) -> Okta:
    """Return a client for the organization."""
    return Okta(settings, scope, wire)


def token_for(settings: Settings, scope: str) -> TokenSource:
    """Return what gives the credential for calls of one scope.

    Okta refuses a request for a token as a whole where a single scope in it was not granted (invalid_scope). With one
    token for each scope, a scope that is missing takes away what needs it, and nothing else.
    """
    if settings.token is not None:
        return SecretHeader(settings.token, "Authorization", "SSWS ")
    return kept_for((settings, scope), lambda: _tokens(settings, scope))


def _tokens(settings: Settings, scope: str) -> Tokens:
    url = f"{settings.url.rstrip('/')}/oauth2/v1/token"
    key: Secret = settings.private_key  # type: ignore[assignment]  # Settings asks for it beside client_id
    form = key_form(key, url, str(settings.client_id), key_id=settings.key_id, scope=scope)
    requests = TokenRequests("Okta")

    def obtain(wire: Wire, _claims: str | None) -> Token:
        try:
            return requests.issue(wire, url, form())
        except Denied as error:
            if error.code not in _PROOFS:
                raise
            # No scope would help: the app wants proof that the token is used by whoever asked for it.
            raise NotSignedIn(error.what, code=error.code, mend=_NO_PROOF) from error

    return Tokens(obtain)
