"""What the statement of applicability, and the role, change about the status of a control."""

from __future__ import annotations

from datetime import date

import pytest

from collector.core.assess import ControlStatus
from collector.core.tally import Soa
from tests.core.assess_builders import a_control, a_tally, evidence, soa, state, states


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
    assert seen.reasons == ("mfa: 2 of 5 fail, 0 accepted",)
    assert seen.contradictions == ("risk 3 relies on it", "excluded, and its checks have 8 findings on systems in use")
    assert seen.sentence.startswith("Justification: no such systems. Contradicted: risk 3 relies on it; excluded, and")


@pytest.mark.parametrize(
    ("decided", "reason"),
    [
        (None, "no statement of applicability is on file"),
        (Soa(version="4", decisions={}), "SoA 4 has no row for this control"),
        (soa(implemented="planned", planned_for=date(2026, 9, 1)), "SoA 4 says implemented: planned for 2026-09-01"),
        (soa(implemented="partly"), "SoA 4 says implemented: partly"),
        (soa(implemented="no"), "SoA 4 says implemented: no"),
    ],
)
def test_a_decision_that_was_not_made_is_a_record_missing(decided: Soa | None, reason: str) -> None:
    """Whoever takes the SoA away, or plans the control for later, has not evidenced it today."""
    seen = state(evidence(soa=decided))

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")
    assert seen.reasons == (reason,)


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

    assert [(one.control.roles, one.role) for one in seen] == [(("customer", "provider"), "customer")]
