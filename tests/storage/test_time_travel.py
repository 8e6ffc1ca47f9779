"""Whatever is recorded, now and then are told apart."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from collector.core.checks import Status
from collector.core.tasks import Outcome, Task
from storage import SqlStore, open_store
from storage.tables import staging
from tests.storage.evidence import (
    MONDAY,
    TickingClock,
    as_mapping,
    bodies,
    changed,
    facts,
    gone,
    item,
    judged,
    keys,
    observed,
    scan,
    verdict,
)

TASKS = [Task("production", "aws.s3.bucket", (account,)) for account in ("1", "11", "2")]
KEYS = ["a", "b", "c", "a\x00", "\uffff", "\U0001f600"]

seen = st.dictionaries(
    st.sampled_from(KEYS),
    st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2), st.sets(st.sampled_from(["acl", "policy"]))),
)
State = dict[Task, dict[str, tuple[Any, Any, Any]]]


def spelled(fact: int | None) -> dict[str, int] | None:
    """Volatile keys, or none."""
    return None if fact is None else {"f": fact}


class Model(RuleBasedStateMachine):
    """The store beside a dictionary that is copied whole at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name)}/annexd.db"
        self.clock = TickingClock()
        self.store: SqlStore = open_store(self.url, writer=True, clock=self.clock)
        self.now: State = {task: {} for task in TASKS}
        self.verdicts: dict[str, Status] = {}
        self.past: list[tuple[datetime, State, dict[str, Status]]] = []

    def teardown(self) -> None:
        """Every past moment is still what it was."""
        for moment, state, verdicts in self.past:
            self.check(state, as_of=moment)
            found = {state.finding.id.subject: state.finding.status for state in self.store.findings(as_of=moment)}
            assert found == verdicts
        self.store.close()
        self.folder.cleanup()

    def remember(self) -> None:
        """Keep what is true now."""
        copied = {task: dict(there) for task, there in self.now.items()}
        self.past.append((self.clock.now, copied, dict(self.verdicts)))

    @rule(task=st.sampled_from(TASKS), items=seen, outcome=st.sampled_from(Outcome), pieces=st.booleans())
    def observe(self, task: Task, items: dict[str, tuple[Any, Any, Any]], outcome: Outcome, pieces: bool) -> None:
        """A task ends, in any way."""
        made = [item(key, facts=spelled(f), unread=unread, v=v) for key, (v, f, unread) in items.items()]
        before = self.now[task]
        attempt = self.store.attempt(task, "run-1")
        for batch in [[single] for single in made] if pieces else [made]:
            assert self.store.stage(attempt, batch) == 0
        finished = self.store.finish(attempt, observed(task, outcome))
        is_complete = outcome is Outcome.COMPLETE
        self.now[task] = items if is_complete else {**before, **items}
        assert finished.appeared == len(items.keys() - before.keys())
        assert finished.gone == (len(before.keys() - items.keys()) if is_complete else 0)
        assert finished.appeared + finished.changed + finished.unchanged == len(items)
        self.remember()

    @rule(items=seen)
    def give_up(self, items: dict[str, tuple[Any, Any, Any]]) -> None:
        """A task is tried and dropped."""
        attempt = self.store.attempt(TASKS[0], "run-1")
        self.store.stage(attempt, [item(key, given_up=True) for key in items])
        self.store.drop(attempt)

    @rule(subject=st.sampled_from(KEYS), status=st.none() | st.sampled_from(Status))
    def judge(self, subject: str, status: Status | None) -> None:
        """A verdict, or the end of a finding."""
        was = self.verdicts.get(subject)
        if status is not None:
            self.store.write([judged(changed(verdict(subject, status), was))])
            self.verdicts[subject] = status
        elif was is not None:
            self.store.write([judged(gone(verdict(subject, was)))])
            del self.verdicts[subject]
        self.remember()

    @rule()
    def start_again(self) -> None:
        """The process ends and another one begins."""
        self.store.close()
        self.store = open_store(self.url, writer=True, clock=self.clock)

    @invariant()
    def shows_what_is_there(self) -> None:
        """Now is what the last observations said."""
        self.check(self.now, as_of=None)
        assert {of.subject: status for of, status in as_mapping(self.store).items()} == self.verdicts

    def check(self, state: State, as_of: datetime | None) -> None:
        """Compare every task."""
        for task, there in state.items():
            stored = self.store.resources(task.collection, source=task.source, under=task.scope, as_of=as_of)
            assert {resource.key: set(resource.unread) for resource in stored} == {
                key: set(u) for key, (_, _, u) in there.items()
            }
            assert bodies(self.store, task=task, as_of=as_of) == {key: {"v": v} for key, (v, _, _) in there.items()}
            found = facts(self.store, task=task, as_of=as_of)
            assert found == {key: spelled(f) for key, (_, f, _) in there.items()}
            assert keys(self.store, task=task, as_of=as_of) == sorted(there)


class ModelPutAway(Model):
    """The same where everything goes through the working table at once."""

    def __init__(self) -> None:
        super().__init__()
        self.most, staging._MOST_OF_ONE = staging._MOST_OF_ONE, 0

    def teardown(self) -> None:
        """Put things back for the other tests."""
        staging._MOST_OF_ONE = self.most
        super().teardown()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=15, stateful_step_count=10)
TestModelPutAway = ModelPutAway.TestCase
TestModelPutAway.settings = settings(max_examples=10, stateful_step_count=10)


def test_before_the_first_leaf_there_is_nothing(store: SqlStore) -> None:
    """Days before the first observation are not observed, and not empty by accident."""
    scan(store, item("logs"))
    store.write([judged(changed(verdict()))])
    before = MONDAY - timedelta(days=1)

    assert keys(store, as_of=before) == []
    assert list(store.findings(as_of=before)) == []
    assert list(store.observations(as_of=before)) == []
    assert list(store.runs(as_of=before)) == []
    assert list(store.plans(as_of=before)) == []


def test_the_moment_itself_counts(store: SqlStore, clock: TickingClock) -> None:
    """State as of a moment includes what was recorded then, to the microsecond."""
    clock.now += timedelta(microseconds=7)
    scan(store, item("logs"))

    assert keys(store, as_of=clock.now) == ["logs"]
    assert keys(store, as_of=clock.now - timedelta(microseconds=1)) == []


def test_a_clock_set_back_hides_nothing_that_was_recorded(store: SqlStore, clock: TickingClock) -> None:
    """The order of the record is that of its leaves, whatever the clock said."""
    scan(store, item("logs"))
    clock.now -= timedelta(days=3)

    scan(store, item("logs"), item("web"))

    assert keys(store) == ["logs", "web"]
    assert keys(store, as_of=MONDAY + timedelta(days=1)) == ["logs", "web"]


def test_scopes_are_streamed_in_order_and_only_those_asked_for(store: SqlStore) -> None:
    """Account 1 is not part of account 11, whatever the first letters say."""
    for task in reversed(TASKS):
        scan(store, item("b"), item("a"), task=task)

    everywhere = [(stored.task.scope, stored.key) for stored in store.resources("aws.s3.bucket", source="production")]
    inside = [stored.task.scope for stored in store.resources("aws.s3.bucket", source="production", under=("1",))]

    assert everywhere == [((account,), key) for account in ("1", "11", "2") for key in "ab"]
    assert inside == [("1",), ("1",)]
