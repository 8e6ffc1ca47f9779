"""Each account of a source: whether it can be entered, what is lacking in it, and how the doctor says so of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct

from collector.actions.doctor_items import DoctorState
from collector.actions.entering import Entered, Entering, enter
from collector.cli.scan.doctor_accounts import about_accounts
from collector.core.buckets import Bucket
from collector.core.connectors import Connector, Lacking
from collector.core.errors import Denied, Unavailable
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.wire import Answer, Call, Wire
from collector.engine.clock import SystemClock
from collector.engine.run import Limits
from collector.engine.sources import Source

_ASK, _LIST, _ENTER = "AskPermissions", "ListAccounts", "Enter"


class Settings(Struct, frozen=True, kw_only=True):
    """An organization, and what is wrong in which of its accounts."""

    accounts: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    list_breaks: bool = False


@resource("held.account", key="id")
class HeldAccount(Struct, frozen=True, kw_only=True):
    """An account of the organization."""

    id: str


@dataclass
class Client:
    """Makes each call of a scope pass the wire."""

    settings: Settings
    scope: Scope
    wire: Wire

    def call(self, operation: str, status: int = 200) -> None:
        """Make one call."""
        made = Call(operation, {})
        self.wire.before(made)
        self.wire.after(made, Answer(status, "request"))


def a_connector() -> Connector[Settings, Client]:
    """A connector with a probe, of a platform whose accounts are as the settings say."""
    made: Connector[Settings, Client] = Connector(
        name="held",
        title="Held",
        settings=Settings,
        levels=("account",),
        roots=lambda settings: [(), *((name,) for name in settings.named)],
        connect=Client,
        quota=lambda *_: Bucket("one", concurrency=64),
    )

    @made.discovers(HeldAccount, level="account", below=lambda _settings, body: body["id"])
    @made.collects(HeldAccount, at="source", call=_LIST)
    def accounts(client: Client) -> Iterator[Body]:
        client.call(_LIST)
        yield from ({"id": name} for name in client.settings.accounts)
        if client.settings.list_breaks:
            raise Unavailable("the list ended too early")

    @made.probes(at="account", call=_ASK, permissions="may:ask", mend=lambda *given: " ".join(map(str, given[1:])))
    def lacking(client: Client, permissions: Sequence[str]) -> Iterator[Lacking]:
        (name,) = client.scope
        if name in client.settings.closed:
            client.call(_ENTER, 403)
            raise Denied(f"the role of {name} cannot be entered")
        client.call(_ASK)
        if name in client.settings.silent:
            raise Denied("you may not ask")
        if name in client.settings.down:
            raise Unavailable("nobody is there")
        if name in client.settings.lacking:
            yield Lacking(permissions[0], "no policy allows it")
            yield Lacking(permissions[1], "it depends", certain=False)

    return made


def entered(settings: Settings) -> tuple[Source, Entering]:
    """Enter every account of such an organization."""
    source = Source("held", a_connector(), settings)
    limits = Limits(deadline=timedelta(minutes=1))
    entering = enter(source, ("users:read", "keys:read"), SystemClock(), limits)
    assert entering is not None
    return source, entering


def points(settings: Settings) -> list[Any]:
    """What the doctor says of it."""
    source, entering = entered(settings)
    assert source.connector.probe is not None
    return list(about_accounts(entering, source.connector.probe, settings))


def test_every_account_is_asked_those_named_and_those_listed() -> None:
    """An account that is left out would be found by the scan, in the night."""
    _, entering = entered(Settings(accounts=("a", "b"), named=("b", "c")))

    assert [one.scope for one in entering.scopes] == [("b",), ("c",), ("a",)]
    assert {one.why for one in entering.scopes} == {""}
    assert entering.unlisted == ()


def test_not_entered_not_asked_and_lacking_are_told_apart() -> None:
    """Each is mended in another way."""
    settings = Settings(
        accounts=("a", "b", "c", "d", "e"),
        closed=frozenset("a"),
        silent=frozenset("b"),
        down=frozenset("c"),
        lacking=frozenset("d"),
    )
    _, entering = entered(settings)
    by_name = {one.scope[0]: one for one in entering.scopes}

    assert (by_name["a"].closed, by_name["b"].closed, by_name["c"].closed) == (True, False, False)
    assert by_name["b"].needs == "may:ask"
    assert by_name["c"].needs == ""
    assert [(one.permission, one.certain) for one in by_name["d"].lacking] == [
        ("users:read", True),
        ("keys:read", False),
    ]
    assert by_name["e"] == Entered(("e",))


def test_a_list_that_is_not_complete_is_told() -> None:
    """The accounts that are missing from it are those that nobody would look for."""
    told = points(Settings(accounts=("a",), list_breaks=True))

    assert [point.state for point in told if "may be more" in point.says] == [DoctorState.UNKNOWN]


def test_many_accounts_with_one_trouble_are_one_point() -> None:
    """A page of 1,300 lines is read by nobody; for machines each of them is there."""
    names = tuple(f"{number:012}" for number in range(1300))
    told = points(Settings(accounts=names, closed=frozenset(names[:900]), lacking=frozenset(names[900:1000])))
    closed, lacking, doubt, total = told

    assert [point.state for point in told] == [
        DoctorState.PROBLEM,
        DoctorState.PROBLEM,
        DoctorState.UNKNOWN,
        DoctorState.NOTE,
    ]
    assert closed.scopes == names[:900]
    assert closed.says.startswith("900 accounts (")
    assert "892 more" in closed.says
    assert len(closed.says) < 300
    assert "users:read" in lacking.says
    assert lacking.scopes == doubt.scopes == names[900:1000]
    assert "400 of 1,300" in total.says
    assert "300 lack nothing" in total.says


def test_what_mends_it_is_asked_of_the_connector_with_the_accounts() -> None:
    """It knows the commands; the doctor knows for whom."""
    told = points(Settings(accounts=("a", "b"), closed=frozenset("a"), lacking=frozenset("b")))

    assert [point.mend for point in told] == ["('a',) ()", "('b',) ('users:read',)", "('b',) ('keys:read',)", ""]


def test_where_all_is_well_there_is_one_point() -> None:
    """Nothing else is worth a line."""
    (point,) = points(Settings(accounts=("a", "b")))

    assert point.state is DoctorState.OK


def test_a_connector_has_one_probe() -> None:
    """A second one would silently be asked in place of the first."""
    connector = a_connector()

    with pytest.raises(TypeError, match="two probes"):
        connector.probes(at="account", call=_ASK, permissions="may:ask", mend=lambda *_: "")(lambda *_: iter(()))
