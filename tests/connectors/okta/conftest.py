"""A played Okta, a wire that counts, and a client between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from connectors.okta._sdk.client import Okta, connect
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.okta.estate import furnish
from tests.connectors.okta.played import PlayedOkta, settings


@pytest.fixture
def played() -> Iterator[PlayedOkta]:
    """An organization with two of everything, that answers in long pages."""
    with PlayedOkta() as okta:
        furnish(okta)
        yield okta


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture
def client(played: PlayedOkta, wire: CountingWire) -> Iterator[Okta]:
    """A client of the organization, which signs in as an API service app."""
    made = connect(settings(url=played.url), ("acme.okta.com",), wire)
    yield made
    made.close()


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """The connector with everything that belongs to it."""
    return connector("okta")


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("okta", request.node, request.session.items)
