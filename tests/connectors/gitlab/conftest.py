"""A played GitLab, a wire that counts, and clients between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.setup.loading import LoadedConnector, connector
from connectors.gitlab._sdk.client import GitLab, connect
from tests.connectors import reasons
from tests.connectors.aws.wires import CountingWire
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.estate import furnish, served, settings


@pytest.fixture
def lab() -> Iterator[GitLabDouble]:
    """The company on a GitLab of its own."""
    with served(GitLabDouble()) as double:
        yield furnish(double)


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture
def source(lab: GitLabDouble, wire: CountingWire) -> Iterator[GitLab]:
    """A client of the instance."""
    client = connect(settings(lab.url), (), wire)
    yield client
    client.close()


@pytest.fixture
def group(lab: GitLabDouble, wire: CountingWire) -> Iterator[GitLab]:
    """A client of the group acme."""
    client = connect(settings(lab.url), ("acme",), wire)
    yield client
    client.close()


@pytest.fixture
def project(lab: GitLabDouble, wire: CountingWire) -> Iterator[GitLab]:
    """A client of the project acme/api."""
    client = connect(settings(lab.url), ("acme", "acme/api"), wire)
    yield client
    client.close()


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    """The connector with everything that belongs to it."""
    return connector("gitlab")


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("gitlab", request.node, request.session.items)
