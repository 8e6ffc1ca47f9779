"""OCSF: read by another tool, and no event says pass of what nobody saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from collector.bundle.exporters.ocsf import PATH, write_ocsf
from tests.bundle.dossiers import a_dossier
from tests.bundle.parts import written
from tests.cli.company_builders import write_exceptions
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

PASS, WARNING, FAIL = 1, 2, 3


def events(desk: Desk) -> list[dict[str, Any]]:
    """The events, after another tool has read each of them."""
    lines = written(a_dossier(desk), write_ocsf)[PATH].splitlines()
    for one in lines:
        ComplianceFinding.model_validate_json(one, strict=False)
    return [json.loads(one) for one in lines]


def test_each_finding_is_an_event_of_its_class_with_the_status_of_its_verdict(scanned: Desk) -> None:
    """Whoever gathers events takes each for the whole truth about its subject."""
    made = events(scanned)

    findings = [one for one, _ in a_dossier(scanned).findings()]
    assert {one["class_uid"] for one in made} == {2003}
    assert len({one["finding_info"]["uid"] for one in made}) == len(made)
    status = {"pass": PASS, "fail": FAIL, "unknown": WARNING, "not_applicable": 99}
    told = [(one["compliance"]["control"], one["compliance"]["status_id"]) for one in made]
    assert told[: len(findings)] == [(one.check, status[one.status]) for one in findings]


def test_what_is_unknown_is_a_warning_with_the_missing_permission_and_never_a_pass(desk: Desk) -> None:
    """A refusal that turned into a pass would be the worst thing that a bundle can say."""
    desk.platform.deny(MEMBERS)
    desk.world.run()
    made = [one for one in events(desk) if one["compliance"]["control"] == "played_member_mfa"]

    assert {one["compliance"]["status_id"] for one in made} == {WARNING}
    assert {one["unmapped"]["missing_permission"] for one in made} == {"members:read"}


def test_a_check_that_never_ran_is_a_warning_too(desk: Desk) -> None:
    """Silence would be read as nothing to report."""
    made = {one["compliance"]["control"]: one["compliance"]["status_id"] for one in events(desk)}

    assert made["played_member_mfa"] == WARNING
    assert set(made.values()) == {WARNING}


def test_an_accepted_fail_stays_a_fail_and_says_who_has_accepted_it(scanned: Desk) -> None:
    """An exception changes no verdict."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    (accepted,) = [one for one in events(scanned) if "exception" in one["unmapped"]]

    assert accepted["compliance"]["status_id"] == FAIL
    assert accepted["status_detail"] == "accepted by exception EX-1 until 2026-12-31; it still fails"
