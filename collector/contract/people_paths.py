"""The rule about people: what a kind of accounts declares by `person=` is in what is stored of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collector.contract.suite_run import SuiteRun
from collector.core.people import person_values, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Harness
    from collector.core.ports import Stored


def finds_people_where_declared(harness: Harness) -> None:
    """Each path that is declared of people has a value in the fixture, and a time of last use can be read as one."""
    with harness.fixture() as double:
        trial = SuiteRun(harness, double)
        trial.run()

    for kind, collection in harness.connector.collections.items():
        person = collection.kind.person
        if person is None:
            continue
        bodies = list(_bodies(trial.resources(kind)))
        for field, paths in person.paths().items():
            for path in paths:
                has_value = any(value != "" for body in bodies for value in values_at(body, path))
                assert has_value, f"no {kind} of the fixture has a {path}, which is declared as {field} of people"
        people = [person_values(person, collection.kind.redact, body, lambda text: text) for body in bodies]
        if person.last_use:
            assert any(values.last_use for values in people), f"no last use of a {kind} can be read as a time"


def _bodies(stored: list[Stored]) -> Iterator[dict[str, Any]]:
    """Yield each body with its volatile keys put back in."""
    for resource in stored:
        if resource.blob is not None:
            facts = msgspec.json.decode(resource.facts) if resource.facts is not None else {}
            yield {**msgspec.json.decode(resource.blob)["body"], **facts}
