"""The contract: every connector that comes with annexd keeps each rule, and each rule catches who breaks it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import time
from typing import TYPE_CHECKING

import pytest

import connectors
from collector.contract.suite import RULES
from collector.core.views import UndecodableError
from tests.contract import harnesses
from tests.contract.harnesses.invented import InventedHarness
from tests.contract.wrong import WRONG

if TYPE_CHECKING:
    from collector.contract.harness import Harness

AWAITED: frozenset[str] = frozenset()
"""Connectors whose harness is still to be written. Nothing is added to this list."""

FOUND = frozenset(
    module.name for module in pkgutil.iter_modules(connectors.__path__) if not module.name.startswith("_")
)
HELD = frozenset(module.name for module in pkgutil.iter_modules(harnesses.__path__))


def the_harness(name: str) -> Harness:
    """Return the harness of a connector, from its module in `harnesses`."""
    made: Harness = importlib.import_module(f"tests.contract.harnesses.{name}").harness()
    return made


@pytest.mark.parametrize("connector", sorted(HELD))
@pytest.mark.parametrize("rule", RULES)
def test_every_connector_keeps_the_contract(connector: str, rule: str) -> None:
    """What the engine promises rests on what each connector does."""
    RULES[rule](the_harness(connector))


def test_every_connector_that_is_found_has_a_harness() -> None:
    """A connector without a harness is one that nobody has held to the contract."""
    assert FOUND - HELD <= AWAITED
    assert frozenset() == AWAITED & HELD


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_each_rule_catches_the_connector_that_breaks_it(wrong: str, rule: str) -> None:
    """A rule that nothing can break protects nobody, and one that breaks with others says nothing of its own."""
    breaks, recipe = WRONG[wrong]
    harness = InventedHarness(recipe)

    if rule == breaks:
        with pytest.raises((AssertionError, UndecodableError)):
            RULES[rule](harness)
    else:
        RULES[rule](harness)


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
