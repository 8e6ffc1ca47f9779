"""The rules that every connector must pass: each takes a `Harness`, and raises AssertionError where it is broken."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from collector.contract import (  # noqa: F401  they add their rules
    rules_answers,
    rules_identity,
    rules_lists,
    rules_memory,
    rules_refusals,
    rules_sameness,
    rules_sending,
    rules_size,
)
from collector.contract.apart import lists_apart, parts_apart
from collector.contract.blocking_calls import sleeping
from collector.contract.kept_runs import failed_lists, undisturbed
from collector.contract.kept_verdicts import keeps_verdicts_that_hold
from collector.contract.people_paths import finds_people_where_declared
from collector.contract.rounds import lists_nothing_itself
from collector.contract.rules import RULES, rule
from collector.contract.suite_run import AMPLE, DEADLINE, SuiteRun
from collector.contract.view_types import types_at
from collector.core.tasks import Outcome
from collector.core.views import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Harness
    from collector.core.connectors import Part

__all__ = ["RULES"]


rule(finds_people_where_declared)


@contextmanager
def suite_run(harness: Harness) -> Iterator[SuiteRun]:
    """Start a new fixture, and yield a run over it."""
    with harness.fixture() as double:
        yield SuiteRun(harness, double)


def parts_of(harness: Harness, kind: str, call: str) -> list[Part[Any]]:
    """Return the parts of a kind that make a call."""
    return [part for part in harness.connector.parts[kind] if call in part.calls]


def allowed_outcomes(harness: Harness, kind: str, expected: Outcome) -> set[Outcome]:
    """Return the outcomes allowed for a list whose call fails: `expected`, or PARTIAL where it has several calls."""
    return {expected} if len(harness.connector.collections[kind].calls) == 1 else {expected, Outcome.PARTIAL}


@rule
def shows_everything(harness: Harness) -> None:
    """The fixture has resources of each kind, and all are collected completely with all parts."""
    trial = undisturbed(harness).trial

    for kind in harness.connector.collections:
        assert trial.resources(kind), f"the fixture has no {kind}"
    assert {seen.outcome for seen in trial.seen} == {Outcome.COMPLETE}, [seen.reason() for seen in trial.seen]
    unread = {f"{seen.task}: {name}" for seen in trial.seen for name in seen.provenance.unread}
    assert not unread, f"parts that could not be read though nothing was refused: {unread}"


@rule
def is_metered(harness: Harness) -> None:
    """Every request that reaches the platform is metered by the wire."""
    seen = undisturbed(harness)

    assert seen.trial.requests == seen.answered, (
        f"the platform answered {seen.answered} requests, the wire saw {seen.trial.requests}"
    )


@rule
def asks_what_it_declares(harness: Harness) -> None:
    """Only declared calls are sent: `annexd permissions` prints the permissions of the declarations."""
    trial = undisturbed(harness).trial

    for seen in trial.seen:
        kind = seen.task.collection
        parts = harness.connector.parts.get(kind, [])
        declared = {harness.connector.identity_call, *harness.connector.collections[kind].calls}
        declared |= {call for part in parts for call in part.calls}
        asked = {call.operation for call in seen.provenance.calls}
        assert asked <= declared, f"{seen.task} asked {sorted(asked - declared)}, which it does not declare"


@rule
def names_its_needs(harness: Harness) -> None:
    """Every call of a list or a part names the permissions that it needs."""
    declared = [
        (collection.kind.name, collection.call, collection.calls, collection.permissions)
        for collection in harness.connector.collections.values()
    ]
    declared += [
        (f"{part.kind.name}.{part.name}", part.call, part.calls, part.permissions)
        for parts in harness.connector.parts.values()
        for part in parts
        if part.calls
    ]
    for name, call, calls, permissions in declared:
        is_named = len(permissions) > 0 and all(permissions)
        assert is_named or {*calls} <= harness.free, f"{name} does not say what {call} needs"


@rule
def reports_a_refused_list(harness: Harness) -> None:
    """A refused list ends as DENIED with the permissions that it needs."""
    for round_ in lists_apart(harness):
        with suite_run(harness) as trial:
            for call in {*round_.values()}:
                trial.double.deny(call)
            trial.run(*round_)
        for kind, call in round_.items():
            needs = ", ".join(harness.connector.collections[kind].permissions)
            ends = {(seen.outcome, seen.permissions) for seen in trial.of(kind)}
            allowed = {(end, needs) for end in allowed_outcomes(harness, kind, Outcome.DENIED)}
            assert ends <= allowed, f"{call} was refused and {kind} ended as {ends}"


@rule
def reports_a_failing_list(harness: Harness) -> None:
    """A list whose call fails ends as FAILED, not as an empty list."""
    for run in failed_lists(harness):
        for kind, call in run.round_.items():
            ends = {seen.outcome for seen in run.trial.of(kind)}
            assert ends <= allowed_outcomes(harness, kind, Outcome.FAILED), f"{call} failed and {kind} ended as {ends}"


@rule
def gives_up_in_time(harness: Harness) -> None:
    """A failing call is sent at most `attempts` times by each task that sends it."""
    for run in failed_lists(harness):
        for call, sent in run.sent.items():
            asking = [seen for seen in run.trial.seen if call in {each.operation for each in seen.provenance.calls}]
            most = harness.attempts * len(asking)
            assert sent <= most, f"{call} failed and was sent {sent} times by {len(asking)} tasks; {most} are allowed"


@rule
def reports_a_refused_part(harness: Harness) -> None:
    """A refused part is unread with the permissions that it needs, not absent."""
    for round_ in parts_apart(harness):
        with suite_run(harness) as trial:
            for call in {*round_.values()}:
                trial.double.deny(call)
            trial.run(*round_)
        for kind, call in round_.items():
            for part in parts_of(harness, kind, call):
                unread = [stored.unread.get(part.name) for stored in trial.resources(kind)]
                reports = {(report.call, report.permissions, report.denied) for report in unread if report is not None}
                assert reports == {(part.call, ", ".join(part.permissions), True)}, (
                    f"{call} was refused and {kind}.{part.name} says {reports}"
                )
                # A part of several calls may not have needed this one for every resource.
                assert len(part.calls) > 1 or None not in unread, (
                    f"{call} was refused and {kind}.{part.name} counts as read"
                )


@rule
def reports_a_failing_part(harness: Harness) -> None:
    """A failing part is unread, not absent."""
    for round_ in parts_apart(harness):
        with suite_run(harness) as trial, sleeping():
            for call in {*round_.values()}:
                trial.double.fail(call)
            trial.run(*round_, deadline=AMPLE)
        for kind, call in round_.items():
            for part in parts_of(harness, kind, call):
                unread = [part.name in stored.unread for stored in trial.resources(kind)]
                assert any(unread), f"{call} failed and {kind}.{part.name} counts as read"
                assert len(part.calls) > 1 or all(unread), (
                    f"{call} failed and {kind}.{part.name} counts as read for some"
                )


@rule
def keeps_half_a_list_as_half(harness: Harness) -> None:
    """A list whose second page fails ends as PARTIAL, with the resources of the first page.

    Where it was looked up before anything was listed, it is not COMPLETE.
    """
    for round_ in lists_apart(harness, harness.paged):
        with suite_run(harness) as trial, sleeping():
            for call in {*round_.values()}:
                trial.double.cut(call)
            trial.run(*round_, deadline=AMPLE)
        for kind, call in round_.items():
            ends = {seen.outcome for seen in trial.of(kind)}
            if lists_nothing_itself(harness, call, kind):
                assert Outcome.COMPLETE not in ends, f"the second page of {call} failed and {kind} ended as {ends}"
                continue
            cut = [seen for seen in trial.of(kind) if seen.outcome is Outcome.PARTIAL and seen.listed]
            assert cut, f"the second page of {call} failed and {kind} says {ends}"


@rule
def does_not_go_round_in_circles(harness: Harness) -> None:
    """A list whose pages lead back to one that was read never ends as COMPLETE."""
    for round_ in lists_apart(harness, harness.paged):
        for how in ("circle", "repeat"):
            with suite_run(harness) as trial:
                for call in {*round_.values()}:
                    getattr(trial.double, how)(call)
                trial.run(*round_)
            for kind, call in round_.items():
                ends = {seen.outcome for seen in trial.of(kind)}
                assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"{how} pages of {call}: {kind} ended as {ends}"


@rule
def does_not_believe_in_the_last_of_endless_pages(harness: Harness) -> None:
    """A list of endless pages never ends as COMPLETE."""
    for round_ in lists_apart(harness, harness.paged):
        with suite_run(harness) as trial:
            for call in {*round_.values()}:
                trial.double.endless(call)
            trial.run(*round_, deadline=DEADLINE, tasks=1)
        for kind, call in round_.items():
            ends = {seen.outcome for seen in trial.of(kind)}
            assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"endless pages of {call}: {kind} ended as {ends}"


@rule
def reads_a_long_list_to_its_end(harness: Harness) -> None:
    """A list of many pages is read completely: requests for different pages differ on the wire."""
    with suite_run(harness) as trial:
        trial.double.stretch()
        trial.run()

    for kind, collection in harness.connector.collections.items():
        if harness.paged.isdisjoint(collection.calls):
            continue
        bad = [seen.reason() for seen in trial.of(kind) if seen.outcome is not Outcome.COMPLETE]
        assert not bad, f"{kind} in many pages: {bad}"
        assert max(seen.provenance.pages for seen in trial.of(kind)) > 10, f"the harness has no long list of {kind}"


@rule
def lists_each_resource_once(harness: Harness) -> None:
    """No key comes twice in a list: one of the two resources would be lost."""
    trial = undisturbed(harness).trial

    for seen in trial.seen:
        assert not seen.provenance.repeated, f"{seen.task}: {seen.provenance.repeated} keys came twice"


@rule
def keeps_no_secret(harness: Harness) -> None:
    """Every path that is declared as secret is redacted, and no canary is stored."""
    trial = undisturbed(harness).trial

    stored = [resource for kind in harness.connector.collections for resource in trial.resources(kind)]
    kept = (
        b"".join((resource.blob or b"") + (resource.facts or b"") for resource in stored)
        + repr([trial.seen, stored]).encode()
    )
    leaked = [name for name, text in harness.canaries.items() if text.encode() in kept]
    assert not leaked, f"planted and found again: {leaked}; each needs its path in redact= of its kind"
    for kind, collection in harness.connector.collections.items():
        hit = {path for seen in trial.of(kind) for path in seen.provenance.redacted}
        for declared in collection.kind.redact:
            assert declared.path in hit, f"the fixture has nothing at {declared.path} of {kind}, so it proves nothing"


@rule
def reads_no_number_that_is_taken_out(harness: Harness) -> None:
    """No view reads a redacted path as a number: a redacted value is text."""
    for kind, collection in harness.connector.collections.items():
        for declared in collection.kind.redact:
            numbers = types_at(collection.kind.view, declared.path) & {int, float}
            assert not numbers, f"the view of {kind} reads {declared.path} as {numbers}, and it is redacted"


@rule
def can_be_read_through_its_views(harness: Harness) -> None:
    """Every stored resource can be decoded by the view of its kind."""
    trial = undisturbed(harness).trial

    for kind, collection in harness.connector.collections.items():
        for stored in trial.resources(kind):
            assert stored.blob is not None
            unread = {name: str(part) for name, part in stored.unread.items()}
            decode(collection.kind.view, stored.blob, stored.facts, unread)


@rule
def does_not_change_by_itself(harness: Harness) -> None:
    """Nothing changes between two runs over the same fixture: fields that do are declared volatile."""
    with suite_run(harness) as trial:
        trial.run()
        trial.run()

    for task, finished in trial.finished.items():
        assert finished.changed + finished.appeared == 0, f"{task} changed while nobody touched it"


@rule
def knows_what_is_volatile(harness: Harness) -> None:
    """Every field that is declared volatile occurs in the fixture."""
    trial = undisturbed(harness).trial

    for kind, collection in harness.connector.collections.items():
        facts = [msgspec.json.decode(stored.facts) for stored in trial.resources(kind) if stored.facts is not None]
        for name in collection.kind.volatile:
            assert any(name in resource_facts for resource_facts in facts), f"no {kind} of the fixture has a {name}"


@rule
def does_not_sleep(harness: Harness) -> None:
    """The connector never calls `time.sleep`: the wire waits, and can be stopped."""
    naps = undisturbed(harness).naps

    assert not naps, f"time.sleep was called {len(naps)} times though nothing was refused"


rule(keeps_verdicts_that_hold)
