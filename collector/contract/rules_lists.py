"""Rules on lists that are disturbed: a page that has to be asked for again, and resources that are nearly alike."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from collector.contract.harness import Throttle
from collector.contract.kept_runs import undisturbed
from collector.contract.rounds import ByCall, lists_answered
from collector.contract.rules import rule
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collector.contract.harness import Harness
    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.core.resources import Kind
    from collector.core.tasks import Task

_FAR = 1_000_000
"""What is added to an id that is a number."""


@rule
def goes_on_where_it_was_asked_to_wait(harness: Harness) -> None:
    """A list that has to ask for its second page again goes on there: nothing comes twice and nothing is left out."""
    throttle = next(iter((harness.throttles or {"429": Throttle(_too_many)}).values()))
    right = _listed(harness)
    for listed in lists_answered(
        harness, "throttled", ByCall(lambda _call: _at_the_second(throttle.make)), only_paged=True
    ):
        for seen in listed.seen if listed.changed else ():
            if seen.outcome is Outcome.COMPLETE:
                found = (seen.listed, seen.provenance.repeated)
                assert found == right[seen.task], (
                    f"{listed.call} was asked for its second page again, and {seen.task} has {found[0]} resources,"
                    f" {found[1]} of them again; without that {right[seen.task][0]}, {right[seen.task][1]} again"
                )


@rule
def changes_nothing_that_it_listed(harness: Harness) -> None:
    """An item stays as it was listed: it is compared and stored later, beside others."""
    changed = sorted(undisturbed(harness).changed)

    assert not changed, f"items of {changed[:3]} are other ones at the end of the list than when they were listed"


@rule
def keeps_twins_apart(harness: Harness) -> None:
    """Two resources of which only the key differs, by the case of its letters or as a number, are two resources."""
    right = _listed(harness)
    kinds: dict[str, list[Kind]] = {}
    for collection in harness.connector.collections.values():
        for call in collection.calls:
            kinds.setdefault(call, []).append(collection.kind)
    for listed in lists_answered(harness, "twin", ByCall(lambda call: _with_twin(kinds[call])), only_paged=True):
        for seen in listed.seen if listed.changed else ():
            before = right[seen.task][0] - right[seen.task][1]
            if seen.outcome is Outcome.COMPLETE and before:
                assert seen.listed - seen.provenance.repeated > before, (
                    f"{listed.call} lists one that differs only by its key, and {seen.task} leaves it out"
                )


def _listed(harness: Harness) -> dict[Task, tuple[int, int]]:
    """Return how many resources an undisturbed task lists, and how many of them come again."""
    return {seen.task: (seen.listed, seen.provenance.repeated) for seen in undisturbed(harness).trial.seen}


def _too_many(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    return own.but(status=429, body=b'{"error": "too_many_requests"}')


def _at_the_second(make: Make) -> Make:
    """Return what plays it at the second request, and leaves the others as they are."""
    lock, count = threading.Lock(), 0

    def answer(request: RawRequest, own: RawAnswer) -> RawAnswer:
        nonlocal count
        with lock:
            count += 1
            is_second = count == 2
        return make(request, own) if is_second else own

    return answer


def _with_twin(kinds: list[Kind]) -> Make:
    """Return what adds to each list of such resources one that is like the last but for its key; JSON only.

    Where a call lists several kinds it leaves all as it is: nobody knows which of them a list in an answer is.
    """

    def answer(_request: RawRequest, own: RawAnswer) -> RawAnswer:
        if len(kinds) > 1:
            return own
        try:
            found = json.loads(own.body)
        except ValueError:
            return own
        made = _twinned(found, kinds[0].key)
        return own if made == found else own.but(body=json.dumps(made).encode())

    return answer


def _twinned(value: Any, key: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        last = value[-1] if value else None
        if key and isinstance(last, dict) and all(name in last for name in key):
            twin = {**last, key[-1]: _other(last[key[-1]])}
            return value if twin == last else [*value, twin]
        return value
    return {name: _twinned(inner, key) for name, inner in value.items()} if isinstance(value, dict) else value


def _other(key: Any) -> Any:
    if type(key) is int:
        return key + _FAR
    return key.swapcase() if isinstance(key, str) else key
