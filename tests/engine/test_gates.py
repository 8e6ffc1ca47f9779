"""Gates: each call passes that of its bucket, by the connector's word and then by the platform's."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import UNSET

from collector.core.buckets import Bucket
from collector.core.tasks import Task
from collector.core.wire import Answer, Call
from collector.engine.forecast import forecasts
from collector.engine.gate import Budget
from collector.engine.gates import ClientGates, Gates
from collector.engine.sources import Clients, Source
from collector.engine.wire import MeteredWire, Recorder, working_for
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, played, settings_for
from tests.played.forwarding import Forwarding
from tests.played.platform import MEMBERS, SETTINGS, Platform, an_org

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.connector import Settings
    from tests.played.session import Session
    from tests.played.world import World

LIST, SEARCH = Call("GET /list"), Call("GET /search/things")
ACME: tuple[str, ...] = ("acme",)


def by_call(_settings: Any, scope: Scope, call: Call) -> Bucket:
    """Searches have a quota of their own."""
    return Bucket("search" if call.operation == SEARCH.operation else "core", owner=scope[0])


def a_source(quota: Callable[[Any, Scope, Call], Bucket] = by_call, name: str = "code") -> Source:
    """A source whose connector declares these buckets."""
    return Source(name, played(Recipe(quota=quota)), settings_for(Platform(acme=an_org())))


class Client:
    """A client with its wire, used by one task."""

    def __init__(self, gates: Gates, clock: PlayedClock, source: Source, scope: Scope = ACME) -> None:
        self.gates = ClientGates(gates, source, scope)
        self.recorder = Recorder(clock, threading.Event(), timedelta(hours=9))
        self.wire = MeteredWire(self.gates, 1)

    def ask(self, call: Call, answer: Answer | None = None, *, listing: bool = False) -> None:
        """Send one call and get its answer."""
        with working_for(self.recorder, listing=listing):
            self.wire.before(call)
            self.wire.after(call, answer or Answer(200))


def a_run(*sources: Source, budgets: dict[str, Budget] | None = None) -> tuple[PlayedClock, Gates]:
    """The gates of a run with a clock that the test holds."""
    clock = PlayedClock()
    return clock, Gates(sources, budgets or {}, clock)


def heard(remaining: int, bucket: str | None = None, **more: Any) -> Answer:
    """An answer that says what is left of a hundred."""
    return Answer(200, remaining=remaining, limit=100, resets_in=timedelta(seconds=30), bucket=bucket, **more)


def test_a_call_is_held_by_its_own_bucket_only() -> None:
    """A search that was too much says nothing of lists."""
    source = a_source()
    clock, gates = a_run(source)
    client, other = Client(gates, clock, source), Client(gates, clock, source)
    client.ask(SEARCH, Answer(429, retry_after=timedelta(seconds=30)))
    other.ask(LIST)
    assert clock.waits == []

    other.ask(SEARCH)
    assert clock.waits == [30]


def test_an_owner_has_a_bucket_of_its_own() -> None:
    """Two tokens have two quotas of the same name."""
    source = a_source()
    clock, gates = a_run(source)
    Client(gates, clock, source).ask(LIST, heard(0))
    Client(gates, clock, source, ("other",)).ask(LIST)

    assert clock.waits == []
    assert list(gates.allowances()) == [("played", "acme", "core")]


def test_what_the_platform_says_of_another_bucket_counts_there() -> None:
    """The last search of a minute must not stop all lists."""
    source = a_source(lambda *_: Bucket("core"))
    clock, gates = a_run(source)
    client, other = Client(gates, clock, source), Client(gates, clock, source)
    client.ask(SEARCH, heard(0, "search"))
    client.ask(LIST)
    assert clock.waits == []

    # Who never searched before knows it too.
    other.ask(SEARCH)
    assert clock.waits == [30]
    assert set(gates.allowances()) == {("played", "", "search")}


def test_a_pause_of_a_bucket_that_the_platform_named_holds_every_client_of_it() -> None:
    """Found out once, whichever operation was told."""
    source = a_source()
    clock, gates = a_run(source)
    client, other = Client(gates, clock, source), Client(gates, clock, source)
    client.ask(LIST, Answer(429, retry_after=timedelta(seconds=30), bucket="search"))
    other.ask(SEARCH)

    assert clock.waits == [30]


def test_the_platform_s_latest_word_counts() -> None:
    """What it named once may have been an exception."""
    source = a_source()
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    client.ask(LIST, heard(0, "search"))
    client.wire._gates.named(LIST, "core")
    client.ask(LIST)
    Client(gates, clock, source).ask(LIST)

    assert clock.waits == []


def test_the_place_of_a_call_is_returned_where_it_was_taken() -> None:
    """A call that turns out to be of another bucket leaves the one that it entered."""
    source = a_source(lambda *_: Bucket("core", concurrency=1))
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    for _ in range(3):
        client.ask(SEARCH, heard(99, "search"))
        client.ask(LIST)

    assert client.recorder.open_calls == []
    assert client.recorder.requests == 6


def test_the_connector_is_asked_once_for_each_operation_of_a_client() -> None:
    """It is on the way of every request."""
    asked: list[str] = []

    def counts(_settings: Any, _scope: Scope, call: Call) -> Bucket:
        asked.append(call.operation)
        return Bucket("core")

    source = a_source(counts)
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    for number in range(5):
        client.ask(Call("GET /list", {"page": number}))
        client.ask(SEARCH)

    assert asked == ["GET /list", "GET /search/things"]


def test_the_rate_that_a_connector_declares_is_kept_below_the_operator_s() -> None:
    """A platform's limit of calls a second belongs to the quota; an operator may only ask for less."""
    source = a_source(lambda *_: Bucket("core", per_second=2))
    waits = []
    for budget in (Budget(), Budget(per_second=4), Budget(per_second=1)):
        clock, gates = a_run(source, budgets={"code": budget})
        client = Client(gates, clock, source)
        client.ask(LIST)
        client.ask(LIST)
        waits += clock.waits

    assert waits == [0.5, 0.5, 1]


def test_who_comes_later_with_a_stricter_budget_is_obeyed_by_all() -> None:
    """Two sources may meet at a bucket that only an answer named."""
    loose = a_source(lambda *_: Bucket("core"), "loose")
    strict = a_source(lambda _settings, scope, _call: Bucket("search" if scope == ("other",) else "core"), "strict")
    clock, gates = a_run(loose, strict, budgets={"strict": Budget(per_second=1)})
    first = Client(gates, clock, loose)
    first.ask(LIST, Answer(200, bucket="search"))
    first.ask(LIST)
    assert clock.waits == []

    Client(gates, clock, strict, ("other",)).ask(LIST)
    first.ask(LIST)
    assert clock.waits == [1]


def test_a_smaller_share_that_comes_later_is_kept_as_well() -> None:
    """The smaller one is what somebody asked for, whenever the source is first read."""
    loose = a_source(lambda *_: Bucket("core"), "loose")
    strict = a_source(lambda _settings, scope, _call: Bucket("core", share=0.5, owner=scope[1]), "strict")
    clock, gates = a_run(loose, strict)
    first = Client(gates, clock, loose, ("acme", "x"))
    first.ask(LIST, heard(50))
    first.ask(LIST)
    assert clock.waits == []

    Client(gates, clock, strict, ("acme", "")).ask(LIST)
    assert clock.waits == [30]


def _used(clients: Clients, gates: Gates, source: Source, answer: Answer, scopes: int) -> int:
    """Use the clients of many scopes one after the other, and return the most gates that there were at a time."""
    most = 0
    for number in range(scopes):
        scope = (f"org{number}",)
        clients.expect(source, scope)
        session = clients.get(source, scope)
        with working_for(Recorder(PlayedClock(), threading.Event(), timedelta(hours=1)), listing=False):
            for operation in ("GET /list", "GET /search/things"):
                session.wire.before(Call(operation))
                session.wire.after(Call(operation), answer)
        most = max(most, len(gates))
        clients.done(source, scope)
    return most


def test_gates_of_finished_scopes_are_dropped() -> None:
    """30,000 projects, each with a quota of its own, took 49 MiB of gates that nobody would pass again."""
    source = a_source()
    clock, gates = a_run(source)

    assert _used(Clients(gates, clock, 1), gates, source, Answer(200), 5000) == 2
    assert len(gates) == 0


def test_a_gate_is_kept_as_long_as_its_pause() -> None:
    """The next client of the bucket must not ask before it is over; then it goes as well."""
    source = a_source()
    clock, gates = a_run(source)
    clients = Clients(gates, clock, 1)
    _used(clients, gates, source, Answer(429, retry_after=timedelta(seconds=30)), 50)
    assert len(gates) == 100

    clock.move(timedelta(seconds=31))
    _used(clients, gates, source, Answer(200), 1)
    assert len(gates) == 0


def test_a_gate_with_a_reported_quota_is_kept() -> None:
    """What is left of it holds for the next client, and is what the end of the run tells."""
    source = a_source()
    clock, gates = a_run(source)
    _used(Clients(gates, clock, 1), gates, source, heard(99), 3)

    assert len(gates.allowances()) == 6


@pytest.mark.parametrize(("aside", "pages"), [(True, 1), (False, 13)])
def test_a_call_aside_is_no_page(aside: bool, pages: int) -> None:
    """A token is asked for with the same words each time, and a list that needs twelve does not go round in circles."""
    source = a_source()
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    client.ask(LIST, listing=True)
    for number in range(12):
        params = {} if aside else {"page": number}
        client.ask(Call("POST /token", params, aside=aside), listing=True)

    assert client.recorder.pages == pages
    assert client.recorder.requests == 13
    assert [calls.count for calls in client.recorder.calls()] == [1, 12]


def test_the_cost_of_answers_is_summed_in_the_platform_s_unit() -> None:
    """Points are what its quota counts; where it says nothing, nothing is made up."""
    source = a_source()
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    for cost in (3, None, 4):
        client.ask(LIST, Answer(200, cost=cost))
    client.ask(SEARCH)

    assert [(calls.operation, calls.count, calls.cost) for calls in client.recorder.calls()] == [
        ("GET /list", 3, 7),
        ("GET /search/things", 1, UNSET),
    ]


def test_calls_under_way_are_taken_to_cost_as_much_as_the_dearest() -> None:
    """Ten points are left for one more query of ten, and not for ten of them."""
    source = a_source(lambda *_: Bucket("points", unit="points"))
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    client.ask(LIST, heard(19, cost=10))
    gate = client.gates.of(LIST)

    assert gate.quota.acquire() == 0
    assert 0 < gate.quota.acquire() < 1


def test_a_call_that_costs_more_than_the_share_is_still_made() -> None:
    """It would wait for a quota that never comes."""
    source = a_source(lambda *_: Bucket("points", unit="points", share=0.1))
    clock, gates = a_run(source)
    client = Client(gates, clock, source)
    client.ask(LIST, heard(100, cost=50))
    client.ask(LIST)

    assert clock.waits == []


@dataclass
class Pointed(Forwarding):
    """A wire on which each call of members costs five points of a quota that is named by the answer."""

    def after(self, call: Call, answer: Answer) -> None:
        """Add what a platform with points says."""
        dear = call.operation == MEMBERS
        told = replace(
            answer,
            remaining=900,
            limit=1000,
            resets_in=timedelta(hours=1),
            cost=5 if dear else None,
            bucket="points" if dear else "core",
        )
        self.wire.after(call, told)


def test_a_forecast_counts_each_bucket_in_its_own_unit(make_plain_world: Callable[..., World]) -> None:
    """28,000 requests and 900 points are two quotas, and none of them is 28,900."""
    from tests.played.connector import connect

    def telling(settings: Settings, scope: Scope, wire: Wire) -> Session:
        return connect(settings, scope, Pointed(wire))

    def quota(_settings: Any, _scope: Scope, call: Call) -> Bucket:
        return Bucket("points", unit="points") if call.operation == MEMBERS else Bucket("core")

    world = make_plain_world(Platform(acme=an_org(projects={})), connector=played(Recipe(connect=telling, quota=quota)))
    summary = world.run()
    source = Source("code", world.connector, world.settings)
    last = {seen.observation.task: seen.observation for seen in world.store.observations()}
    tasks = [Task("code", id_, ("acme",)) for id_ in ("played.member", "played.settings")]

    found = {
        forecast.bucket: (forecast.requests, forecast.unit, forecast.guessed)
        for forecast in forecasts(tasks, {"code": source}, last, summary.allowances)
    }

    # Two pages of members; the settings and, once for the scope, the identity.
    asked = sum(calls.count for calls in last[tasks[1]].provenance.calls) + sum(
        calls.count for calls in last[tasks[0]].provenance.calls if calls.operation != MEMBERS
    )
    assert found == {"points": (10, "points", 0), "core": (asked, "requests", 0)}
    assert last[tasks[1]].provenance.calls[-1].operation == SETTINGS

    new = [Task("code", "played.member", ("other",))]
    (guess,) = [
        forecast for forecast in forecasts(new, {"code": source}, last, summary.allowances) if forecast.unit == "points"
    ]
    assert (guess.requests, guess.guessed) == (10, 1)


def test_a_run_s_forecast_goes_by_the_buckets_that_the_platform_named(make_plain_world: Callable[..., World]) -> None:
    """What discovery heard of its quota is of that quota, whatever the connector calls it."""
    from tests.played.connector import connect

    def telling(settings: Settings, scope: Scope, wire: Wire) -> Session:
        return connect(settings, scope, Pointed(wire))

    connector = played(Recipe(connect=telling, quota=lambda *_: Bucket("declared")))
    connector.identity_of = lambda _settings, _scope: object()
    world = make_plain_world(Platform(acme=an_org(projects={})), connector=connector)
    world.run()
    heard_of: list[str] = []
    world.begin(on_forecast=lambda found: heard_of.extend(forecast.bucket for forecast in found)).run(world.request())

    assert heard_of == ["core"]
