"""Which fields a check reads, from its code: none too few, whatever way it takes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import Struct, field

from collector.core.checks import All, Status, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import resource
from collector.setup.check_reads import CheckReads

if TYPE_CHECKING:
    from collections.abc import Callable


class Entrance(Struct, frozen=True):
    """A part of a house."""

    locked: bool


@resource("built.house", key="number")
class House(Struct, frozen=True, kw_only=True):
    """What the checks of these tests judge."""

    number: int
    owner: str = field(name="OwnerName")
    doors: list[Entrance]
    windows: int
    roof: str | None

    @property
    def is_owned(self) -> bool:
        """Reads a field of its own."""
        return self.owner != ""


def in_the_open(house: House) -> Verdict:
    """Read two fields."""
    return passed() if house.roof and house.windows else failed("no roof")


def by_another(house: House) -> Verdict:
    """Let another function read."""
    return _all_locked(house)


def _all_locked(house: House) -> Verdict:
    return passed() if all(door.locked for door in house.doors) else unknown("open")


def by_property(house: House) -> Verdict:
    """Read by way of a property of the view."""
    return passed() if house.is_owned else not_applicable("nobody's")


def by_pattern(house: House) -> Verdict:
    """Read by way of a pattern."""
    match house:
        case House(windows=0):
            return failed("dark")
        case _:
            return passed()


def by_name(house: House) -> Verdict:
    """Read whatever a name says."""
    return passed() if all(getattr(house, name) for name in sorted(["ro" + "of"])) else failed("no roof")


def of_a_set(houses: All[House]) -> Verdict:
    """Read members of a set in a lambda."""
    return passed() if sorted(houses, key=lambda house: house.number) else failed("none")


def of_its_own_making(house: House) -> Verdict:
    """Make a verdict without the words for it."""
    return Verdict(Status(house.roof), "as it says")


@pytest.mark.parametrize(
    ("judge", "read", "given"),
    [
        (in_the_open, ("windows", "roof"), {Status.PASS, Status.FAIL}),
        (by_another, ("doors",), {Status.PASS, Status.UNKNOWN}),
        (by_property, ("OwnerName",), {Status.PASS, Status.NOT_APPLICABLE}),
        (by_pattern, ("windows",), {Status.PASS, Status.FAIL}),
        (by_name, ("number", "OwnerName", "doors", "windows", "roof"), {Status.PASS, Status.FAIL}),
        (of_a_set, ("number",), {Status.PASS, Status.FAIL}),
        (of_its_own_making, ("roof",), set(Status)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_fields_and_verdicts_are_found_in_the_code(
    judge: Callable[..., Verdict], read: tuple[str, ...], given: set[Status]
) -> None:
    """By the keys of the body, in their order."""
    checked = check("built_house", title="It stands", severity="low", fix="Build")(judge)
    reads = CheckReads(checked)

    assert (reads.fields(checked.needs[0]), set(reads.statuses)) == (read, given)
