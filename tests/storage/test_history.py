"""Spans of time: the record in its own order, and the steps of single resources."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import Status
from collector.core.facts import CheckCounts, Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.history import TaskEnd
from collector.core.tasks import Outcome
from storage import SqlStore
from tests.storage.evidence import (
    BUCKETS,
    MONDAY,
    REFUSED,
    TickingClock,
    changed,
    ended,
    gone,
    item,
    judged,
    planned,
    scan,
    started,
    verdict,
)

HOUR = timedelta(hours=1)


def test_what_happened_comes_in_the_order_of_the_record(store: SqlStore, clock: TickingClock) -> None:
    """Whoever goes through a period must meet a plan before what came of it."""
    store.write([started(), planned(BUCKETS)])
    scan(store, item("logs"))
    store.write([judged(changed(verdict())), ended()])
    before = clock.now
    clock.now += HOUR
    scan(store, outcome=Outcome.DENIED, why="AWS answered 403")

    everything, later = list(store.history.events()), list(store.history.events(since=before))

    assert [type(event) for event in everything] == [RunStarted, TasksPlanned, TaskEnd, Judged, RunEnded, TaskEnd]
    assert isinstance(everything[1], TasksPlanned)
    assert everything[1].tasks == (BUCKETS,)
    assert isinstance(everything[3], Judged)
    assert everything[3].changes == (changed(verdict()),)
    assert isinstance(later[0], TaskEnd)
    assert (later[0].outcome, later[0].every) == (Outcome.DENIED, timedelta(hours=24))
    assert "AWS answered 403" in later[0].why
    assert list(store.history.events(until=MONDAY)) == []


def test_an_interval_that_was_set_anew_is_told(store: SqlStore) -> None:
    """A schedule that became slower changes how many observations were planned."""
    for number, config in enumerate(("a", "b")):
        run = f"run-{number}"
        begun = started(run)
        store.write([RunStarted(run, "cli", begun.at, "0.1.0", begun.code, config, ())])
        for _ in range(2):
            scan(store, run=run, every=timedelta(hours=24 * (number + 1)))
    store.write_pending()

    found = [end.every for end in store.history.events() if isinstance(end, TaskEnd)]

    assert found == [timedelta(hours=24)] * 2 + [timedelta(hours=48)] * 2


def test_steps_are_told_with_both_bodies_and_who_saw_them(store: SqlStore, clock: TickingClock) -> None:
    """A difference without the run that saw it cannot be followed up."""
    scan(store, item("a", v=1), item("b", v=1), item("c", v=1), item("d", v=1))
    then = clock.now
    clock.now += HOUR
    scan(store, item("a", v=2), item("b", v=1), item("d", v=1, unread=["policy"]), run="run-2")
    scan(store, item("a", v=3), item("b", v=1), item("d", v=1, unread=["policy"]), item("e", v=1), run="run-3")
    steps = {step.key: step for step in store.history.steps(since=then, until=clock.now)}

    assert sorted(steps) == ["a", "c", "d", "e"]
    assert steps["a"].before is not None
    assert steps["a"].after is not None
    assert (b'"v":1' in (steps["a"].before.blob or b""), b'"v":3' in (steps["a"].after.blob or b"")) == (True, True)
    assert (steps["a"].steps, steps["a"].run) == (2, "run-3")
    assert steps["a"].identity == "arn:aws:sts::111122223333:assumed-role/evidence-reader/annexd"
    assert (steps["c"].after, steps["e"].before) == (None, None)
    assert steps["d"].after is not None
    assert steps["d"].after.unread == {"policy": REFUSED}
    assert list(store.history.steps(since=clock.now, until=clock.now + HOUR)) == []


def test_versions_are_listed_the_newest_first(store: SqlStore, clock: TickingClock) -> None:
    """The history of one resource is what an auditor asks for by name."""
    scan(store, item("logs", v=1))
    then = clock.now
    scan(store, item("logs", v=2), run="run-2")
    scan(store, run="run-3")

    found = list(store.versions(BUCKETS, "logs"))

    assert [(version.change, version.run) for version in found] == [
        ("gone", "run-3"),
        ("changed", "run-2"),
        ("appeared", "run-1"),
    ]
    assert found[0].digest is None
    assert [version.run for version in store.versions(BUCKETS, "logs", as_of=then)] == ["run-1"]
    assert list(store.versions(BUCKETS, "web")) == []


def test_the_rules_of_a_moment_are_those_of_the_last_judgement_before_it(store: SqlStore, clock: TickingClock) -> None:
    """Judging with the checks of then needs to know which these were."""
    old, new = (CheckCounts("c", "s", code, {"max_age": limit}, {}) for code, limit in (("1", "90d"), ("2", "60d")))
    store.write([Judged("run-1", MONDAY, (), (old,))])
    then = clock.now
    store.write([Judged("run-2", MONDAY, (), (new,))])

    assert store.history.rules(as_of=then) == {("c", "s"): old}
    assert store.history.rules() == {("c", "s"): new}
    assert store.history.rules(as_of=MONDAY - HOUR) == {}


def test_the_first_verdict_is_remembered_though_it_ended(store: SqlStore) -> None:
    """Days before it are not observed, however much was found since."""
    first = verdict(status=Status.FAIL)
    store.write([judged(changed(first)), judged(gone(first))])
    store.write([judged(changed(verdict(status=Status.PASS, observed_at=MONDAY + HOUR)))])

    assert store.history.first_judged() == {(first.id.check, "production"): MONDAY}
    assert store.history.first_judged(as_of=MONDAY - HOUR) == {}
