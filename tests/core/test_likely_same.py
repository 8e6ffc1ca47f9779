"""Two names of one person: a reviewer in another spelling has reviewed nothing."""

from __future__ import annotations

import pytest

from collector.core.likely_same import likely_same

SAME = [
    ("Ann Sommer", "ann sommer"),
    ("Ann Sommer", "SOMMER, Ann"),
    ("Ann Sommer", "A. Sommer"),
    ("Ann Sommer", "Dr. Ann Sommer"),
    ("Ann Sommer", "Ann  Sömmer"),
    ("Ann Sommer", "Ann Somer"),
    ("Ann Sommer", "ann.sommer@acme.example"),
    ("Ann Sommer", "asommer"),
    ("Ann Sommer", "Ann M. Sommer"),
    ("Ann Sommer", "Ann"),
    ("Jürgen Groß", "Juergen Gross"),
    ("José Núñez", "Jose Nunez"),
    ("Marie-Claire Dupont", "Marie Claire Dupont"),
    ("Björn Ødegård", "Bjorn Odegard"),
    ("Thomas Meier", "Thomas Meire"),
]
OTHER = [
    ("Ann Sommer", "Bob Winter"),
    ("Ann Sommer", "Ben Sommer"),
    ("Ann Sommer", "Ann Winter"),
    ("Bob Winter", "Rob Winter"),
    ("Eve Lang", "Eva Kurz"),
    ("Carl Berg", "Dora Klein"),
    ("A. Sommer", "B. Sommer"),
    ("李 伟", "王 芳"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_spelling_is_the_same_person(one: str, other: str) -> None:
    """Whichever of the two comes first."""
    assert likely_same(one, other)
    assert likely_same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_people_are_two_people(one: str, other: str) -> None:
    """A company with two Sommers can still have one review the other."""
    assert not likely_same(one, other)
    assert not likely_same(other, one)


@pytest.mark.parametrize("nobody", ["", " ", "...", "Dr."])
def test_a_name_without_letters_is_nobody_else(nobody: str) -> None:
    """It says of nobody that it was another person."""
    assert likely_same(nobody, "Ann Sommer")
