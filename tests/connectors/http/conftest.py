"""Clients of the HTTP kit for tests, closed when the test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from collector.core.wire import Wire
from connectors._http import Http
from tests.connectors.aws.wires import CountingWire

Client = Callable[..., Http]
VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def wire() -> CountingWire:
    """Return a wire that counts and never waits."""
    return CountingWire()


@pytest.fixture
def client(wire: CountingWire) -> Iterator[Client]:
    """Return a function that makes a client of an address, on the counting wire unless another one is given."""
    with ExitStack() as stack:

        def make(url: str, other_wire: Wire | None = None, **settings: Any) -> Http:
            http = Http(url, other_wire or wire, **settings)
            stack.callback(http.close)
            return http

        yield make
