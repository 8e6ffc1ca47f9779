"""A played Google Cloud, and the reasons of verdicts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire

pytest.importorskip("googleapiclient", reason="needs annexd[google]")


@pytest.fixture
def wire() -> CountingWire:
    """Return a wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """Return the connector with everything that belongs to it."""
    return connector("gcp")


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("gcp", request.node, request.session.items)
