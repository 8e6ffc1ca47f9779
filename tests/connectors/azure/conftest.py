"""A double of Azure, and the reasons of verdicts compared with the golden file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.azure.double import AzureDouble
from tests.connectors.azure.estate import seed


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """The connector with everything that belongs to it."""
    return connector("azure")


@pytest.fixture
def double(loaded: LoadedConnector) -> Iterator[AzureDouble]:
    """The tenant, answering."""
    azure = AzureDouble(calls=loaded.connector.calls())
    seed(azure)
    with azure.answering():
        yield azure


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("azure", request.node, request.session.items)
