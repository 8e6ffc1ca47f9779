"""A played GitHub, a wire that counts, and a client between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from connectors.github._sdk.client import GitHub, connect
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.estate import settings
from tests.connectors.github.played import Played


@pytest.fixture
def hub() -> Iterator[Played]:
    """A server that answers what a test tells it to."""
    with Played() as played:
        yield played


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture
def org(hub: Played, wire: CountingWire) -> GitHub:
    """A client of the organization acme."""
    return connect(settings(hub), ("acme",), wire)


@pytest.fixture
def repo(hub: Played, wire: CountingWire) -> GitHub:
    """A client of the repository acme/api."""
    return connect(settings(hub), ("acme", "api"), wire)


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """The connector with everything that belongs to it."""
    return connector("github")


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("github", request.node, request.session.items)
