"""The whole description of GitHub's API: every request of ours is valid by it, every answer of its is understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

import msgspec
import pytest
from github import GithubException

from collector.core.answers import AnswerBasis
from collector.core.connectors import Collection, Part
from collector.core.errors import Unexpected
from collector.core.resources import Body
from collector.core.secrets import Secret
from collector.core.wire import Answer, Call
from collector.setup.loading import LoadedConnector
from connectors.github._sdk.client import NO_CALL, GitHub, connect
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings
from connectors.github.repository.population import COMPARE
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.judging import bodies
from tests.connectors.github.prism import installed, prism, without_example

pytestmark = pytest.mark.deep

SCOPES = ((), ("acme",), ("acme", "api"))
SAMPLE = {"after": "a" * 40, "oid": "a" * 40, "sha": "a" * 40, "path": "test.yml"}
"""For parts of what GitHub's examples do not list, or GraphQL does."""

# GitHub's example of a folder has no file of code owners, without which nobody asks for the errors in it.
OWNED = {"github.repo.community_file": [{"path": "CODEOWNERS", "type": "blob", "sha": "a" * 40, "size": 20}]}
# These follow answers that GitHub's examples do not give: what GraphQL lists, an environment with protected branches.
NO_EXAMPLE_LEADS_TO: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    COMPARE: ({"basehead": f"{'a' * 40}...{'b' * 40}"}, {"page": 2, "per_page": 1}),
    "GET /repos/{owner}/{repo}/branches": ({}, {"protected": "true", "per_page": 1}),
}
NOT_ASKED = {NO_CALL, GRAPHQL, *NO_EXAMPLE_LEADS_TO}
# GitHub's examples break its own description here, by an empty text for a time, and by a time left out that it
# requires. What is said of each names the place.
EXAMPLES_AMISS = {"github.org.invitation": "failed_at", "github.repo.activity": "timestamp"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the double."""
    with prism(tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture(scope="module")
def source(url: str) -> Settings:
    """A source that asks the double."""
    return Settings(token=Secret("a test", lambda: "ghp_x"), enterprise="acme-group", url=url)


def test_a_request_that_is_not_described_is_refused(source: Settings) -> None:
    """If the double took everything, the test below would prove nothing."""
    client = connect(source, ("acme", "api"), CountingWire())

    with pytest.raises(GithubException, match="422"):
        client.request("GET /repos/{owner}/{repo}/activity", query={"time_period": "for ever"})
    with pytest.raises(GithubException, match="404"):
        client.request("GET /repos/{owner}/{repo}/nothing")


@pytest.mark.parametrize("call", NO_EXAMPLE_LEADS_TO)
def test_requests_that_no_example_leads_to_are_valid(source: Settings, call: str) -> None:
    """Their answers are only described: what is made of them is tried elsewhere."""
    placeholders, query = NO_EXAMPLE_LEADS_TO[call]

    assert connect(source, ("acme", "api"), CountingWire()).request(call, placeholders=placeholders, query=query)


def test_every_operation_is_valid_and_every_answer_is_understood(source: Settings, loaded: LoadedConnector) -> None:
    """Our own copy of the shapes is made for our calls; this holds them to everything that GitHub publishes."""
    connector = loaded.connector
    answered: list[tuple[Call, Answer]] = []
    wrong: list[str] = []
    for collection in connector.collections.values():
        wire = CountingWire()
        client = connect(source, SCOPES[connector.depth(collection.level)], wire)
        wrong += _tried(client, collection, connector.parts.get(collection.id, []))
        answered += wire.received
    wire = CountingWire()
    connect(source, ("acme",), wire).installation()
    connect(source, ("acme",), wire).identity()
    answered += wire.received
    refused = {f"{call.operation}: {answer.status}" for call, answer in answered if answer.status not in {200, 204}}
    declared = {call for item in connector.collections.values() for call in item.calls}
    declared |= {call for parts in connector.parts.values() for part in parts for call in part.calls}

    assert wrong == []
    assert refused == set()
    assert declared - {call.operation for call, _ in answered} == NOT_ASKED
    with_content = {call.operation for call, answer in answered if answer.status == HTTPStatus.OK}
    examples = {call for call in connector.calls() if connector.answer_basis(call) is AnswerBasis.EXAMPLE}
    assert examples == with_content & {*connector.calls()}
    assert without_example(installed(), examples) == set()


def _tried(client: GitHub, collection: Collection[GitHub], parts: Sequence[Part[GitHub]]) -> Iterator[str]:
    """List, read the parts and decode the view; yield what went wrong."""
    queried = GRAPHQL in collection.calls
    if collection.id in OWNED:
        client.results.get("root", lambda: OWNED[collection.id])
    listed: list[Body] = []
    try:
        listed += [] if queried else bodies(collection.list(client))
    except Unexpected as error:
        yield from _unforeseen(collection.id, error)
    for body in listed or [dict(SAMPLE)]:
        for part in parts:
            if GRAPHQL not in part.calls:
                body[part.name] = part.read(client, body)
        if not listed or any(GRAPHQL in part.calls for part in parts):
            continue
        try:
            msgspec.convert(body, collection.kind.view)
        except msgspec.ValidationError as error:
            yield from _unforeseen(collection.id, error)


def _unforeseen(kind: str, error: Exception) -> Iterator[str]:
    """Yield an error, unless it is what is known to be amiss with the example of this kind."""
    if kind not in EXAMPLES_AMISS or EXAMPLES_AMISS[kind] not in str(error):
        yield f"{kind}: {error}"
