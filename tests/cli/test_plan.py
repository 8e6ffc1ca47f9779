"""`annexd plan`: what a scan would do."""

from __future__ import annotations

import re

import pytest

from collector.core.tasks import Outcome
from tests.cli.texts import compare
from tests.played.company import Company
from tests.played.platform import MEMBERS, PROJECTS


def test_a_plan_asks_nobody_and_makes_nothing(company: Company) -> None:
    """It is what one runs first, before any permission is granted."""
    said = company.run("plan")

    assert said.code == 0
    assert "played.member: acme" in said.out
    compare("cli/plan/a-plan-asks-nobody-and-makes-nothing", said.out)
    assert "members:read" in said.out
    assert company.platform.count == 0
    assert [path.name for path in company.folder.iterdir()] == ["config.toml"]


def test_after_a_scan_the_plan_knows_scopes_and_requests(company: Company) -> None:
    """The last time is the best estimate of the next."""
    company.run("scan")
    requests = company.platform.count
    report = company.run("plan", "--json").json

    assert sorted(task["scope"] for task in report["tasks"] if task["collection"] == "played.repo") == [
        ["acme", "api"],
        ["acme", "web"],
    ]
    assert report["untried"] == 0
    assert report["requests"] == requests == company.platform.count
    assert report["seconds"] is not None
    assert report["unopened"] == []
    assert "hooks:read" in report["permissions"]["acme"]


def test_a_plan_with_discovery_asks_for_scopes_only_and_records_it(company: Company) -> None:
    """Asking which projects there are is an observation like any other."""
    said = company.run("plan", "--discover", "--json")

    assert [task for task in said.json["tasks"] if task["collection"] == "played.repo"] != []
    assert company.platform.served[PROJECTS] > 0
    assert company.platform.served[MEMBERS] == 0


def test_a_plan_with_discovery_is_no_scan_to_resume(company: Company) -> None:
    """What was never begun cannot be gone on with."""
    company.run("plan", "--discover")

    assert company.run("scan", "--resume").code == 2


def test_the_plan_is_what_the_scan_does(company: Company) -> None:
    """Whatever a plan leaves out would be missed by whoever grants permissions by it."""
    company.run("scan")
    planned = company.run("plan", "--service", "member", "--json").json
    scanned = company.run("scan", "--service", "member", "--json").json

    assert len(planned["tasks"]) == scanned["tasks"] == scanned["outcomes"][Outcome.COMPLETE.value]


@pytest.mark.parametrize("command", [("plan",), ("scan",), ("scan", "--dry-run"), ("serve",)])
def test_without_a_source_there_is_nothing_to_plan_or_scan(command: tuple[str, ...], company: Company) -> None:
    """An empty plan that ends with 0 reads as if all were in order. The advice of the message helps."""
    company.config.write_text('[store]\nurl = "sqlite:///empty.db"\n')

    refused = company.run(*command)

    assert refused.code == 3
    assert f"{company.config}: there is no source" in refused.err
    assert "annexd config example" in refused.err
    assert re.search(r"^\[sources\.\w+\]$", company.run("config", "example").out, re.MULTILINE)
