"""OCSF: read by another tool, and no event says pass of what nobody saw."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from collector.bundle.exporters.ocsf import PATH, write_ocsf
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import written
from tests.cli.company_builders import write_exceptions
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

PASS, WARNING, FAIL = 1, 2, 3


def events(desk: Desk) -> list[dict[str, Any]]:
    """The events, after another tool has read each of them."""
    lines = written(bundle_contents(desk), write_ocsf)[PATH].splitlines()
    for line in lines:
        ComplianceFinding.model_validate_json(line, strict=False)
    return [json.loads(line) for line in lines]


def test_the_events_of_a_resource_come_one_after_the_other(scanned: Desk) -> None:
    """Names and digests that are far apart cannot be compressed, and there are two hundred thousand of them."""
    about = [event["resources"][0] for event in events(scanned) if "resources" in event]

    groups = [key for key, _ in groupby((resource["namespace"], resource["name"]) for resource in about)]
    assert len(groups) == len(set(groups)) < len(about)


def test_each_finding_is_an_event_of_its_class_with_the_status_of_its_verdict(scanned: Desk) -> None:
    """Whoever gathers events takes each for the whole truth about its subject."""
    made = events(scanned)

    findings = [finding for finding, _ in bundle_contents(scanned).findings()]
    assert {event["class_uid"] for event in made} == {2003}
    assert len({event["finding_info"]["uid"] for event in made}) == len(made)
    status = {"pass": PASS, "fail": FAIL, "unknown": WARNING, "not_applicable": 99}
    statuses = [(event["compliance"]["control"], event["compliance"]["status_id"]) for event in made]
    assert sorted(statuses[: len(findings)]) == sorted((finding.check, status[finding.status]) for finding in findings)


def test_what_is_unknown_is_a_warning_with_the_missing_permission_and_never_a_pass(desk: Desk) -> None:
    """A refusal that turned into a pass would be the worst thing that a bundle can say."""
    desk.platform.deny(MEMBERS)
    desk.world.run()
    made = [event for event in events(desk) if event["compliance"]["control"] == "played_member_mfa"]

    assert {event["compliance"]["status_id"] for event in made} == {WARNING}
    assert {event["unmapped"]["missing_permission"] for event in made} == {"members:read"}


COMPLIANCE = frozenset(
    {
        "assessments",
        "category",
        "checks",
        "compliance_references",
        "compliance_standards",
        "control",
        "control_parameters",
        "desc",
        "requirements",
        "standards",
        "status",
        "status_code",
        "status_detail",
        "status_details",
        "status_id",
    }
)
"""The attributes of the object Compliance in OCSF 1.5.0: https://schema.ocsf.io/1.5.0/objects/compliance."""

CHECK = frozenset(["desc", "name", "severity", "severity_id", "standards", "status", "status_id", "uid", "version"])
"""The attributes of the object Check in OCSF 1.5.0: https://schema.ocsf.io/1.5.0/objects/check."""

HAVE_NO_PLACE = frozenset({"speaks_about", "missing_permission", "exception", "in_scope"})


def test_what_the_schema_has_a_place_for_is_there(scanned: Desk) -> None:
    """What is only in `unmapped` is found by no query on the schema."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    scanned.platform.deny(MEMBERS)
    scanned.world.run()

    for event in events(scanned):
        compliance = event["compliance"]
        assert compliance.keys() <= COMPLIANCE
        assert event["unmapped"].keys() <= HAVE_NO_PLACE
        ((only),) = compliance["checks"]
        assert only.keys() <= CHECK
        assert (only["uid"], only["status_id"]) == (compliance["control"], compliance["status_id"])


def test_framework_versions_and_controls_are_standards_and_requirements(scanned: Desk) -> None:
    """A reader asks for all events of a control of an edition."""
    made = {event["compliance"]["control"]: event["compliance"] for event in events(scanned)}

    assert made["played_member_mfa"]["standards"] == ["Played:1"]
    assert [text.partition(" - ")[0] for text in made["played_member_mfa"]["requirements"]] == ["Played:1 1.1"]
    assert [text.partition(" - ")[0] for text in made["played_repo_protected"]["requirements"]] == ["Played:1 1.2"]
    assert made["played_repo_protected"]["control_parameters"] == [{"name": "reviews", "value": "2"}]


def test_what_has_no_weight_for_a_control_is_no_requirement(scanned: Desk) -> None:
    """A contextual link evaluates nothing: its pass would be read as one of the control."""
    contents = bundle_contents(scanned)
    weightless = [
        replace(
            framework,
            controls=[
                replace(control, checks=[replace(check, strength="contextual") for check in control.checks])
                for control in framework.controls
            ],
        )
        for framework in contents.frameworks
    ]
    vars(contents)["frameworks"] = weightless
    made = [json.loads(line) for line in written(contents, write_ocsf)[PATH].splitlines()]
    event = next(event for event in made if event["compliance"]["control"] == "played_repo_protected")

    assert "requirements" not in event["compliance"]
    assert event["compliance"]["standards"] == ["annexd checks"]
    assert event["unmapped"]["speaks_about"] == ["played:1/1.2 contextual"]


def test_a_check_that_never_ran_is_a_warning_too(desk: Desk) -> None:
    """Silence would be read as nothing to report."""
    made = {event["compliance"]["control"]: event["compliance"]["status_id"] for event in events(desk)}

    assert made["played_member_mfa"] == WARNING
    assert set(made.values()) == {WARNING}


def test_an_accepted_fail_stays_a_fail_and_says_who_has_accepted_it(scanned: Desk) -> None:
    """An exception changes no verdict."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    (accepted,) = [event for event in events(scanned) if "exception" in event["unmapped"]]

    assert accepted["compliance"]["status_id"] == FAIL
    assert accepted["unmapped"]["exception"] == "EX-1"
    assert "2026-12-31" in accepted["status_detail"]
