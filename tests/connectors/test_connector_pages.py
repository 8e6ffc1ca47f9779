"""Sections of docs/connectors that are written from the declarations of each connector, by `make golden`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.core.answers import AnswerBasis
from collector.core.people import AccountBy, Person
from collector.engine.rule import show_limit
from collector.setup import loading
from collector.setup.loading import LoadedConnector
from tests import golden

ROOT = Path(__file__).parents[2]


def _answers(loaded: LoadedConnector) -> str:
    connector = loaded.connector
    calls = {
        basis: [call for call in connector.calls() if connector.answer_basis(call) is basis] for basis in AnswerBasis
    }
    means = {
        AnswerBasis.LIVE: "the platform itself, in a run that is on record",
        AnswerBasis.RECORDED: "an answer that was recorded from the platform",
        AnswerBasis.EXAMPLE: "an example that the vendor publishes",
        AnswerBasis.DESCRIBED: "an answer made after the vendor's description",
    }
    return (
        "What the answers are based on that tests play: each call is in the row of the surest that it is tested with."
        "\nWhat nobody has tried live may be otherwise on the platform itself: an answer that a view cannot read makes"
        "\nverdicts unknown, never pass.\n\n"
        "| basis | what is played | number | calls |\n|---|---|---|---|\n"
        + "".join(
            f"| `{basis}` | {means[basis]} | {len(some)} | {', '.join(f'`{call}`' for call in some) or 'none'} |\n"
            for basis, some in calls.items()
        )
    )


def _people(loaded: LoadedConnector) -> str:
    rows = "".join(
        f"| `{id_}` | {' | '.join(_person_cells(collection.kind.person))} |\n"
        for id_, collection in sorted(loaded.connector.collections.items())
        if collection.kind.person is not None
    )
    return (
        "Kinds of accounts, and the keys by which each account says whose it is. Mail addresses and subjects of single"
        "\nsign-on are compared as keyed fingerprints, with those of other platforms in the same store.\n\n"
        "| kind | immutable id | name | mail address | subject of single sign-on | account is for | last use |\n"
        f"|---|---|---|---|---|---|---|\n{rows}"
    )


def _person_cells(person: Person) -> list[str]:
    if isinstance(person.account, AccountBy):
        words = ", ".join(f"{word}: {meaning}" for word, meaning in person.account.words.items())
        account = f"`{person.account.path}` ({words})"
    else:
        account = "" if person.account is None else f"{person.account}"
    paths = [f"`{path}`" if path else "" for path in (person.id, person.name, person.mail, person.subject)]
    return [*paths, account, ", ".join(f"`{path}`" for path in person.last_use)]


def _evidence(loaded: LoadedConnector) -> str:
    rows = []
    for id_, collection in sorted(loaded.connector.collections.items()):
        parts = loaded.connector.parts.get(id_, [])
        calls = [*collection.calls, *(call for part in parts for call in part.calls)]
        rows.append(f"| `{id_}` | {', '.join(f'`{call}`' for call in dict.fromkeys(calls) if call[0] != '(')} |\n")
    return "| kind | calls |\n|---|---|\n" + "".join(rows)


def _checks(loaded: LoadedConnector) -> str:
    rows = [
        f"| `{id_}` | {check.severity} | "
        f"{', '.join(f'`{limit.name}` = {show_limit(limit.default)}' for limit in check.limits)} |\n"
        for id_, check in loaded.checks.items()
    ]
    return "| check | severity | limits |\n|---|---|---|\n" + "".join(rows)


SURE = "How sure the answers are"
SECTIONS: dict[str, Callable[[LoadedConnector], str]] = {
    "Evidence": _evidence,
    "Checks": _checks,
    "People": _people,
    SURE: _answers,
}
"""The sections that are written from the declarations, by their titles."""

BY_HAND = {"github": {"Evidence", "Checks"}}
"""Sections of a page that are written by hand; another test compares what is in them."""


@pytest.mark.parametrize("name", loading.builtin())
def test_the_page_says_what_the_connector_declares(name: str) -> None:
    """A page that is written by hand is right on the day on which it is written."""
    loaded = loading.connector(name)
    page = ROOT / loaded.connector.docs
    text = expected = page.read_text(encoding="utf-8")
    for title, write in SECTIONS.items():
        if title in BY_HAND.get(name, ()):
            continue
        above, head, rest = expected.partition(f"## {title}\n")
        assert head, f"{page.name} has no section {title!r}"
        _, next_head, below = rest.partition("\n## ")
        expected = f"{above}{head}\n{write(loaded)}{next_head}{below}"
    if golden.WRITES:
        page.write_text(expected, encoding="utf-8")
    else:
        assert text == expected, f"{page.name}: read the diff; make golden accepts it"


@pytest.mark.parametrize("name", loading.builtin())
def test_the_page_has_every_setting(name: str) -> None:
    """What is not written down is asked about, or done wrong."""
    loaded = loading.connector(name)
    text = (ROOT / loaded.connector.docs).read_text(encoding="utf-8")

    assert [
        field.name for field in msgspec.structs.fields(loaded.connector.settings) if f"`{field.name}`" not in text
    ] == []


@pytest.mark.parametrize("name", loading.builtin())
def test_only_a_declared_call_has_a_basis_of_its_answers(name: str) -> None:
    """A call under another name would leave the right one as merely described, or worse."""
    connector = loading.connector(name).connector

    assert {*connector.answers} - {*connector.calls()} == set()


@pytest.mark.parametrize("name", loading.builtin())
def test_a_call_is_recorded_where_there_is_a_recording_of_it(name: str) -> None:
    """In tests/recorded/NAME, each answer with its `call`. Nothing is live before somebody has written it down."""
    connector = loading.connector(name).connector
    files = [path for path in (ROOT / "tests" / "recorded" / name).rglob("*") if path.suffix in {".json", ".jsonl"}]
    texts = [text for path in files for text in _documents(path)]
    recorded = {call for text in texts for call in _calls_in(msgspec.json.decode(text))} & {*connector.calls()}

    assert {call for call, basis in connector.answers.items() if basis is AnswerBasis.RECORDED} == recorded
    assert [call for call, basis in connector.answers.items() if basis is AnswerBasis.LIVE] == []


def _documents(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()] if file.suffix == ".jsonl" else [text]


def _calls_in(value: Any) -> Iterator[str]:
    """Yield every text under a key `call`, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("call"), str):
            yield value["call"]
        for inner in value.values():
            yield from _calls_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _calls_in(inner)


def test_a_recording_is_found_by_the_calls_in_it() -> None:
    """Whatever else is around them."""
    assert [
        *_calls_in({"answers": [{"call": "GET /a", "body": {"calls": ["GET /c"]}}, {"call": 1}], "call": "GET /b"})
    ] == [
        "GET /b",
        "GET /a",
    ]
