"""A double of Google, a wire that counts, and a client between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from connectors.googleworkspace._sdk.client import Workspace, connect
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.googleworkspace.double import CUSTOMER, Double, settings


@pytest.fixture
def google() -> Iterator[Double]:
    """A double that answers what a test tells it to."""
    pytest.importorskip("googleapiclient", reason="needs annexd[google]")
    with Double().serving() as double:
        yield double


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture
def client(google: Double, wire: CountingWire) -> Iterator[Workspace]:
    """A client of the customer that the double plays."""
    assert google.asked.total() == 0
    made = connect(settings(group_settings=True, user_security=True, alerts=True), (CUSTOMER,), wire)
    yield made
    made.close()


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """The connector with everything that belongs to it."""
    return connector("googleworkspace")


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("googleworkspace", request.node, request.session.items)
