"""Systematic edits of a bundle: both verifiers find each, or it is listed with the reason why there is none to find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.log.notes import VerifierKey
from tests.attacks.bundle_edits import LISTED_ANYWAY, Target, edits, why_not_found
from tests.attacks.bundles import a_target, attack

QUICK = ("zip: ", "lists: ", "receipt: ", "folder: a ")
"""What is refused before, or soon after, the first signature is verified."""

_PARTS = 40
"""All edits take some minutes, and each test has to end before one that hangs is stopped."""


def test_every_field_of_the_archive_the_lists_and_the_receipt_is_held(tmp_path: Path) -> None:
    """One that is not looked at is where somebody hides what only one of two programs reads."""
    with a_target(tmp_path) as (target, key):
        names = [edit.name for edit in edits(random.Random(4), target)]
        outcome = attack(target, key, random.Random(4), None, tmp_path, only=QUICK)

    assert len(names) == len(set(names)) > 1000
    assert outcome.missed == {}
    assert len(outcome.found) > 250
    assert set(outcome.listed) <= set(LISTED_ANYWAY)


def test_files_that_are_changed_are_found_with_and_without_a_new_signature(tmp_path: Path) -> None:
    """A few by chance; all of them are in the deep tier."""
    with a_target(tmp_path) as (target, key):
        outcome = attack(target, key, random.Random(5), 40, tmp_path, only=("folder: ", "signed: "))

    assert outcome.missed == {}
    assert len(outcome.found) + len(outcome.listed) == 40


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Target, VerifierKey]]:
    """A bundle that is attacked in parts."""
    with a_target(tmp_path_factory.mktemp("made")) as target:
        yield target


@pytest.mark.deep
@pytest.mark.parametrize("part", range(_PARTS))
def test_every_edit_is_found_or_listed(made: tuple[Target, VerifierKey], tmp_path: Path, part: int) -> None:
    """The list is short enough to stand in the documentation."""
    target, key = made
    names = [edit.name for edit in edits(random.Random(6), target)][part::_PARTS]
    outcome = attack(target, key, random.Random(6), None, tmp_path, only=tuple(names))

    assert outcome.missed == {}
    assert {name for name in names if why_not_found(name) is not None} <= set(outcome.listed) <= set(LISTED_ANYWAY)
    assert len(outcome.found) + len(outcome.listed) >= len(names)
