"""The contract: every connector that comes with annexd keeps each rule, and each rule catches who breaks it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import time
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

import pytest

import connectors
from collector.contract.suite import RULES
from collector.core.views import UndecodableError
from tests.contract import harnesses
from tests.contract.harnesses.invented import InventedHarness
from tests.contract.one_way import ONE_WAY, each_call_in_one_way
from tests.contract.wrong import WRONG
from tests.played.platform import MEMBERS, Platform, page

if TYPE_CHECKING:
    import httpx
    from _pytest.mark.structures import ParameterSet

    from collector.contract.harness import Harness

AWAITED: frozenset[str] = frozenset()
"""Connectors whose harness is still to be written. Nothing is added to this list."""

FOUND = frozenset(
    module.name for module in pkgutil.iter_modules(connectors.__path__) if not module.name.startswith("_")
)
HELD = frozenset(module.name for module in pkgutil.iter_modules(harnesses.__path__))

_LONG = "reads_a_huge_list_or_says_that_it_did_not"
"""The rule that asks for thousands of pages: a minute with an SDK."""

_ENDLESS = "reads_no_answer_without_end"
"""The rule that sends 128 MiB to each list, which takes over a minute for the 70 lists of AWS."""

_ON_THE_KIT = frozenset({"azure", "entra", "gcp", "gitlab", "googleworkspace"})
"""Connectors that send by the HTTP kit alone, as Okta's does, which stands for them where the kit keeps a rule."""

_KEPT_BY_THE_KIT = frozenset(
    {
        "asks_nobody_elsewhere",
        "gives_up_on_silence",
        "keeps_its_threads_apart",
        "reads_a_long_list_to_its_end",
        _ENDLESS,
        "waits_when_it_is_asked_to",
    }
)
"""Rules about how requests are sent and answers taken in. All connectors are held to them in the deep tier."""


_ALSO_BREAKS = {"forty pages are all": {"reads_a_huge_list_or_says_that_it_did_not"}}
"""What two rules have to catch, because the second is about the same with more pages."""

_BY_THE_CLOCK = frozenset({"threads share an answer"})
"""Connectors that go wrong after a while, and so under any rule on a machine that is busy."""


_EVERY_WAY = frozenset({"believes_no_nonsense", "tells_refusals_from_empty"})
"""Rules that answer every call in each of several ways: in the quick tests AWS and GCP are tried in one way a call."""


_KEPT_BY_THE_SDK = frozenset(
    {
        "asks_nobody_elsewhere",
        "does_not_believe_in_the_last_of_endless_pages",
        "waits_when_it_is_asked_to",
        _ENDLESS,
    }
)
"""Rules that AWS's SDK keeps for every call alike, tried with each of its hundreds of calls in the deep tier."""


def _is_deep(name: str, rule: str) -> bool:
    if rule == _LONG:
        return True  # in the quick tests a connector that breaks it is caught
    if name in ONE_WAY and rule in _EVERY_WAY:
        return True
    return rule in _KEPT_BY_THE_SDK if name == "aws" else name in _ON_THE_KIT and rule in _KEPT_BY_THE_KIT


def _case(name: str, rule: str, *, deep: bool) -> ParameterSet:
    return pytest.param(name, rule, marks=[pytest.mark.deep] if deep else [], id=f"{rule}-{name}")


@cache
def the_harness(name: str) -> Harness:
    """Return the harness of a connector, from its module in `harnesses`; the same for all rules, which share runs."""
    made: Harness = importlib.import_module(f"tests.contract.harnesses.{name}").harness()
    return made


@pytest.mark.parametrize(
    ("connector", "rule"),
    [_case(name, rule, deep=_is_deep(name, rule)) for name in sorted(HELD) for rule in RULES],
)
def test_every_connector_keeps_the_contract(connector: str, rule: str) -> None:
    """What the engine promises rests on what each connector does."""
    RULES[rule](the_harness(connector))


@pytest.mark.parametrize("connector", sorted(ONE_WAY))
def test_every_call_is_answered_by_nonsense_and_refused_in_one_way(connector: str) -> None:
    """The rules that try every way of it with each of their calls take minutes, and are in the deep tier."""
    each_call_in_one_way(the_harness(connector))


@pytest.mark.parametrize("wrong", ["a page without its list is empty", "a conflict is empty"])
def test_nonsense_and_refusals_in_one_way_a_call_are_caught(wrong: str) -> None:
    """One of each, whose call is answered in the way that this connector believes."""
    with pytest.raises(AssertionError):
        each_call_in_one_way(InventedHarness(WRONG[wrong][1]))


def test_every_connector_that_is_found_has_a_harness() -> None:
    """A connector without a harness is one that nobody has held to the contract."""
    assert FOUND - HELD <= AWAITED
    assert frozenset() == AWAITED & HELD


@pytest.mark.parametrize(
    ("wrong", "rule"),
    # That a wrong connector breaks no other rule is the greater part of the time, and tried in the deep tier.
    [
        _case(name, rule, deep=rule != WRONG[name][0])
        for name in sorted(WRONG)
        for rule in RULES
        if rule == WRONG[name][0] or name not in _BY_THE_CLOCK
    ],
)
def test_each_rule_catches_the_connector_that_breaks_it(wrong: str, rule: str) -> None:
    """A rule that nothing can break protects nobody, and one that breaks with others says nothing of its own."""
    breaks, recipe = WRONG[wrong]
    harness = InventedHarness(recipe)

    if rule == breaks or rule in _ALSO_BREAKS.get(wrong, ()):
        with pytest.raises((AssertionError, UndecodableError)):
            RULES[rule](harness)
    else:
        RULES[rule](harness)


@pytest.mark.parametrize(
    ("excuse", "is_taken"),
    [("empty", True), (f"empty {MEMBERS}", True), ("emptiness", False), ("empty GET /nothing", False)],
)
def test_an_excuse_for_what_is_not_played_is_a_mistake(excuse: str, is_taken: bool) -> None:
    """One that is misspelt, or left over from a call that is gone, would excuse the next of that name."""
    harness = InventedHarness()
    harness.not_possible = {excuse: "made up"}

    with nullcontext() if is_taken else pytest.raises(AssertionError, match="does not play"):
        RULES["believes_no_nonsense"](harness)


def test_what_a_platform_cannot_do_is_skipped_with_the_reason() -> None:
    """A rule that tried nothing is not one that was kept."""
    harness = InventedHarness()
    harness.not_possible = {"odd count": "it counts nothing"}

    with pytest.raises(SkipTest, match="it counts nothing"):
        RULES["believes_no_odd_count"](harness)


@pytest.mark.parametrize("rule", ["believes_no_odd_count", "asks_nobody_elsewhere"])
def test_a_double_without_what_a_rule_changes_is_told_so(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the rule would hold for want of anything to try it on."""

    def bare(platform: Platform, items: list[Any], request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("from", "0"))
        end = start + platform.page_size
        return page(items[start:end], following=str(end) if end < len(items) else None)

    monkeypatch.setattr(Platform, "_page", bare)

    with pytest.raises(AssertionError, match="not_possible"):
        RULES[rule](InventedHarness())


def test_there_is_a_wrong_connector_for_every_rule() -> None:
    """Else the rule has never been seen to fail."""
    assert {breaks for breaks, _ in WRONG.values()} == {*RULES}


def test_whoever_times_the_collection_of_garbage_is_not_taken_for_a_check() -> None:
    """Hypothesis does, and garbage is collected in the middle of any call."""
    thresholds = gc.get_threshold()
    gc.callbacks.append(_ask_a_clock)
    gc.set_threshold(5)
    try:
        RULES["keeps_verdicts_that_hold"](InventedHarness())
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(_ask_a_clock)


def _ask_a_clock(_phase: str, _info: dict[str, int]) -> None:
    time.perf_counter()
