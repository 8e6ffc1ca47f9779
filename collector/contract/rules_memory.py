"""Rules on memory: what one task was answered is no answer for another, nor for the run after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.contract.apart import calls_of_discovery
from collector.contract.kept_runs import undisturbed
from collector.contract.rules import rule
from collector.contract.suite_run import SuiteRun
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collector.contract.harness import Harness


@rule
def asks_in_every_scope(harness: Harness) -> None:
    """No list is COMPLETE by what was answered in another scope: each of its calls was sent in its own.

    Two lists of one scope may share an answer.
    """
    trial = undisturbed(harness).trial

    asked = {(seen.task.scope, call.operation) for seen in trial.seen for call in seen.provenance.calls}
    for seen in trial.seen:
        calls = {call for call in harness.connector.collections[seen.task.collection].calls if not call.startswith("(")}
        is_asked = any((seen.task.scope, call) in asked for call in calls)
        assert is_asked or not calls, (
            f"{seen.task} is {seen.outcome.value}, and none of {sorted(calls)} was asked there"
        )


@rule
def asks_again_in_every_run(harness: Harness) -> None:
    """What may be read no more is not read from an earlier run: an answer that is kept is no evidence of today.

    It ends as it would in a first run; whether that is right is the matter of other rules.
    """
    connector = harness.connector
    listed = {call for collection in connector.collections.values() for call in collection.calls}
    parts = {call for of_kind in connector.parts.values() for part in of_kind for call in part.calls}
    # Parts come first, as long as there are lists that need them.
    steps = (parts - listed, listed - calls_of_discovery(connector))
    first = []
    for calls in steps:
        with harness.fixture() as double:
            first.append(_read_without(SuiteRun(harness, double), calls))
    with harness.fixture() as double:
        trial = SuiteRun(harness, double).run()
        later = [_read_without(trial, calls) for calls in steps]
    for at_first, then in zip(first, later, strict=True):
        kept = sorted(then - at_first)
        assert not kept, f"refused since the first run, and still read: {kept[:5]}"


def _read_without(trial: SuiteRun, calls: set[str]) -> set[str]:
    """Refuse calls, run, and return which lists and parts of these calls count as read."""
    connector = trial.harness.connector
    for call in calls:
        trial.double.deny(call)
    trial.run()
    complete = {seen.task for seen in trial.seen if seen.outcome is Outcome.COMPLETE}
    lists = {str(task) for task in complete if calls & {*connector.collections[task.collection].calls}}
    of_parts = [part for of_kind in connector.parts.values() for part in of_kind if calls >= {*part.calls}]
    return lists | {
        f"{part.name} of {stored.task} {stored.key}"
        for part in of_parts
        for stored in trial.resources(part.kind.name)
        if part.name not in stored.unread and stored.task in complete
    }
