"""The tenant of the tests, a wire that counts, and a client between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.entra._sdk.client import Graph, connect
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.entra.estate import estate
from tests.connectors.entra.played import TENANT, PlayedTenant, settings


@pytest.fixture
def tenant() -> Iterator[PlayedTenant]:
    """Return the double of the tenant, while it answers."""
    with PlayedTenant(estate()).running() as played:
        yield played


@pytest.fixture
def wire() -> CountingWire:
    """Return a wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture
def client(tenant: PlayedTenant, wire: CountingWire) -> Iterator[Graph]:
    """Return a client of the tenant."""
    assert tenant.token
    graph = connect(settings(), (TENANT,), wire)
    yield graph
    graph.close()


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("entra", request.node, request.session.items)
