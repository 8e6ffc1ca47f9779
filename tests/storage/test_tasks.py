"""What a finished task leaves behind."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from collector.core.errors import StoreError
from collector.core.history import TaskEnd
from collector.core.ports import Item
from collector.core.scopes import scope_text
from collector.core.tasks import Outcome, Task, UnreadPart
from storage import SqlStore
from storage.log.merkle import EMPTY
from storage.tables import staging
from tests.storage.evidence import (
    BUCKETS,
    MONDAY,
    TickingClock,
    bodies,
    facts,
    item,
    keys,
    observed,
    scan,
)

SCOPES = [
    (),
    ("a",),
    ("a", "b"),
    ("a", "b", "c"),
    ("a", "\u00fc"),
    ("a", ""),
    ("a,",),
    ("a-",),
    ("ab",),
    ('a"', "b"),
    ('a","b',),
    ("a\\",),
    ("\u00fc", "\uffff"),
    ("\U0001f600",),
    ("",),
]

NOT_COMPLETE = [outcome for outcome in Outcome if outcome is not Outcome.COMPLETE]


def test_what_was_staged_is_there_once_its_task_is_finished(store: SqlStore) -> None:
    """The whole point of a store."""
    finished = scan(store, item("logs", public=False), item("web", public=True))

    assert bodies(store) == {"logs": {"public": False}, "web": {"public": True}}
    assert (finished.appeared, finished.changed, finished.gone, finished.unchanged) == (2, 0, 0, 0)


def test_what_was_staged_is_nothing_before_its_task_is_finished(store: SqlStore) -> None:
    """Half a list is not evidence."""
    attempt = store.attempt(BUCKETS, "run-1")

    store.stage(attempt, [item("logs")])

    assert keys(store) == []
    assert list(store.observations()) == []


def test_what_was_dropped_is_nothing(store: SqlStore) -> None:
    """A retried task must not be mixed with its first try."""
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("logs")])

    store.drop(attempt)
    scan(store, item("web"))

    assert keys(store) == ["web"]


def test_only_a_complete_list_closes_what_it_does_not_show(store: SqlStore) -> None:
    """Complete lists are the one thing that may say that something is gone."""
    scan(store, item("logs"), item("web"))

    finished = scan(store, item("web"))

    assert keys(store) == ["web"]
    assert (finished.gone, finished.unchanged) == (1, 1)


@pytest.mark.parametrize("outcome", NOT_COMPLETE)
@pytest.mark.parametrize("seen", [(), ("web",)])
def test_nothing_but_a_complete_list_closes_anything(store: SqlStore, outcome: Outcome, seen: tuple[str, ...]) -> None:
    """Could not look must never read as is not there."""
    scan(store, item("logs"), item("web"))

    finished = scan(store, *(item(key) for key in seen), outcome=outcome)

    assert keys(store) == ["logs", "web"]
    assert finished.gone == 0
    assert finished.inventory is None


@pytest.mark.parametrize("outcome", NOT_COMPLETE)
def test_an_incomplete_list_records_what_it_shows(store: SqlStore, outcome: Outcome) -> None:
    """What was seen was seen."""
    scan(store, item("logs", version=1))

    finished = scan(store, item("logs", version=2), item("new"), outcome=outcome)

    assert bodies(store) == {"logs": {"version": 2}, "new": {}}
    assert (finished.appeared, finished.changed) == (1, 1)


def test_an_empty_complete_list_closes_everything_and_has_a_root(store: SqlStore) -> None:
    """That there is nothing is a statement too, and is hashed like one."""
    scan(store, item("logs"))

    finished = scan(store)

    assert keys(store) == []
    assert finished.inventory == "sha256:" + EMPTY.hex()


def test_what_comes_back_reappears_and_keeps_when_it_was_first_seen(store: SqlStore) -> None:
    """Gone for a day and back is another story than never seen before."""
    scan(store, item("logs"))
    scan(store)

    finished = scan(store, item("logs"), ended_at=MONDAY + timedelta(days=2))

    assert finished.appeared == 1
    (stored,) = store.resources(BUCKETS.collection, source=BUCKETS.source)
    assert stored.first_seen_at == MONDAY + timedelta(seconds=30)
    assert _changes(store) == ["appeared", "gone", "reappeared"]


def test_other_tasks_are_left_alone(store: SqlStore) -> None:
    """A region that is not looked at any more has not lost its buckets."""
    elsewhere = Task(BUCKETS.source, BUCKETS.collection, ("111122223333", "us-east-1"))
    scan(store, item("far"), task=elsewhere)

    scan(store, item("near"))

    assert keys(store, task=elsewhere) == ["far"]


def test_nothing_is_there_while_the_latest_word_is_that_it_is_not_used(store: SqlStore) -> None:
    """The platform's word closes nothing; what was listed since it was given counts more, and old records have none."""
    word = {"outcome": Outcome.SKIPPED, "not_used_by": "s3:ListBuckets"}
    scan(store, item("logs"), item("web"))
    steps: list[tuple[tuple[Item, ...], dict[str, Any], list[str]]] = [
        ((), {"outcome": Outcome.SKIPPED}, ["logs", "web"]),
        ((), word, []),
        ((), {"outcome": Outcome.FAILED}, []),
        ((item("web"),), {"outcome": Outcome.PARTIAL}, ["logs", "web"]),
        ((), word, []),
        ((item("web"),), {}, ["web"]),
    ]
    for items, how, there in steps:
        finished = scan(store, *items, **how)
        assert keys(store) == there
        assert _found_by_key(store) == there
        assert finished.gone == (0 if how else 1)
    assert _changes(store) == ["appeared", "appeared", "gone"]
    ends = [event for event in store.history.events() if isinstance(event, TaskEnd)]
    assert [end.is_not_used for end in ends] == [False, False, True, False, False, True, False]
    assert [end.is_whole for end in ends] == [True, False, True, False, False, True, True]


def _found_by_key(store: SqlStore, as_of: datetime | None = None) -> list[str]:
    found = [store.resource(BUCKETS, key, as_of=as_of) for key in ("logs", "none", "web")]
    return [stored.key for stored in found if stored is not None]


def test_one_resource_is_found_by_its_key_as_the_list_has_it(store: SqlStore, clock: TickingClock) -> None:
    """Now and at every moment of the past, with the facts that changed since."""
    moments: list[datetime | None] = [None]
    for number, names in enumerate((["logs"], ["logs", "web"], ["web"])):
        scan(store, *(item(name, size=number, facts={"used": number}) for name in names))
        moments.append(clock.now)

    found = []
    for at in moments:
        listed = list(store.resources(BUCKETS.collection, source=BUCKETS.source, under=BUCKETS.scope, as_of=at))
        assert [store.resource(BUCKETS, stored.key, as_of=at) for stored in listed] == listed
        found.append(_found_by_key(store, at))
    assert found == [["web"], ["logs"], ["logs", "web"], ["web"]]


@pytest.mark.parametrize("under", SCOPES)
def test_resources_below_a_scope_are_found_whatever_it_is_called(store: SqlStore, under: tuple[str, ...]) -> None:
    """A name may hold whatever a platform allows, that of a neighbour as its beginning too."""
    for number, scope in enumerate(SCOPES):
        scan(store, item(f"{number}"), task=Task("s", "a.kind", scope))

    found = [stored.task.scope for stored in store.resources("a.kind", source="s", under=under)]
    assert found == sorted((scope for scope in SCOPES if scope[: len(under)] == under), key=scope_text)


def test_an_unchanged_resource_makes_no_version(store: SqlStore) -> None:
    """Growth follows change."""
    first = scan(store, item("logs"), item("web"))

    second = scan(store, item("web"), item("logs"))

    assert second.unchanged == 2
    assert second.inventory == first.inventory
    assert _changes(store) == ["appeared", "appeared"]


@pytest.mark.usefixtures("path")
def test_an_unchanged_task_costs_less_than_600_bytes(store: SqlStore) -> None:
    """Sources are scanned every day for years."""
    tasks = [Task(BUCKETS.source, f"aws.kind.{number}", ("111122223333", "eu")) for number in range(50)]
    for task in tasks:
        scan(store, item("logs"), item("web"), task=task)
    before = _pages_used(store)

    for _ in range(10):
        for task in tasks:
            scan(store, item("logs"), item("web"), task=task)

    assert (_pages_used(store) - before) / (10 * len(tasks)) < 600


def test_a_body_that_comes_back_has_its_old_digest(store: SqlStore) -> None:
    """Equal evidence is recognised, although its digest is salted."""
    scan(store, item("logs", public=False))
    (before,) = store.resources(BUCKETS.collection, source=BUCKETS.source)
    scan(store, item("logs", public=True))

    scan(store, item("logs", public=False))

    (after,) = store.resources(BUCKETS.collection, source=BUCKETS.source)
    assert after.digest == before.digest


def test_equal_bodies_of_two_resources_are_two_blobs(store: SqlStore) -> None:
    """The key is part of the evidence, and nobody can tell from digests that two bodies are equal."""
    scan(store, item("logs", public=False), item("web", public=False))

    first, second = store.resources(BUCKETS.collection, source=BUCKETS.source)

    assert first.digest != second.digest


def test_a_digest_is_of_the_stored_bytes_and_the_body_is_in_them_untouched(store: SqlStore) -> None:
    """An auditor verifies with sha256sum, and nobody serialises anything again."""
    body = '{"ä":1,"z":[1,2.5]}'.encode()
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [Item("aws.s3.bucket", "logs", body)])
    store.finish(attempt, observed())

    (stored,) = store.resources(BUCKETS.collection, source=BUCKETS.source)

    assert stored.blob is not None
    assert stored.digest == "sha256:" + hashlib.sha256(stored.blob).hexdigest()
    assert stored.blob.startswith(b'{"body":' + body + b',"key":"logs","kind":"aws.s3.bucket","salt":"')


@pytest.mark.parametrize("size", [3, 4_000], ids=["in memory", "put away"])
def test_a_key_listed_twice_is_counted_and_the_later_one_stands(store: SqlStore, size: int) -> None:
    """A platform that repeats itself must not make two resources of one."""
    padding = "x" * 5_000
    attempt = store.attempt(BUCKETS, "run-1")
    fresh = store.stage(attempt, [item(f"{number:05}", padding=padding) for number in range(size)])

    repeated = store.stage(attempt, [item("00000", late=1), item("new"), item("00001", late=1), item("00001", late=2)])
    finished = store.finish(attempt, observed())

    assert (fresh, repeated) == (0, 3)
    assert finished.appeared == size + 1
    assert bodies(store)["00000"] == {"late": 1}
    assert bodies(store)["00001"] == {"late": 2}


def test_an_unread_part_is_kept_beside_the_body(store: SqlStore) -> None:
    """Why something is not known is part of the evidence."""
    scan(store, item("logs", unread=["policy"]))

    (stored,) = store.resources(BUCKETS.collection, source=BUCKETS.source)

    assert stored.unread == {"policy": UnreadPart("s3:GetBucketPolicy", "s3:GetBucketPolicy", "AWS answered 403", True)}


def test_a_part_that_can_no_longer_be_read_is_a_change(store: SqlStore) -> None:
    """The same bytes with less behind them are not the same evidence."""
    first = scan(store, item("logs"))

    second = scan(store, item("logs", unread=["policy"]))
    third = scan(store, item("logs", unread=["policy"]))

    assert (second.changed, third.changed) == (1, 0)
    assert first.inventory != second.inventory == third.inventory


def test_volatile_keys_make_no_version(store: SqlStore) -> None:
    """Last use moves every day."""
    scan(store, item("key", facts={"last_used": "Monday"}))

    second = scan(store, item("key", facts={"last_used": "Tuesday"}))

    assert (second.changed, second.unchanged) == (0, 1)
    assert facts(store) == {"key": {"last_used": "Tuesday"}}


def test_equal_volatile_keys_are_kept_once(store: SqlStore) -> None:
    """Growth follows change here too."""
    scan(store, item("key", facts={"last_used": "Monday"}))

    scan(store, item("key", facts={"last_used": "Monday"}))

    assert _count(store, "blob") == 2


def test_volatile_keys_are_those_of_the_last_observation_that_saw_the_resource(
    store: SqlStore, clock: TickingClock
) -> None:
    """Half a list says nothing of the other half, and takes nothing of it away."""
    scan(store, item("a", facts={"n": 1}), item("b", facts={"n": 1}), item("c", facts={"n": 1}))
    before = clock.now
    scan(store, item("b", facts={"n": 2}), item("c"), outcome=Outcome.PARTIAL)
    scan(store, outcome=Outcome.DENIED)

    assert facts(store) == {"a": {"n": 1}, "b": {"n": 2}, "c": None}
    assert facts(store, as_of=before) == {"a": {"n": 1}, "b": {"n": 1}, "c": {"n": 1}}


def test_a_resource_seen_without_volatile_keys_has_none(store: SqlStore) -> None:
    """Last month's fact must not pass for today's, even where today's list has none at all."""
    scan(store, item("a", facts={"n": 1}), item("b", facts={"n": 1}))

    scan(store, item("a"), outcome=Outcome.PARTIAL)

    assert facts(store) == {"a": None, "b": {"n": 1}}


def test_many_volatile_keys_are_found_again(store: SqlStore) -> None:
    """They are kept in several blobs, each read once."""
    expected = {f"{number:05}": {"note": "x" * 100, "n": number} for number in range(4_000)}
    scan(store, *(item(key, facts=value) for key, value in expected.items()))

    scan(store, item("03999", facts={"n": 0}), outcome=Outcome.PARTIAL)

    assert facts(store) == {**expected, "03999": {"n": 0}}


def test_erased_volatile_keys_are_said_to_be_gone(store: SqlStore) -> None:
    """Not kept any more is not the same as none."""
    scan(store, item("key", facts={"n": 1}))
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = NULL, lookup = NULL WHERE id = 2")

    (stored,) = store.resources(BUCKETS.collection, source=BUCKETS.source)

    assert (stored.facts, stored.facts_gone) == (None, True)
    assert stored.blob is not None


def test_nothing_stays_staged(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon runs for years."""
    monkeypatch.setattr(staging, "_MOST_OF_ONE", 0)
    scan(store, item("logs"))
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("web")])
    store.drop(attempt)
    assert store._writer is not None

    with store._writer.transaction() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM staged").scalar_one() == 0


def test_an_attempt_ends_once(store: SqlStore) -> None:
    """A task that is reported twice would count twice."""
    attempt = store.attempt(BUCKETS, "run-1")
    store.finish(attempt, observed())

    with pytest.raises(StoreError, match="finished or dropped"):
        store.finish(attempt, observed())


def test_an_attempt_ends_as_the_task_that_it_began_as(store: SqlStore) -> None:
    """Evidence filed under another scope is worse than none."""
    attempt = store.attempt(BUCKETS, "run-1")

    with pytest.raises(StoreError, match="cannot be finished as"):
        store.finish(attempt, observed(Task("other", "aws.s3.bucket", ())))


def _changes(store: SqlStore) -> list[str]:
    with store._reader.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT change FROM version ORDER BY id")]


def _count(store: SqlStore, table: str) -> int:
    with store._reader.connect() as connection:
        count: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608  a table of ours
        return count


def _pages_used(store: SqlStore) -> int:
    with store._reader.connect() as connection:
        pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return pages * 4096
