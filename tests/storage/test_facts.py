"""Runs, plans and judgements as they are kept and given back."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from collector.core.checks import Status
from collector.core.errors import StoreError
from collector.core.facts import CheckCounts, IncompleteDiscovery
from collector.core.tasks import Outcome, Task
from storage import SqlStore
from tests.storage.evidence import (
    BUCKETS,
    MONDAY,
    TickingClock,
    as_mapping,
    changed,
    ended,
    gone,
    judged,
    observed,
    planned,
    scan,
    started,
    verdict,
)


def test_runs_come_back_as_they_were_written_the_newest_first(store: SqlStore) -> None:
    """Who looks at a run sees what was true when it ran."""
    store.write([started("run-1"), ended("run-1"), started("run-2")])

    assert list(store.runs()) == [(started("run-2"), None), (started("run-1"), ended("run-1"))]


def test_a_run_that_has_not_ended_then_has_no_end_then(store: SqlStore, clock: TickingClock) -> None:
    """The past is shown without what came after."""
    store.write([started()])
    before = clock.now
    store.write([ended()])

    assert list(store.runs(as_of=before)) == [(started(), None)]


def test_facts_are_written_all_or_none(store: SqlStore) -> None:
    """Half a batch would be a story of its own."""
    with pytest.raises(StoreError):
        store.write([started("run-1"), started("run-2"), started("run-1")])

    assert list(store.runs()) == []


def test_the_store_goes_on_after_facts_that_it_refused(store: SqlStore) -> None:
    """A refused batch is the caller's mistake, not a damaged file."""
    with pytest.raises(StoreError):
        store.write([started(), started()])

    store.write([started()])

    assert len(list(store.runs())) == 1


def test_each_source_has_the_latest_plan_that_names_it(store: SqlStore, clock: TickingClock) -> None:
    """A run over one source says nothing of the others."""
    both = planned(BUCKETS, run="run-1", sources=["production", "code"])
    alone = planned(BUCKETS, run="run-2")
    store.write([both])
    before = clock.now
    store.write([alone])

    assert list(store.plans()) == [alone, both]
    assert list(store.plans(as_of=before)) == [both]


def test_a_plan_names_the_sources_of_its_tasks_and_of_what_it_could_not_open(store: SqlStore) -> None:
    """A source whose discovery failed outright is still in the plan."""
    plan = msgspec.structs.replace(
        planned(BUCKETS, sources=[]),
        incomplete_discoveries=(IncompleteDiscovery("code", "organization", (), "GitHub answered 403"),),
    )

    store.write([plan, planned(run="run-2")])

    assert list(store.plans()) == [planned(run="run-2"), plan]


def test_a_plan_of_many_tasks_comes_back_whole(store: SqlStore) -> None:
    """Its leaf is short, but the plan is not."""
    tasks = tuple(Task("production", f"aws.kind.{number}", ("1" * 12, "eu-central-1")) for number in range(30_000))
    plan = planned(*tasks)

    store.write([plan])

    assert list(store.plans()) == [plan]


def test_findings_come_back_as_they_were_judged(store: SqlStore) -> None:
    """A verdict carries its reason, its limits and what it rests on."""
    finding = verdict(trace="Traceback", reason="a\x00b\u202e", observed_at=MONDAY + timedelta(microseconds=1))

    store.write([judged(changed(finding))])

    (state,) = store.findings()
    assert state.finding == finding
    assert (state.since, state.run) == (finding.observed_at, "run-1")


def test_findings_are_ordered_by_check_source_scope_and_subject(store: SqlStore) -> None:
    """Whoever compares two streams of findings relies on it."""
    subjects = ["b", "", "a", "\U00010000", "\uffff", "a\x00", "Z"]
    checks = ["aws_b", "aws_a"]

    store.write([judged(*(changed(verdict(subject, check=check)) for check in checks for subject in subjects))])

    listed = [(state.finding.id.check, state.finding.id.subject) for state in store.findings()]
    assert listed == sorted(listed)
    assert len(listed) == 14


def test_findings_are_found_by_check_source_and_scope(store: SqlStore) -> None:
    """One check in one scope is what is judged at a time."""
    here, other = verdict(), verdict(check="aws_other")

    store.write([judged(changed(here), changed(other))])

    found = list(store.findings(check="aws_other", source="production", scope=BUCKETS.scope))
    assert [state.finding for state in found] == [other]
    assert list(store.findings(scope=())) == []
    assert list(store.findings(source="elsewhere")) == []


def test_since_is_of_the_first_of_equal_verdicts(store: SqlStore) -> None:
    """New evidence for the same verdict does not make a deviation younger."""
    later = MONDAY + timedelta(days=1)
    store.write([judged(changed(verdict()), run="run-1")])

    store.write([judged(changed(verdict(reason="still open", observed_at=later), Status.FAIL), run="run-2")])

    (state,) = store.findings()
    assert (state.since, state.run) == (MONDAY, "run-1")
    assert state.finding.reason == "still open"


def test_since_moves_with_the_verdict(store: SqlStore) -> None:
    """Failing again after a pass is a new deviation."""
    days = [MONDAY + timedelta(days=day) for day in range(3)]
    for day, status in zip(days, (Status.FAIL, Status.PASS, Status.FAIL), strict=True):
        store.write([judged(changed(verdict(status=status, observed_at=day)), run=f"run-{day.day}")])

    (state,) = store.findings()

    assert (state.since, state.run) == (days[2], "run-4")


def test_a_finding_that_ended_is_not_there_any_more_and_was_there_before(store: SqlStore, clock: TickingClock) -> None:
    """Deleted is not fixed, and the past keeps it."""
    store.write([judged(changed(verdict()))])
    before = clock.now

    store.write([judged(gone(verdict()))])

    assert list(store.findings()) == []
    assert [state.finding for state in store.findings(as_of=before)] == [verdict()]


def test_a_finding_that_returns_is_young_again(store: SqlStore) -> None:
    """What ended began anew."""
    later = MONDAY + timedelta(days=1)
    store.write([judged(changed(verdict())), judged(gone(verdict()))])

    store.write([judged(changed(verdict(observed_at=later)), run="run-2")])

    (state,) = store.findings()
    assert (state.since, state.run) == (later, "run-2")


def test_thousands_of_verdicts_and_tallies_come_in_one_fact(store: SqlStore) -> None:
    """A first run judges everything at once."""
    many = [verdict(f"bucket-{number:05}", reason="x" * 100) for number in range(5_000)]
    tallies = tuple(
        CheckCounts(f"aws_check_{number}", "production", "sha256:0", {}, {"fail": 1}) for number in range(2_000)
    )
    fact = msgspec.structs.replace(judged(*map(changed, many)), tallies=tallies)

    store.write([fact])

    assert len(as_mapping(store)) == 5_000


def test_the_latest_observation_of_each_task_is_given(store: SqlStore, clock: TickingClock) -> None:
    """State is the latest of each task, not of one run."""
    code = Task("code", "github.repository", ("acme",))
    scan(store, task=code)
    scan(store, why="first")
    before = clock.now
    scan(store, why="second")

    latest = [seen.observation for seen in store.observations()]
    assert [(observation.task, observation.why) for observation in latest] == [(code, ""), (BUCKETS, "second")]
    assert [seen.observation.why for seen in store.observations(source="production", as_of=before)] == ["first"]
    assert list(store.observations(collection="aws.iam.user")) == []


def test_the_latest_complete_observation_outlives_refusals(store: SqlStore, clock: TickingClock) -> None:
    """Yesterday's list stands, with its age, until its time to live."""
    scan(store, why="complete")
    before = clock.now
    scan(store, outcome=Outcome.DENIED, why="refused")

    assert [seen.observation.why for seen in store.last_complete()] == ["complete"]
    assert [seen.observation.why for seen in store.observations()] == ["refused"]
    assert list(store.last_complete(as_of=before - timedelta(days=1))) == []


def test_an_observation_comes_back_as_it_was(store: SqlStore) -> None:
    """An auditor asks how the list came about: call, parameters, identity, pages."""
    finished = scan(store)

    (seen,) = store.observations()

    assert seen.observation == observed()
    assert finished.leaf is not None
    assert (seen.leaf, seen.inventory) == (finished.leaf.index, finished.inventory)
