"""The double of Google for tests: its answers are held against Google's own descriptions, and it can be told to err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from collector.contract.httpx_answers import Make, made_by
from collector.core.secrets import Secret
from collector.demo.googleworkspace.double import KEYS, PAGED, WorkspaceDouble, token_for
from connectors.googleworkspace._sdk.client import LOOKUP, TOKEN
from connectors.googleworkspace._sdk.scopes import CALLS
from connectors.googleworkspace._sdk.settings import Settings
from tests.connectors.google.described import differences
from tests.connectors.google.refusals import by_list

__all__ = ["ADMIN", "CUSTOMER", "KEYS", "PAGED", "Double", "not_an_admin", "settings", "token_for"]

CUSTOMER = "C01abc234"
ADMIN = "annexd@acme.example"
_NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)


def settings(**but: Any) -> Settings:
    """Return the settings of a source that reads the double."""
    double = Double()
    named: dict[str, Any] = {
        "customer": CUSTOMER,
        "admin": ADMIN,
        "credentials": Secret("a test", lambda: double.key),
        "endpoints": double.endpoints,
    }
    return Settings(**(named | but))


@dataclass
class Double(WorkspaceDouble):
    """The APIs of one customer. `wrong` answers calls in place of Google, `makes` makes something of its answers."""

    now: Callable[[], datetime] = lambda: _NOW
    wrong: dict[str, Callable[[httpx.Request], httpx.Response | None]] = field(default_factory=dict)
    makes: dict[str, Make] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    validates: bool = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        call, _ = self.call_of(request)
        self.requests.append(request)
        return made_by(self.makes.get(call), request, super().__call__(request))

    def right(self, call: str, places: Mapping[str, str], request: httpx.Request) -> httpx.Response:
        """Return what Google would answer, or what a test has set."""
        wrong = self.wrong.get(call)
        own = wrong(request) if wrong is not None else None
        if own is not None:
            return own
        reply = super().right(call, places, request)
        if self.validates and call not in {TOKEN, LOOKUP} and reply.is_success:
            assert differences(CALLS[call][0], reply.json()) == [], call
        return reply


def not_an_admin(_request: httpx.Request) -> httpx.Response:
    """Refuse as Google does where the administrator may not read something."""
    return by_list(403, "forbidden")
