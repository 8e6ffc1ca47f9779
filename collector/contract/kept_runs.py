"""Runs that several rules read, made once for a harness; none of them is run again over the same fixture."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch

from collector.contract.apart import lists_apart
from collector.contract.blocking_calls import sleeping
from collector.contract.suite_run import AMPLE, SuiteRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.contract.harness import Harness
    from collector.core.connectors import Listed

T = TypeVar("T")

_MOST_KEPT = 16


def _once_a_harness(make: Callable[[Harness], T]) -> Callable[[Harness], T]:
    """Keep what a function returns for a harness, which is held beside it: no other one gets its id meanwhile."""
    kept: OrderedDict[int, tuple[Harness, T]] = OrderedDict()

    @wraps(make)
    def once(harness: Harness) -> T:
        if id(harness) not in kept:
            kept[id(harness)] = harness, make(harness)
            while len(kept) > _MOST_KEPT:
                kept.popitem(last=False)
        return kept[id(harness)][1]

    return once


@dataclass(frozen=True)
class Undisturbed:
    """A run with nothing in its way: the requests that were answered, and the seconds of each `time.sleep`.

    `changed`: kinds with an item that was another one at the end of its list than when it was listed.
    """

    trial: SuiteRun
    answered: int
    naps: list[float]
    changed: frozenset[str]


@dataclass(frozen=True)
class Failed:
    """A run of some kinds, each with a call of its list that failed, and how often each of the calls was sent."""

    trial: SuiteRun
    round_: Mapping[str, str]
    sent: Mapping[str, int]


@_once_a_harness
def undisturbed(harness: Harness) -> Undisturbed:
    """Return a run of every kind."""
    collections, changed = harness.connector.collections, set[str]()
    watched = {
        name: replace(collection, list=_watched(collection.list, partial(changed.add, name)))
        for name, collection in collections.items()
    }
    with harness.fixture() as double, sleeping() as naps, patch.dict(collections, watched):
        trial = SuiteRun(harness, double).run()
        return Undisturbed(trial, double.count, list(naps), frozenset(changed))


def _watched(listing: Callable[[Any], Listed], on_change: Callable[[], object]) -> Callable[[Any], Listed]:
    """Return a list that compares its items, once it has ended, with what they were when they were listed."""

    def watched(client: Any) -> Iterator[Any]:
        items: Any = listing(client)
        listed: list[tuple[object, str]] = []
        try:
            for item in items:
                listed.append((item, repr(item)))
                yield item
        finally:
            if hasattr(items, "close"):
                items.close()
            if any(repr(item) != text for item, text in listed):
                on_change()

    return watched


@_once_a_harness
def failed_lists(harness: Harness) -> list[Failed]:
    """Return runs in which every call of a list has failed."""
    runs = []
    for round_ in lists_apart(harness):
        with harness.fixture() as double, sleeping():
            calls = {*round_.values()}
            for call in calls:
                double.fail(call)
            trial = SuiteRun(harness, double).run(*round_, deadline=AMPLE)
            runs.append(Failed(trial, round_, {call: double.served(call) for call in calls}))
    return runs
