"""The examples of Microsoft's reference pages, played to the client and read by the views."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.core.answers import AnswerBasis
from collector.setup.loading import LoadedConnector, connector
from connectors.entra._sdk.answers import ANSWERS
from connectors.entra._sdk.client import Graph
from tests.connectors.entra.played import PlayedTenant

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "published" / "examples.json").read_text(encoding="utf-8")
)["calls"]
# What parts would bring, where it is never null.
PARTS: dict[str, list[Any]] = {"instances": []}


def kind_of_call(loaded: LoadedConnector, call: str) -> str:
    """Return the kind that a call lists first."""
    return next(kind for kind, listed in loaded.connector.collections.items() if listed.calls[0] == call)


@pytest.mark.parametrize("call", EXAMPLES)
def test_an_example_is_read(client: Graph, tenant: PlayedTenant, call: str) -> None:
    """As Microsoft writes it; what it leaves out of an example is not played."""
    loaded = connector("entra")
    kind = kind_of_call(loaded, call)
    tenant.answers[call] = EXAMPLES[call]
    parts = {part.name: PARTS.get(part.name) for part in loaded.connector.parts.get(kind, [])}
    found = [item for item in loaded.connector.collections[kind].list(client) if isinstance(item, dict)]

    assert found
    for item in found:
        msgspec.convert({**item, **parts}, loaded.connector.collections[kind].kind.view)


def test_each_example_counts_as_one() -> None:
    """And nothing else does."""
    assert {call for call, basis in ANSWERS.items() if basis is AnswerBasis.EXAMPLE} == set(EXAMPLES)
