"""The risk register: levels are the matrix's, what remains is its owner's, and nothing is accepted by silence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from collector.core.isms.risks import Estimate, Matrix, Risk, used_as_treatment
from collector.core.isms.soa import SoaRow, Statement

DAY = date(2026, 3, 1)
MATRIX = Matrix(
    likelihood=("rare", "likely"),
    consequence=("minor", "severe"),
    levels=("low", "medium", "high"),
    accept="low",
    cells={"rare": ("low", "medium"), "likely": ("medium", "high")},
)


def a_risk(**but: Any) -> Risk:
    """A high risk that is treated, with what remains within the criterion."""
    usual: dict[str, Any] = {
        "id": "R-1",
        "title": "Somebody reads what they should not",
        "owner": "Ann",
        "identified_on": date(2026, 1, 1),
        "likelihood": "likely",
        "consequence": "severe",
        "level": "high",
        "treatment": "modify",
        "controls": ("iso27001:2022/8.3",),
        "residual": Estimate(likelihood="rare", consequence="minor", level="low"),
        "approved_by": "Ann",
        "approved_on": date(2026, 2, 1),
        "review_by": DAY,
    }
    return Risk(**usual | but)


ABOVE = Estimate(likelihood="rare", consequence="severe", level="medium")


@pytest.mark.parametrize(
    ("but", "faults"),
    [
        ({}, 0),
        ({"residual": ABOVE}, 0),
        ({"residual": ABOVE, "approved_by": None, "approved_on": None}, 1),
        ({"residual": ABOVE, "approved_on": date(2026, 3, 2)}, 1),
        ({"treatment": "retain", "residual": None}, 0),
        ({"treatment": "retain", "residual": None, "approved_by": None, "approved_on": None}, 1),
        ({"residual": None}, 1),
        ({"residual": None, "plan_due": date(2026, 2, 28)}, 2),
        ({"residual": None, "plan_due": DAY}, 1),
    ],
)
def test_what_its_owner_still_has_to_decide(but: dict[str, Any], faults: int) -> None:
    """Above the criterion only an approval that was given by the day counts."""
    assert len(a_risk(**but).open_faults(MATRIX, DAY)) == faults


@pytest.mark.parametrize(
    ("but", "key"),
    [
        ({"level": "medium"}, "level"),
        ({"residual": Estimate(likelihood="rare", consequence="minor", level="medium")}, "residual"),
        ({"likelihood": "rare", "consequence": "minor", "level": "low", "residual": ABOVE}, "residual"),
        ({"controls": ()}, "controls"),
        ({"approved_by": None}, "approved_by"),
        ({"approved_by": "Bob"}, "approved_by"),
        ({"approved_on": date(2025, 12, 31)}, "approved_on"),
        ({"review_by": date(2025, 12, 31)}, "review_by"),
    ],
)
def test_what_cannot_be(but: dict[str, Any], key: str) -> None:
    """A level that is not the matrix's compares with nothing; what remains is accepted by the owner."""
    assert [found for found, _ in a_risk(**but).faults(MATRIX)] == [key]


def test_a_risk_in_order_has_no_fault() -> None:
    """Else nobody could keep a register."""
    assert list(a_risk().faults(MATRIX)) == []


@pytest.mark.parametrize(("day", "overdue"), [(DAY, False), (date(2026, 3, 2), True)])
def test_the_day_of_its_review_is_still_in_time(day: date, overdue: bool) -> None:
    """Both sides of the edge."""
    assert a_risk().is_overdue(day) is overdue


@pytest.mark.parametrize(
    "but",
    [
        {"accept": "none"},
        {"levels": ("low", "low")},
        {"consequence": ()},
        {"cells": {"rare": ("low", "medium")}},
        {"cells": {"rare": ("low",), "likely": ("medium", "high")}},
        {"cells": {"rare": ("low", "medium"), "likely": ("medium", "huge")}},
    ],
)
def test_a_matrix_that_is_not_whole_is_refused(but: dict[str, Any]) -> None:
    """A cell that is missing is found when a risk falls into it, too late."""
    assert list(replace(MATRIX, **but).faults()) != []


def test_an_excluded_control_that_treats_a_risk_is_a_contradiction() -> None:
    """The register says so, whether the statement names the risk or not."""
    row = SoaRow(id="iso27001:2022/8.3", applicable=False, because="no files")
    soa = Statement(version="1", approved_by="Eve", approved_on=DAY, effective_from=DAY, rows=(row,))

    assert used_as_treatment(soa, [a_risk()]).rows[0].risks == ("R-1",)
    assert used_as_treatment(soa, [a_risk(controls=("iso27001:2022/8.4",))]).rows[0].risks == ()
