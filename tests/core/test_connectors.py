"""Connectors: declarations that make sense, or an error at import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec import Struct

from collector.core.answers import AnswerBasis
from collector.core.buckets import Bucket
from collector.core.connectors import DAILY, Connector
from collector.core.resources import Body, resource


class Settings(Struct):
    """Settings of a made-up source."""

    regions: bool = True


@resource("made.account", key="id")
class Account(Struct):
    """Listed at the source."""

    id: str


@resource("made.region", key="id")
class Region(Struct):
    """Listed in an account."""

    id: str


def listed(_client: object) -> Iterator[Body]:
    """List nothing."""
    yield from ()


def a_connector() -> Connector[Settings, Any]:
    """One without collections."""
    return Connector(
        name="made",
        title="Made up",
        settings=Settings,
        levels=("account", "region"),
        roots=lambda _settings: [()],
        connect=lambda *_: None,
        explain=lambda _error: None,
        quota=lambda *_: Bucket("one"),
    )


def test_every_declared_call_is_told_with_how_sure_its_answers_are() -> None:
    """What is not said of a call is the least that can be said."""
    made = a_connector()
    made.identity_call = "WhoAmI"
    made.answers = {"accounts:List": AnswerBasis.RECORDED}
    made.collects(Account, at="source", call=("accounts:List", "(no call)"))(listed)
    made.part(Account, "owner", call="accounts:Owner")(lambda _client, _body: None)

    assert made.calls() == ("WhoAmI", "accounts:List", "accounts:Owner")
    assert [made.answer_basis(call).value for call in made.calls()] == ["described", "recorded", "described"]


def test_a_collection_adds_itself_and_stays_a_function() -> None:
    """One file to add a connector: no registration."""
    made = a_connector()
    back = made.collects(Account, at="source", call="accounts:List", permissions="accounts:Read")(listed)
    collection = made.collections["made.account"]

    assert back is listed
    assert (
        collection.id,
        collection.level,
        collection.calls,
        collection.call,
        collection.permissions,
        collection.every,
    ) == (
        "made.account",
        "source",
        ("accounts:List",),
        "accounts:List",
        ("accounts:Read",),
        DAILY,
    )
    assert collection.when(Settings())


def test_a_collection_may_have_several_calls_and_needs() -> None:
    """Some lists take more than one operation."""
    made = a_connector()
    made.collects(Region, at="account", call=("a", "b"), permissions=("x", "y"), every=timedelta(hours=1))(listed)
    collection = made.collections["made.region"]

    assert (collection.calls, collection.call, collection.permissions, collection.every) == (
        ("a", "b"),
        "a, b",
        ("x", "y"),
        timedelta(hours=1),
    )


def test_a_discovery_is_a_collection_that_names_scopes() -> None:
    """And it is recorded like any other."""
    made = a_connector()
    made.collects(Account, at="source", call="accounts:List")(listed)
    made.discovers(Account, level="account", below=lambda _settings, body: body["id"])(listed)
    (discovery,) = made.discoveries["account"]

    assert (discovery.collection, discovery.level, discovery.below(Settings(), {"id": "1"})) == (
        "made.account",
        "account",
        "1",
    )


def test_a_part_knows_the_platform_s_word_for_none() -> None:
    """Everything but this word makes it unread."""
    made = a_connector()
    made.part(Account, "mail", call="mail:Get", permissions="mail:Read", absent=("NoMail", "NoSuchMail"))(
        lambda _client, _body: None
    )
    (part,) = made.parts["made.account"]

    assert (part.name, part.call, part.permissions) == ("mail", "mail:Get", ("mail:Read",))
    assert part.absent == {"NoMail", "NoSuchMail"}


def test_declarations_that_make_no_sense_are_refused() -> None:
    """At import, not in the first run at night."""
    made = a_connector()
    made.collects(Region, at="account", call="regions:List")(listed)

    with pytest.raises(TypeError, match=r"made.region has two collections"):
        made.collects(Region, at="account", call="regions:List")(listed)
    with pytest.raises(TypeError, match="'zone', only account, region"):
        made.collects(Account, at="zone", call="x")(listed)
    with pytest.raises(TypeError, match="'account' and cannot discover 'account'"):
        made.discovers(Region, level="account", below=lambda *_: None)(listed)


def test_levels_have_depths() -> None:
    """The source is around them all."""
    made = a_connector()

    assert [made.depth(level) for level in ("source", "account", "region")] == [0, 1, 2]


class _Called:
    """An object in the place of a function."""

    async def __call__(self, _client: object) -> str:
        return "somebody"


@pytest.mark.parametrize(
    ("level", "over", "depth"),
    [
        ("region", None, 2),
        ("region", "account", 1),
        ("region", "source", 0),
        ("account", "region", 1),
        ("source", "account", 0),
    ],
)
def test_a_set_is_never_below_its_list(level: str, over: str | None, depth: int) -> None:
    """The accounts of an organization are one list, whatever level a rule is judged at."""
    made = a_connector()

    assert made.set_depth(level, over) == depth


async def _later(*_: object) -> Any:
    """An answer that nobody waits for."""


async def _listed_later(_client: object) -> AsyncIterator[Body]:
    """A list that nobody can iterate over."""
    yield {}


@pytest.mark.parametrize("name", ["roots", "connect", "explain", "quota", "identity", "identity_of", "close"])
@pytest.mark.parametrize("function", [_later, partial(_later, 1), _Called()], ids=["function", "partial", "object"])
def test_a_connector_with_an_async_function_is_refused(name: str, function: Any) -> None:
    """Nobody would await it, and a coroutine is true, not None, and no error: it looks like an answer."""
    with pytest.raises(TypeError, match=f"made: {name} is an async function"):
        replace(a_connector(), **{name: function})


@pytest.mark.parametrize(
    ("declare", "what"),
    [
        (lambda made: made.collects(Account, at="source", call="x")(_listed_later), "the list of made.account"),
        (lambda made: made.collects(Account, at="source", call="x")(_later), "the list of made.account"),
        (lambda made: made.collects(Account, at="source", call="x", when=_later)(listed), "when of made.account"),
        (lambda made: made.part(Account, "policy", call="x")(_later), "made.account.policy"),
    ],
    ids=["list", "coroutine", "when", "part"],
)
def test_an_async_function_is_refused_where_it_is_declared(
    declare: Callable[[Connector[Settings, Any]], object], what: str
) -> None:
    """It is said at import, with its name, and not by an empty part in the evidence."""
    made = a_connector()

    with pytest.raises(TypeError, match=f"made: {what} is an async function"):
        declare(made)
    assert (made.collections, made.parts) == ({}, {})


def test_an_async_name_of_a_scope_is_refused() -> None:
    """The name of every scope below would be a coroutine."""
    made = a_connector()
    made.collects(Account, at="source", call="x")(listed)

    with pytest.raises(TypeError, match="made: below of account is an async function"):
        made.discovers(Account, level="account", below=_later)(listed)  # type: ignore[arg-type]  # what is refused
