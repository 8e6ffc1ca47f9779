"""The client of one customer: each call with a token for its own scope, and lookups in the DNS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collector.core.errors import Denied, Unexpected
from connectors._google import Google, Identity
from connectors._http import Http
from connectors.googleworkspace._sdk.scopes import CALLS, OPTIONAL, POLICIES, USERS
from connectors.googleworkspace._sdk.settings import DNS, OPTIONAL_SETTINGS, Settings

if TYPE_CHECKING:
    from collector.core.scopes import Scope
    from collector.core.wire import Wire

LOOKUP = "GET /resolve"
"""A lookup in the DNS over HTTPS (https://developers.google.com/speed/public-dns/docs/doh/json)."""

TOKEN = "POST oauth2.googleapis.com/token"  # noqa: S105  an operation, no secret
"""The request for a token of a service account's key; another credential asks elsewhere."""

_TXT = 16  # RFC 1035, 3.2.2

_UNAUTHORIZED = "unauthorized_client"
"""Google's word where the service account is not authorized for a scope, in the answer to a request for a token."""


class Workspace:
    """Asks Google's APIs about one customer; used from many threads, and closed after the last."""

    def __init__(self, settings: Settings, customer: str, wire: Wire) -> None:
        self.settings = settings
        self.customer = customer
        self.wire = wire
        self._lock = threading.Lock()
        self._by_scope: dict[str, Google] = {}
        self._dns = Http(settings.endpoints.get("dns", DNS), wire)

    def pages(self, call: str, /, *, key: str, never_empty: bool = False, **arguments: Any) -> Iterator[Any]:
        """Yield the items of a list, in pages of which Google leaves `key` out where it is empty.

        `never_empty`: by Google's documentation there is always one. Raises Unexpected, after the items before it,
        where there is none, or where an answer of an API that names its kind does not; beyond that as `Google.pages`,
        and names the scope that a refusal is about.
        """
        operation, scope = CALLS[call]
        items = _of_a_kind(key) if operation.api == "admin" else key
        found = False
        try:
            for item in self._google(scope).pages(operation, key=items, **arguments):
                found = True
                yield item
        except Denied as error:
            raise self._refused(error, scope) from error
        if never_empty and not found:
            raise Unexpected(f"{call} lists nothing, and every customer has one at least")

    def ask(self, call: str, /, **arguments: Any) -> Any:
        """Return the JSON that answers a call."""
        operation, scope = CALLS[call]
        try:
            return self._google(scope).ask(operation, **arguments)
        except Denied as error:
            raise self._refused(error, scope) from error

    def one_page(self, call: str, /, *, key: str, never_empty: bool = False, **arguments: Any) -> list[Any]:
        """Return the items of a list that comes as a whole; empty where Google leaves them out of a list of this kind.

        Raises Unexpected where the answer is not that list, or `never_empty` and without items.
        """
        answer = self.ask(call, **arguments)
        if not isinstance(answer, dict) or "kind" not in answer or answer.get("nextPageToken"):
            raise Unexpected(f"{call} was not answered with one whole list")
        items = answer.get(key, [])
        if not isinstance(items, list) or (never_empty and not items):
            raise Unexpected(f"{call} was answered without {key}")
        return items

    def require_wanted(self, scope: str) -> None:
        """Raise Denied for a scope without a read-only form that the settings do not turn on: nothing is asked then."""
        if scope not in self.settings.optional_scopes:
            name = OPTIONAL_SETTINGS[scope]
            raise Denied(
                f"{name} is off in this source, because Google has no scope that only reads this",
                code="off",
                mend=f"set {name} = true and authorize {scope}, which would also allow to {OPTIONAL[scope]}",
            )

    def clock(self, call: str, /, **arguments: Any) -> datetime:
        """Return Google's time, off the first page of a list; windows of time are counted from it."""
        operation, scope = CALLS[call]
        try:
            page = next(self._google(scope).walk(operation, key=_of_a_kind("items"), **arguments))
        except Denied as error:
            raise self._refused(error, scope) from error
        if page.reply.date is None:
            raise Unexpected(f"the answer to {call} has no date")
        return page.reply.date

    def lookup(self, name: str) -> list[str]:
        """Return the TXT records that a name has in the DNS, sorted; empty where it has none.

        Raises Unexpected where the resolver did not get an answer: only "no error" and "no such name" are answers.
        """
        answer = self._dns.get(LOOKUP, having="Status", query={"name": name, "type": "TXT"})
        if answer["Status"] not in (0, 3) or answer.get("TC"):
            raise Unexpected(f"the DNS gave no whole answer about {name}: status {answer['Status']}")
        return sorted(str(found["data"]) for found in answer.get("Answer", ()) if found["type"] == _TXT)

    def may_act_by(self, scope: str) -> bool:
        """Whether Google gives a token for a scope: whether the service account is authorized for it."""
        try:
            Identity(self.settings.sign_in, (scope,)).headers(self.wire)
        except Denied as error:
            if _UNAUTHORIZED in error.what:
                return False
            raise
        return True

    def identity(self) -> str:
        """Return who annexd is: the administrator, and the service account that acts for that person."""
        return self.settings.sign_in.identity(USERS).name(self.wire)

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            clients, self._by_scope = list(self._by_scope.values()), {}
        for client in clients:
            client.close()
        self._dns.close()

    def _google(self, scope: str) -> Google:
        with self._lock:
            if scope not in self._by_scope:
                self._by_scope[scope] = Google(
                    self.wire, self.settings.sign_in.identity(scope), endpoints=self.settings.endpoints
                )
            return self._by_scope[scope]

    def _refused(self, error: Denied, scope: str) -> Denied:
        if _UNAUTHORIZED in error.what:
            mend = f"authorize the scope {scope} for the service account: Admin console, Security, API controls"
        elif scope == POLICIES:
            mend = f"the Policy API answers super administrators only, and {self.settings.admin} has to be one"
        else:
            mend = error.mend or f"give {self.settings.admin} an administrator role that may read this"
        return type(error)(error.what, code=error.code, mend=mend)


def _of_a_kind(key: str) -> Callable[[Any], Any]:
    """Return a function for the items of a page of the Admin SDK, whose answers all say of what kind they are."""
    return lambda body: body.get(key, []) if body["kind"] else None


def connect(settings: Settings, scope: Scope, wire: Wire) -> Workspace:
    """Return the client of a customer."""
    (customer,) = scope
    return Workspace(settings, customer, wire)
