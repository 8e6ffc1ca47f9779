"""Microsoft's own examples of answers: the views read them, and the double says nothing else.

vendor_examples/README.md says where they are from.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.core.answers import AnswerBasis
from collector.core.canonical import canonical
from collector.core.views import decode
from collector.setup.loading import LoadedConnector, connector
from connectors.azure._sdk.client import connect
from connectors.azure.web.resources import SLOTS
from tests.connectors.aws.wires import CountingWire
from tests.connectors.azure.double import AzureDouble, settings
from tests.connectors.azure.estate import FIRST

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE / "vendor_examples").glob("*.json"))
DOCUMENTED = tomllib.loads((HERE / "documented.toml").read_text(encoding="utf-8"))
# What is in nearly every answer of Resource Manager, and in few examples.
ANYWHERE = {"etag", "tags", "systemData", "location", "type"}
# One that leaves out what the schema requires, to be as short as it can be.
NO_ANSWER = {"azure.compute.virtual_machine.list_min"}


def kind_of(file: Path) -> str:
    """The kind that an example is of; some kinds have several."""
    return ".".join(file.stem.split(".")[:3])


LISTED = sorted({kind_of(file) for file in EXAMPLES} & connector("azure").connector.collections.keys())
"""The kinds that there are examples of; other examples are answers for a part."""


def items_of(file: Path) -> list[dict[str, Any]]:
    """The resources of an example: a list, a list in an object, or one resource."""
    body = json.loads(file.read_text(encoding="utf-8"))["body"]
    found = body if isinstance(body, list) else body.get("value", body.get("data", [body]))
    return list(found)


def paths_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each key, through lists."""
    if isinstance(value, dict):
        for key, inner in value.items():
            below = f"{path}.{key}" if path else key
            yield below
            yield from paths_of(inner, below)
    elif isinstance(value, list):
        for inner in value:
            yield from paths_of(inner, path)


@pytest.mark.parametrize(
    "file",
    [file for file in EXAMPLES if kind_of(file) in LISTED and file.stem not in NO_ANSWER],
    ids=lambda file: file.stem,
)
def test_views_read_what_the_vendor_answers(file: Path, loaded: LoadedConnector) -> None:
    """A required field that Azure leaves out would make every verdict unknown."""
    kind = kind_of(file)
    unread = {part.name: "not in the example" for part in loaded.connector.parts.get(kind, ())}

    for item in items_of(file):
        stored = canonical({"body": {key: value for key, value in item.items() if key not in unread}})
        view = loaded.connector.collections[kind].kind.view
        assert isinstance(decode(view, stored, None, unread), view)


def test_most_examples_are_of_a_kind() -> None:
    """Else the tests here would try little."""
    assert len(LISTED) > 30


@pytest.mark.parametrize("kind", LISTED)
def test_the_double_says_what_the_vendor_says(
    kind: str, loaded: LoadedConnector, double: AzureDouble, wire: CountingWire
) -> None:
    """A double with names of its own would prove nothing."""
    collection = loaded.connector.collections[kind]
    client = connect(settings(), () if collection.level == "source" else (FIRST,), wire)
    own = {path for body in collection.list(client) if isinstance(body, dict) for path in paths_of(body)}
    known = {path for file in EXAMPLES if kind_of(file) == kind for item in items_of(file) for path in paths_of(item)}
    documented = DOCUMENTED.get(kind, {}).get("paths", [])
    odd = {path for path in own - known if path.split(".")[0] not in ANYWHERE}

    assert double.count > 0
    assert {path for path in odd if not any(f"{path}.".startswith(f"{each}.") for each in documented)} == set()
    assert [path for path in documented if path in known] == []


def test_calls_with_an_example_say_so(loaded: LoadedConnector) -> None:
    """What the page says of how sure the answers are."""
    shown = {kind_of(file) for file in EXAMPLES}
    first = {loaded.connector.collections[kind].calls[-1] for kind in shown & loaded.connector.collections.keys()}
    basis = {call for call, basis in loaded.connector.answers.items() if basis is AnswerBasis.EXAMPLE}

    assert basis <= {*loaded.connector.calls()}
    others = {"GET /subscriptions/{subscription}/resources", SLOTS}
    assert first - basis <= others
