"""Tasks that saw nothing new: one leaf for many, and nothing is seen less than before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from collector.core.erasure import Erasure
from collector.core.errors import StoreError, VerificationError
from collector.core.history import TaskEnd
from collector.core.ports import Difference, Finished
from collector.core.tasks import Calls, Outcome, Task
from storage import SqlStore, open_store
from storage.database.columns import members, show_members
from storage.tables import pending_tasks
from storage.verification import VerificationRequest, verify
from storage.verifying.rebuilding import rebuild
from tests.storage.evidence import (
    BUCKETS,
    MONDAY,
    TickingClock,
    ended,
    facts,
    item,
    judged,
    keys,
    observed,
    scan,
    started,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USERS = Task("production", "aws.iam.user", ("111122223333",))


def hourly(store: SqlStore, *items: Any, hour: int = 0, **but: Any) -> Finished:
    """Run one task of an hourly schedule."""
    at = MONDAY + hour * HOUR
    plain: dict[str, Any] = {"every": HOUR, "started_at": at, "ended_at": at + timedelta(seconds=30)}
    return scan(store, *items, **plain | but)


def kinds(store: SqlStore) -> list[str]:
    """What the leaves are of, in their order, without the first."""
    with store.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT kind FROM log_leaf WHERE idx > 0 ORDER BY idx")]


def test_an_hourly_task_that_saw_nothing_new_shares_its_leaf(store: SqlStore) -> None:
    """Growth follows change, also where somebody looks every hour."""
    hourly(store, item("logs"))
    hourly(store, item("ann"), task=USERS)
    done = [hourly(store, item("logs"), hour=1), hourly(store, item("ann"), hour=1, task=USERS)]

    store.write([ended()])

    assert [finished.leaf for finished in done] == [None, None]
    assert kinds(store) == ["task", "task", "tasks", "run_ended"]


@pytest.mark.parametrize("every", [DAY, 7 * DAY], ids=str)
def test_a_task_of_a_slow_schedule_shares_its_leaf_too(store: SqlStore, every: timedelta) -> None:
    """Most schedules are daily: there it is what a store grows by."""
    looks = [hourly(store, item("logs", facts={"used": 1}), every=every, hour=24 * day) for day in range(3)]
    store.write([ended()])

    assert [finished.leaf is None for finished in looks] == [False, True, True]
    assert kinds(store) == ["task", "tasks", "tasks", "run_ended"]
    assert facts(store) == {"logs": {"used": 1}}


def test_changed_facts_of_a_slow_schedule_are_kept_with_all_others(store: SqlStore) -> None:
    """Who has a key erased must not take those of other collections with it for a day, or for good."""
    for day in range(4):
        hourly(store, item("logs", facts={"used": day // 2}), item("web", facts={"n": 0}), every=DAY, hour=24 * day)
        hourly(store, item("ann", facts={"used": 0}), task=USERS, every=DAY, hour=24 * day)
    store.write_pending()

    assert kinds(store) == ["task", "task", "tasks", "task", "tasks", "tasks"]
    assert facts(store) == {"logs": {"used": 1}, "web": {"n": 0}}
    digests = store.erasing.erasable(source="production", kind=BUCKETS.collection, key="logs").facts
    store.erasing.erase(ERASURE, digests)
    assert facts(store, task=USERS) == {"ann": {"used": 0}}


ERASURE = Erasure(
    at=MONDAY,
    basis="GDPR article 17",
    approved_by="Data protection officer",
    by="ann",
    bodies=0,
    facts=2,
    source="production",
    kind=BUCKETS.collection,
    key="logs",
)


def test_a_change_after_shared_leaves_is_compared_with_their_run(store: SqlStore) -> None:
    """Verdicts are kept by what differs from the latest look, not from the latest leaf of the task's own."""
    for day in range(3):
        hourly(store, item("logs"), item("web"), every=DAY, hour=24 * day, run=f"run-{day}")

    changed = hourly(store, item("logs", public=True), item("web"), every=DAY, hour=72, run="run-3")

    assert changed.leaf is not None
    assert changed.difference == Difference("run-2", frozenset({"logs"}))


@pytest.mark.parametrize(
    "but",
    [
        {"every": DAY},
        {"outcome": Outcome.PARTIAL},
        {"outcome": Outcome.DENIED},
        {"every": 2 * HOUR},
        {"provenance": msgspec.structs.replace(observed().provenance, identity="arn:aws:iam::111122223333:root")},
        {"provenance": msgspec.structs.replace(observed().provenance, code="sha256:" + "66" * 32)},
        {"provenance": msgspec.structs.replace(observed().provenance, calls=())},
    ],
    ids=str,
)
def test_what_a_row_cannot_say_gets_a_leaf(store: SqlStore, but: dict[str, Any]) -> None:
    """Who asked, with what code, and what did not work, are never left to be looked up elsewhere."""
    hourly(store, item("logs"))

    done = hourly(store, item("logs"), hour=1, **but)

    assert done.leaf is not None


@pytest.mark.parametrize("items", [[], [item("logs", public=True)], [item("logs"), item("web")]], ids=len)
def test_a_change_gets_a_leaf(store: SqlStore, items: list[Any]) -> None:
    """Versions are in the leaf that they were seen in."""
    hourly(store, item("logs"))

    done = hourly(store, *items, hour=1)

    assert done.leaf is not None
    assert keys(store) == [new_item.key for new_item in items]


def test_after_a_refusal_the_next_list_gets_a_leaf(store: SqlStore) -> None:
    """A row stands on the leaf before it, which has to be of a list that was read."""
    hourly(store, item("logs"))
    hourly(store, hour=1, outcome=Outcome.DENIED)

    done = [hourly(store, item("logs"), hour=hour).leaf for hour in (2, 3)]

    assert [leaf is None for leaf in done] == [False, True]


def test_once_a_week_a_task_gets_a_leaf(store: SqlStore) -> None:
    """Nobody has to look further back than that to know what a row stands on."""
    done = [hourly(store, item("logs"), hour=hour).leaf for hour in (0, 24, 7 * 24, 7 * 24 + 1)]

    assert [leaf is None for leaf in done] == [False, True, True, False]


def test_once_in_90_days_a_task_of_a_slow_schedule_gets_a_leaf(store: SqlStore) -> None:
    """What a bundle of a month shows from before it is not a year old."""
    done = [hourly(store, item("logs"), every=DAY, hour=24 * day).leaf for day in (0, 45, 90, 91, 92)]

    assert [leaf is None for leaf in done] == [False, True, True, False, True]


def test_an_observation_that_shared_its_leaf_comes_back_as_it_was(store: SqlStore) -> None:
    """The call, its ids, the platform's clock: an auditor asks for those of the last look, not of the first."""
    provenance = msgspec.structs.replace(
        observed().provenance,
        calls=(Calls("s3:ListBuckets", 3, 1, {"200": 2, "500": 1}, {"MaxBuckets": "10"}, "FIRST", "LAST", 1),),
        pages=3,
        requests=4,
        date=None,
        redacted={"name": 1},
    )
    hourly(store, item("logs"))
    hourly(store, item("logs"), hour=1, run="run-2", provenance=provenance)
    leaf = store.write_pending()

    (seen,) = store.observations()

    at = MONDAY + HOUR
    assert seen.observation == observed(
        every=HOUR, run="run-2", started_at=at, ended_at=at + timedelta(seconds=30), listed=1, provenance=provenance
    )
    assert leaf is not None
    assert seen.leaf == leaf.index
    assert list(store.last_complete()) == [seen]


def test_what_calls_cost_comes_back_from_a_leaf_of_its_own_and_a_shared_one(store: SqlStore) -> None:
    """Forecasts rest on it; where the platform begins or ceases to say it, a row that names an earlier leaf cannot."""

    def costing(cost: int | UnsetType) -> dict[str, Any]:
        calls = (msgspec.structs.replace(observed().provenance.calls[0], cost=cost),)
        return {"provenance": msgspec.structs.replace(observed().provenance, calls=calls)}

    costs: list[int | UnsetType] = [3, 4, UNSET, UNSET, 5]
    shared, read = [], []
    for hour, cost in enumerate(costs):
        shared.append(hourly(store, item("logs"), hour=hour, **costing(cost)).leaf is None)
        store.write_pending()
        (seen,) = store.observations()
        read.append(seen.observation.provenance.calls[0].cost)

    assert read == costs
    assert shared == [False, True, False, True, False]


def test_any_moment_has_its_own_latest_observation(store: SqlStore, clock: TickingClock) -> None:
    """What is asked of the past is answered by what was the latest then, in a leaf of its own or not."""
    moments = []
    for hour, outcome in enumerate([Outcome.COMPLETE] * 3 + [Outcome.FAILED] + [Outcome.COMPLETE] * 2):
        hourly(store, item("logs"), hour=hour, outcome=outcome)
        hourly(store, item("ann"), task=USERS, hour=hour)
        store.write_pending()
        moments.append(clock.now)

    for hour, moment in enumerate(moments):
        latest = {seen.observation.task: seen.observation for seen in store.observations(as_of=moment)}
        complete = {seen.observation.task: seen.observation for seen in store.last_complete(as_of=moment)}
        assert {observation.started_at for observation in latest.values()} == {MONDAY + hour * HOUR}
        assert complete[BUCKETS].started_at == MONDAY + (2 if hour == 3 else hour) * HOUR


def test_history_tells_each_look(store: SqlStore) -> None:
    """An hour in which somebody looked must not read as missed."""
    store.write([started()])
    for hour in range(3):
        hourly(store, item("logs"), hour=hour)
    store.write([ended()])

    looks = [end for end in store.history.events() if isinstance(end, TaskEnd)]

    assert [(end.task, end.run, end.outcome, end.every) for end in looks] == [
        (BUCKETS, "run-1", Outcome.COMPLETE, HOUR)
    ] * 3
    assert [end.ended_at for end in looks] == [MONDAY + hour * HOUR + timedelta(seconds=30) for hour in range(3)]


@pytest.mark.parametrize("again", ["judged", "checkpoint", "another run", "the same task", "close"])
def test_nothing_overtakes_what_is_held_back(store: SqlStore, url: str, clock: TickingClock, again: str) -> None:
    """A verdict, a signature or the next look comes after what it rests on."""
    hourly(store, item("logs"))
    hourly(store, item("logs"), hour=1)
    match again:
        case "judged":
            store.write([judged()])
        case "checkpoint":
            store.checkpoints.checkpoint()
        case "another run":
            hourly(store, item("ann"), task=USERS, run="run-2")
        case "the same task":
            hourly(store, item("logs", public=True), hour=2)
        case _:
            store.close()
            with open_store(url, writer=False, clock=clock) as reopened:
                assert kinds(reopened) == ["task", "tasks"]
            return

    assert kinds(store)[:2] == ["task", "tasks"]


def test_a_verdict_comes_after_what_it_depends_on_and_does_not_wait_for_others(store: SqlStore) -> None:
    """Else each changed verdict would cut a shared leaf short, where threads happen to be."""
    for hour in (0, 1):
        for task in (BUCKETS, USERS):
            hourly(store, item("one"), task=task, hour=hour)

    store.write([judged()], after={USERS})
    held = [store.is_held(task) for task in (BUCKETS, USERS)]
    store.write([judged()], after={USERS})
    store.write([ended()])

    assert held == [True, False]
    assert kinds(store) == ["task", "task", "tasks", "judged", "judged", "tasks", "run_ended"]


def test_a_leaf_does_not_wait_for_ever(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill costs ten minutes of looking at things that did not change, and not a day of it."""
    monkeypatch.setattr(pending_tasks, "MOST", 2)
    tasks = [Task("production", f"aws.kind.{number}", ()) for number in range(5)]
    for hour in (0, 1):
        for task in tasks:
            hourly(store, item("one"), task=task, hour=hour)

    assert kinds(store) == ["task"] * 5 + ["tasks"] * 2


def test_a_leaf_waits_for_ten_minutes_at_most_while_tasks_end(store: SqlStore) -> None:
    """The slowest task of a run must not keep the others from being written down."""
    for task in (BUCKETS, USERS):
        hourly(store, item("one"), task=task)
    hourly(store, item("one"), hour=1)

    hourly(store, item("one"), task=USERS, hour=1, ended_at=MONDAY + HOUR + timedelta(minutes=11))

    assert kinds(store) == ["task"] * 2 + ["tasks"]


def test_facts_that_changed_are_seen_at_once_and_at_any_moment(store: SqlStore, clock: TickingClock) -> None:
    """Whoever judges a key by its last use must not judge by that of an hour ago."""
    hourly(store, item("logs", facts={"used": 0}), item("web", facts={"used": 0}), item("new"))
    moments = [clock.now]
    for hour in range(1, 5):
        hourly(
            store, item("logs", facts={"used": hour}), item("web", facts={"used": hour // 3}), item("new"), hour=hour
        )
        assert facts(store) == {"logs": {"used": hour}, "new": None, "web": {"used": hour // 3}}
        store.write_pending()
        moments.append(clock.now)

    assert kinds(store) == ["task"] + ["tasks"] * 4
    for hour, moment in enumerate(moments):
        assert facts(store, as_of=moment) == {"logs": {"used": hour}, "new": None, "web": {"used": hour // 3}}


def test_facts_come_and_go(store: SqlStore) -> None:
    """That there is none any more is as much a fact as the one before."""
    hourly(store, item("logs", facts={"used": 0}), item("web", facts={"used": 0}))
    hourly(store, item("logs"), item("web", facts={"used": 0}), hour=1)
    store.write_pending()
    assert facts(store) == {"logs": None, "web": {"used": 0}}

    hourly(store, item("logs", facts={"used": 2}), item("web", more=True), hour=2)
    store.write_pending()

    assert facts(store) == {"logs": {"used": 2}, "web": None}


def test_facts_are_as_old_as_the_last_complete_look(store: SqlStore) -> None:
    """That a key was not used is seen anew each hour, though nothing is written of it."""
    hourly(store, item("logs", facts={"used": 0}))
    hourly(store, item("logs", facts={"used": 0}), hour=1)
    before = [stored.seen_at for stored in store.resources(BUCKETS.collection, source="production")]
    store.write_pending()

    after = [stored.seen_at for stored in store.resources(BUCKETS.collection, source="production")]

    assert before == after == [MONDAY + HOUR + timedelta(seconds=30)]


def test_partial_lists_lie_over_what_shared_a_leaf(store: SqlStore) -> None:
    """A list that broke off says what it saw of, and no more."""
    hourly(store, item("logs", facts={"used": 0}), item("web", facts={"used": 0}))
    hourly(store, item("logs", facts={"used": 1}), item("web", facts={"used": 1}), hour=1)
    hourly(store, item("logs", facts={"used": 2}), hour=2, outcome=Outcome.PARTIAL)

    seen = {stored.key: stored.seen_at for stored in store.resources(BUCKETS.collection, source="production")}

    assert facts(store) == {"logs": {"used": 2}, "web": {"used": 1}}
    assert {key: at and at - MONDAY - timedelta(seconds=30) for key, at in seen.items()} == {
        "logs": 2 * HOUR,
        "web": HOUR,
    }


def test_all_facts_are_kept_again_after_some_dozens_of_changes(store: SqlStore) -> None:
    """What a reader has to put together does not grow without end."""
    done = [hourly(store, item("logs", facts={"used": hour}), hour=hour).leaf for hour in range(60)]

    own = [hour for hour, leaf in enumerate(done) if leaf is not None]
    assert own == [0, 48]
    assert facts(store) == {"logs": {"used": 59}}


def test_everything_is_proven_and_derived_again(store: SqlStore) -> None:
    """A table that says who was seen again is a table like any other."""
    for hour in range(4):
        hourly(store, item("logs", facts={"used": hour}), item("web"), hour=hour)
        hourly(store, item("ann"), task=USERS, hour=hour)
        hourly(store, item("turn", turn=hour // 2, facts={"n": hour}), task=BUCKETS_ELSEWHERE, hour=hour)
    store.checkpoints.checkpoint()

    report = verify(store, VerificationRequest(rebuild=True))

    assert (report.inventories, report.unsigned) == (3, 0)


BUCKETS_ELSEWHERE = Task("production", "aws.s3.bucket", ("111122223333", "us-east-1"))


@pytest.mark.parametrize(
    ("table", "edit", "told"),
    [
        ("seen_again", "UPDATE seen_again SET tasks = changed", "table seen_again: tasks is"),
        ("seen_again_now", "UPDATE seen_again_now SET leaf = leaf - 1", "table seen_again_now: leaf is 3"),
        ("seen_again_now", "UPDATE seen_again_now SET ended_at = ended_at + 1", "table seen_again_now: ended_at is"),
        ("seen_again_now", "DELETE FROM seen_again_now", "table seen_again_now: the row task=1, leaf=4"),
        ("facts_changed", "UPDATE facts_changed SET task = 2", "table facts_changed: task is 2"),
        ("facts_changed", "DELETE FROM facts_changed", "table facts_changed: the row task=1, leaf=4 follows"),
    ],
)
def test_a_changed_table_of_tasks_is_found(store: SqlStore, table: str, edit: str, told: str) -> None:
    """Who adds a task to those that were seen again invents an observation, and who takes a change away hides it."""
    for task in (BUCKETS, USERS):
        hourly(store, item("logs", facts={"used": 0}), task=task)
    hourly(store, item("logs", facts={"used": 0}), task=USERS, hour=1)
    store.write_pending()
    hourly(store, item("logs", facts={"used": 1}), hour=2)
    store.write_pending()
    assert store._writer is not None
    with store._writer.transaction() as connection:
        postgresql = connection.dialect.name == "postgresql"
        for act in ("update", "delete") if table != "seen_again_now" else ():
            connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_{act}" + (f" ON {table}" if postgresql else ""))
        connection.exec_driver_sql(edit)

    with store.reading() as connection, pytest.raises(VerificationError, match=told):
        rebuild(connection)


def test_a_row_stands_on_the_latest_leaf_of_its_task(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row on an older list would say that a change was not seen."""
    hourly(store, item("logs"))
    hourly(store, item("logs"), hour=1)
    monkeypatch.setattr(store._pending, "contains", lambda _task: False)
    hourly(store, item("logs"), hour=1, outcome=Outcome.FAILED)

    with pytest.raises(StoreError, match="not the latest of a task"):
        store.write_pending()
    store._pending = pending_tasks.PendingTasks()  # what cannot be written down must not keep the store from closing


@pytest.mark.parametrize("numbers", [[], [0], [7], [1, 2, 3, 64, 65, 1_000], [1 << 40]])
def test_a_set_of_numbers_comes_back(numbers: list[int]) -> None:
    """It is how a column says which tasks a leaf is about."""
    shown = members(show_members(numbers))

    assert list(shown) == numbers
    assert [number for number in range(1_100) if number in shown] == [number for number in numbers if number < 1_100]
