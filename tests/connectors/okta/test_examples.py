"""Okta's own examples of answers, read through the views: what a view demands, the platform has to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.core.answers import AnswerBasis
from collector.core.redaction import Redactor
from collector.setup.loading import LoadedConnector
from connectors.okta._sdk.client import connect
from connectors.okta._sdk.operations import AUTHENTICATOR_METHODS, GROUPS, POLICY_RULES, ROLE_ASSIGNEES, SCOPES
from tests.connectors.aws.wires import CountingWire
from tests.connectors.okta.estate import furnish
from tests.connectors.okta.played import PlayedOkta, settings

_FILE = Path(__file__).parents[2] / "recorded" / "okta" / "examples.json"
EXAMPLES: dict[str, dict[str, Any]] = json.loads(_FILE.read_text())
_RULES = {"okta-sign-on": "okta.policy.sign_on", "access": "okta.policy.access", "mfa-enroll": "okta.policy.enrollment"}


def cases() -> Iterator[Any]:
    """Yield each example, with the kinds that it is read for."""
    for call, examples in EXAMPLES.items():
        for name, value in examples.items():
            yield pytest.param(call, name, value, id=f"{call}-{name}")


def kinds_of(loaded: LoadedConnector, call: str, name: str) -> list[str]:
    """Return the kinds that list by a call, or have a part by it."""
    if call == POLICY_RULES:
        return [_RULES[name]]
    listing = [id_ for id_, collection in loaded.connector.collections.items() if collection.calls[0] == call]
    parts = [id_ for id_, parts in loaded.connector.parts.items() if any(call in part.calls for part in parts)]
    looked_up = [id_ for id_, found in loaded.connector.collections.items() if call in found.calls]
    return listing + parts + looked_up


@pytest.mark.parametrize(("call", "name", "value"), list(cases()))
def test_an_example_of_okta_s_is_read(call: str, name: str, value: Any, loaded: LoadedConnector) -> None:
    """A field that Okta leaves out of its own example is no required one."""
    kinds = kinds_of(loaded, call, name)
    assert kinds, f"nobody reads {call}"
    with PlayedOkta(own_examples=True) as okta:
        furnish(okta)
        wanted = value["value"] if call == ROLE_ASSIGNEES else value
        answers = {answered: answer for answered, answer in okta.answers.items() if not answered.endswith("/rules")}
        okta.answers = {**answers, POLICY_RULES: [], call: wanted}
        if call == AUTHENTICATOR_METHODS and isinstance(wanted, dict):
            okta.answers[call] = [wanted]  # an example of one of the list
        if call == GROUPS:
            okta.answers["GET /api/v1/groups/{groupId}/roles"] = []
        with closing(connect(settings(), ("acme.okta.com",), CountingWire())) as client:
            for id_ in kinds:
                collection = loaded.connector.collections[id_]
                for body in collection.list(client):
                    assert isinstance(body, dict)
                    parts = {part.name: part.read(client, body) for part in loaded.connector.parts.get(id_, [])}
                    rules, plain = collection.kind.redact, collection.kind.plain
                    clean = Redactor(b"k" * 32, rules, plain).apply({**body, **parts})
                    msgspec.convert(clean, collection.kind.view)
                    assert collection.kind.key_of(body)


def test_what_is_played_by_examples_is_said_to_be(loaded: LoadedConnector) -> None:
    """`annexd connectors` shows how sure the answers of each call are."""
    connector = loaded.connector
    sure = {call for call in connector.calls() if connector.answer_basis(call) is AnswerBasis.EXAMPLE}

    assert sure == EXAMPLES.keys()
    assert not sure - SCOPES.keys()
