"""What the statement of applicability, and the role, change about the status of a control."""

from __future__ import annotations

from datetime import date

import pytest

from collector.core.assess import ControlStatus
from collector.core.tally import Soa
from tests.core.assess_builders import a_control, a_tally, evidence, soa, state, states, texts_of
from tests.golden_parts import compare_part


def test_an_excluded_control_keeps_its_findings() -> None:
    """Excluding a control hides nothing: its counts, reasons and the contradiction are printed."""
    seen = state(
        evidence(
            a_tally("mfa", fails=2),
            soa=soa(applicable=False, because="no such systems", contradicted=("risk 3 relies on it",)),
        )
    )

    assert (seen.status, seen.label) == (ControlStatus.EXCLUDED, "Excluded by SoA v4")
    assert (seen.counts.fails, seen.counts.passes) == (2, 6)
    assert (len(seen.reasons), len(seen.contradictions)) == (1, 2)
    assert seen.contradictions[0] == "risk 3 relies on it"
    compare_part("core/control_texts", "excluded control", texts_of(seen))


@pytest.mark.parametrize(
    ("decided", "value", "case"),
    [
        (None, "", "no SoA"),
        (Soa(version="4", decisions={}), "4", "no row"),
        (soa(implemented="planned", planned_for=date(2026, 9, 1)), "2026-09-01", "planned"),
        (soa(implemented="partly"), "partly", "partly"),
        (soa(implemented="no"), "no", "not implemented"),
    ],
)
def test_a_decision_that_was_not_made_is_a_record_missing(decided: Soa | None, value: str, case: str) -> None:
    """Whoever takes the SoA away, or plans the control for later, has not evidenced it today."""
    seen = state(evidence(soa=decided))

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")
    assert (len(seen.reasons), seen.counts.records_missing) == (1, 1)
    assert value in seen.reasons[0]
    compare_part("core/control_texts", f"decision not made: {case}", texts_of(seen))


def test_a_framework_without_soa_needs_none() -> None:
    """Clauses and SOC 2 are not decided in a statement of applicability."""
    assert state(evidence(soa=None), soa=False).status is ControlStatus.EVIDENCED


def test_only_what_tests_a_control_can_contradict_its_exclusion() -> None:
    """Background says nothing of whether the control has something to act on here."""
    seen = state(evidence(a_tally("note"), tallies={"note": a_tally("note")}, soa=soa(applicable=False)))

    assert seen.contradictions == ()


def test_a_plan_is_not_contradicted_by_deviations() -> None:
    """Whoever says that the control is not there yet has said so."""
    seen = state(evidence(a_tally("mfa", fails=1), soa=soa(implemented="planned")))

    assert seen.status is ControlStatus.FAILING
    assert seen.contradictions == ()


def test_a_role_has_to_be_named_where_roles_are_addressed() -> None:
    """Two roles are two states; an assessment of neither would leave links out unseen."""
    both = a_control(roles=("customer", "provider"))

    with pytest.raises(ValueError, match="roles"):
        state(evidence(), both)


def test_a_control_is_assessed_only_for_a_role_that_it_addresses() -> None:
    """A provider's duty is no deviation of its customer."""
    provider, both = a_control(roles=("provider",)), a_control(roles=("customer", "provider"))

    seen = states(evidence(), provider, both, role="customer")

    (only,) = seen
    assert (only.control.roles, only.role) == (("customer", "provider"), "customer")
