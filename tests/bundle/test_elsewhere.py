"""What lies outside the scope is in every part of a bundle, marked, and decides nothing in any of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.cover import cover
from collector.bundle.exporters.ocsf import PATH as OCSF
from collector.bundle.exporters.ocsf import write_ocsf
from collector.bundle.exporters.oscal import PATH as OSCAL
from collector.bundle.exporters.oscal import write_oscal
from collector.bundle.tables.files import write_tables
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import props, written
from tests.cli.company_builders import a_system, log_files, write_scope

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

PROTECTED = "played_repo_protected"


@pytest.fixture
def outside(scanned: Desk) -> Desk:
    """A desk of which only the project without a deviation is in scope."""
    write_scope(scanned, a_system(scope=["acme", "web"]))
    log_files(scanned)
    return scanned


def rows(desk: Desk) -> dict[str, str]:
    """The cover, point by point, by name of the row."""
    return {row.name: row.text for point in cover(bundle_contents(desk)).points for row in point.rows}


def test_the_cover_counts_them_apart(outside: Desk) -> None:
    """No open deviation, and one elsewhere."""
    found = rows(outside)

    assert found["Open, medium"] == "none"
    assert found["Elsewhere"] == "1 fail of systems that are not in scope: counted nowhere else"


def test_without_a_scope_the_cover_says_that_everything_counts(scanned: Desk) -> None:
    """And counts it."""
    found = rows(scanned)

    assert found["Open, medium"].startswith("1,")
    assert found["Elsewhere"] == "no scope is stated, so everything that was collected counts"


def test_machines_read_them_marked_and_conclude_nothing_from_them(outside: Desk) -> None:
    """The objective is satisfied by what is in scope; the fail elsewhere is an observation without a finding."""
    files = written(bundle_contents(outside), write_tables, write_oscal, write_ocsf)
    (result,) = json.loads(files[OSCAL])["assessment-results"]["results"]
    (finding,) = [one for one in result["findings"] if one["target"]["target-id"] == PROTECTED]
    observed = {one["uuid"]: props(one) for one in result["observations"]}
    events: list[Any] = [json.loads(line) for line in files[OCSF].splitlines()]
    failing = [event for event in events if event["compliance"]["status_code"] == "fail"]

    assert finding["target"]["status"]["state"] == "satisfied"
    assert {observed[related["observation-uuid"]].get("in-scope") for related in finding["related-observations"]} == {
        None
    }
    assert [one["result"] for one in observed.values() if one.get("in-scope") == "no" and one["check"] == PROTECTED]
    assert [event["unmapped"]["in_scope"] for event in failing] == [False]
    assert all(
        "in_scope" not in event["unmapped"] for event in events if event["compliance"]["status_code"] == "unknown"
    )
