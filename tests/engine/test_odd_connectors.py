"""A connector may raise, return and say whatever it likes: one task ends by it, and the record can be read after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.buckets import Bucket
from collector.core.connectors import Found
from collector.core.errors import ConfigError, ConnectorError, Unexpected
from collector.core.tasks import Outcome
from collector.core.wire import Answer, Call, Total
from tests.played.connector import Recipe, played
from tests.played.platform import MEMBERS, a_member

if TYPE_CHECKING:
    from tests.played.session import Session
    from tests.played.world import World

    Make = Callable[..., World]

OTHERS = 5
"""Tasks of the estate besides the one that a test spoils."""


class Dumb(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


class Numeric(Exception):
    """Says a number."""

    def __str__(self) -> str:
        return 3  # type: ignore[return-value]  # noqa: PLE0307  the point


RAISED: dict[str, BaseException] = {
    "a cancelled coroutine": asyncio.CancelledError(),
    "an end of the program": SystemExit(3),
    "Ctrl-C": KeyboardInterrupt(),
    "the end of a generator": GeneratorExit(),
    "a group": BaseExceptionGroup("several", [SystemExit(1)]),
    "too deep": RecursionError("too deep"),
    "no memory": MemoryError(),
    "an error without words": Dumb(),
    "an error that says a number": Numeric(),
    "a message of bytes": ConnectorError(b"\xff"),  # type: ignore[arg-type]
    "a mend that is a number": ConnectorError("odd", mend=10**5000),  # type: ignore[arg-type]
    "a code that is a list": ConnectorError("odd", code=[]),  # type: ignore[arg-type]
}


class Odd:
    """Something that nobody has a use for, named alike in every process."""

    def __repr__(self) -> str:
        return "an odd object"


ERRORS = pytest.mark.parametrize("error", RAISED.values(), ids=RAISED)


def raising(error: BaseException) -> Callable[..., Any]:
    """What raises it."""

    def raises(*_: object) -> Any:
        raise error

    return raises


def listing(error: BaseException) -> Callable[[Session], Iterator[Any]]:
    """A list of one member that then raises."""

    def members(_session: Session) -> Iterator[Any]:
        yield a_member("ann", last_active="2026-03-01T00:00:00Z")
        raise error

    return members


@ERRORS
def test_whatever_a_list_raises_ends_that_list_only(make_world: Make, error: BaseException) -> None:
    """What is no Exception would end the thread that runs the task, and the run with it."""
    world = make_world(connector=played(Recipe(members=listing(error))))
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.PARTIAL
    assert sorted(world.bodies("played.member")) == ["ann"]
    assert world.outcomes()[Outcome.COMPLETE] == OTHERS
    assert world.finding("played_org_two_owners", "acme").status.value == "unknown"


@ERRORS
def test_whatever_a_part_raises_leaves_that_part_unread(make_plain_world: Make, error: BaseException) -> None:
    """The repositories are still listed, and nothing is said of their hooks."""
    world = make_plain_world(connector=played(Recipe(hooks=raising(error))))
    world.run()

    assert world.outcomes() == {Outcome.COMPLETE: OTHERS + 1}
    assert {stored.key for stored in world.bodies("played.repo").values() if "hooks" in stored.unread} == {
        "core", "docs", "edge", "site",
    }  # fmt: skip
    assert {*world.verdicts("played_repo_hooks_tls").values()} == {"unknown"}


@ERRORS
@pytest.mark.parametrize("piece", ["connect", "explain", "quota", "close", "identity"])
def test_whatever_another_piece_raises_is_no_end_of_the_run(
    make_plain_world: Make, piece: str, error: BaseException
) -> None:
    """Each piece of a connector is somebody else's code."""
    spoilt: dict[str, Any] = {piece: raising(error)}
    if piece == "explain":
        spoilt["members"] = listing(ValueError("odd"))
    world = make_plain_world(connector=played(Recipe(**spoilt)))
    world.run()

    expected = {"explain": OTHERS, "close": OTHERS + 1}.get(piece, 0)
    known = isinstance(error, ConnectorError) and piece == "identity"
    assert world.outcomes()[Outcome.COMPLETE] == (OTHERS + 1 if known else expected)
    assert ("pass" in world.verdicts().values()) == (known or expected > 0)


@pytest.mark.parametrize("said", ["denied", 3, {}, Odd()], ids=repr)
def test_an_explanation_that_is_none_is_said_to_be_none(make_plain_world: Make, said: Any) -> None:
    """It is looked at by whoever wants to know whether a permission would help."""
    spoilt = Recipe(explain=lambda _error: said, members=listing(ValueError("odd")), hooks=raising(ValueError("odd")))
    world = make_plain_world(connector=played(spoilt))
    world.run()

    assert "which the connector explains by a" in world.observation("played.member", "acme").why
    assert {stored.unread["hooks"].denied for stored in world.bodies("played.repo").values()} == {False}


@pytest.mark.parametrize("identity", [3, b"me", {"login": "me"}, ["me"], "\ud800", Odd()], ids=repr)
def test_an_identity_that_is_no_text_is_not_known(make_world: Make, identity: Any) -> None:
    """Written as it is, it would be the last thing that anybody could read of the record."""
    world = make_world(connector=played(Recipe(identity=lambda _session: identity)))
    world.run()
    seen = world.observation("played.member", "acme")

    assert (seen.outcome, seen.provenance.identity) == (Outcome.COMPLETE, None)
    assert "should be a text" in seen.provenance.identity_unknown


UNREADABLE: dict[str, Callable[[], tuple[Call, Answer]]] = {
    "a number for the request's id": lambda: (Call("x"), Answer(200, request_id=7)),  # type: ignore[arg-type]
    "a list for the request's id": lambda: (Call("x"), Answer(200, request_id=["7"])),  # type: ignore[arg-type]
    "a number for the operation": lambda: (Call(7), Answer(200)),  # type: ignore[arg-type]
    "half a letter in the operation": lambda: (Call("\ud800"), Answer(200)),
}


@pytest.mark.parametrize("said", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_said_of_a_call_and_cannot_be_read_again_is_not_written(
    make_world: Make, said: Callable[[], tuple[Call, Answer]]
) -> None:
    """The record is only ever added to: what cannot be read in it is there for good."""

    def members(session: Session) -> Iterator[Any]:
        call, answer = said()
        session.wire.before(call)
        session.wire.after(call, answer)
        yield a_member("ann")

    world = make_world(connector=played(Recipe(members=members)))
    world.run()
    seen = world.observation("played.member", "acme")

    assert (seen.outcome, seen.listed, seen.provenance.calls) == (Outcome.FAILED, 0, ())
    assert "cannot be written down" in seen.why
    assert world.bodies("played.member") == {}
    assert world.outcomes()[Outcome.COMPLETE] == OTHERS


def test_the_source_of_a_count_is_a_text(make_world: Make) -> None:
    """It stands in the record like all else that is said of a list."""
    world = make_world(connector=played(Recipe(members=lambda _session: iter([Total(0, 7)]))))  # type: ignore[arg-type]
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "said",
    [
        {"status": "200"}, {"remaining": "5"}, {"limit": 10**400}, {"cost": 0.5}, {"resets_in": 60},
        {"retry_after": "7"}, {"date": datetime(2026, 3, 1)}, {"date": "Sun, 01 Mar 2026"},  # noqa: DTZ001  the point
    ],
    ids=repr,
)  # fmt: skip
def test_an_answer_of_which_the_numbers_are_none_is_not_taken(said: dict[str, Any]) -> None:
    """The quota is reckoned with by every task that shares it."""
    with pytest.raises(Unexpected, match="should be"):
        Answer(**{"status": 200, **said})


@pytest.mark.parametrize("found", ["", "\ud800", 3, b"api", ["api"], Found(3), Found("api", facts={1, 2})], ids=repr)  # type: ignore[arg-type]
def test_a_scope_that_has_no_name_is_not_found(make_world: Make, found: Any) -> None:
    """The plan of the run is written with the names of its scopes."""
    connector = played()
    (discovery,) = connector.discoveries["project"]
    connector.discoveries["project"] = [replace(discovery, below=lambda _settings, _body: found)]
    world = make_world(connector=connector)
    world.run()
    seen = world.observation("played.project", "acme")

    assert seen.outcome is Outcome.FAILED
    assert "cannot be called" in seen.why
    assert world.finding("played_repo_private", "acme").status.value == "unknown"


@pytest.mark.parametrize(
    "roots",
    [["acme"], [("",)], [("\ud800",)], [(3,)], [("a", "b", "c")], [["acme"]], None, [None]],
    ids=repr,
)
def test_scopes_that_are_none_are_refused_before_anything_is_written(make_world: Make, roots: Any) -> None:
    """A text taken for a scope has as many levels as letters, and nothing would be looked at in it."""
    connector = played()
    connector.roots = lambda _settings: roots
    with pytest.raises(ConfigError, match="which scopes the source"):
        make_world(connector=connector).run()


def test_a_quota_that_cannot_be_told_is_no_end_of_the_run(make_plain_world: Make) -> None:
    """What a run will cost is foretold before its tasks begin, where discovery has heard what is left."""
    is_spoilt = False

    def quota(_settings: object, scope: tuple[str, ...], call: Call) -> Bucket:
        if is_spoilt and call.operation == MEMBERS:
            raise LookupError(call.operation)
        return Bucket(scope[0])

    def identity(session: Session) -> str:
        session.wire.before(Call("x"))
        session.wire.after(Call("x"), Answer(200, remaining=90, limit=100, resets_in=timedelta(hours=1)))
        return "auditor"

    world = make_plain_world(connector=played(Recipe(quota=quota, identity=identity)))
    world.run()
    is_spoilt = True
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.FAILED
    assert world.outcomes()[Outcome.COMPLETE] == OTHERS
