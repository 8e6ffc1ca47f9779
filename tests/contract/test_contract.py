"""The contract: every connector that is found keeps every rule, and each rule catches the connector that breaks it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

import connectors
from collector.core.views import UndecodableError
from tests.contract import plays
from tests.contract.plays.played import PlayedPlay
from tests.contract.suite import RULES
from tests.contract.wrong import WRONG

if TYPE_CHECKING:
    from tests.contract.play import Play

AWAITED: frozenset[str] = frozenset()
"""Connectors whose play is still to be written. Nothing is added to this list."""

FOUND = frozenset(one.name for one in pkgutil.iter_modules(connectors.__path__) if not one.name.startswith("_"))
PLAYED = frozenset(one.name for one in pkgutil.iter_modules(plays.__path__))


def the_play(name: str) -> Play:
    """The play of a connector, from its module in `plays`."""
    made: Play = importlib.import_module(f"tests.contract.plays.{name}").play()
    return made


@pytest.mark.parametrize("connector", sorted(PLAYED))
@pytest.mark.parametrize("rule", RULES)
def test_every_connector_keeps_the_contract(connector: str, rule: str) -> None:
    """What the engine promises rests on what each connector does."""
    RULES[rule](the_play(connector))


def test_every_connector_that_is_found_is_played() -> None:
    """A connector that nobody plays is one that nobody has held to the contract."""
    assert FOUND - PLAYED <= AWAITED
    assert frozenset() == AWAITED & PLAYED


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_each_rule_catches_the_connector_that_breaks_it(wrong: str, rule: str) -> None:
    """A rule that nothing can break protects nobody, and one that breaks with others says nothing of its own."""
    breaks, recipe = WRONG[wrong]
    play = PlayedPlay(recipe)

    if rule == breaks:
        with pytest.raises((AssertionError, UndecodableError)):
            RULES[rule](play)
    else:
        RULES[rule](play)


def test_there_is_a_wrong_connector_for_every_rule() -> None:
    """Else the rule has never been seen to fail."""
    assert {breaks for breaks, _ in WRONG.values()} == {*RULES}
