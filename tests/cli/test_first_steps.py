"""The first hour with annexd: an empty machine, a wrong address, two sources of one account, nothing read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collector.cli.main import main
from tests.played.company import PLAYED, Company
from tests.played.platform import MEMBERS, PROJECTS, REPOS, SETTINGS, TICKETS


@pytest.fixture(autouse=True)
def mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which checks the shipped mapping names is judged by the mappings' own tests."""
    monkeypatch.setattr("mappings.cross_check", lambda *_: None)


def test_what_is_next_is_said_from_nothing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one command that works before there is a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANNEXD_CONFIG", raising=False)

    assert main(["next", "--json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert (shape["schema"], shape["next"], shape["closes_most"]) == ("annexd.next/1", "configuration", [])
    assert [step["id"] for step in shape["steps"]] == [
        "configuration",
        "permissions",
        "scan",
        "scope",
        "soa",
        "evidence-requests",
    ]
    assert [step["done"] for step in shape["steps"]] == [False] * 6


def test_each_step_is_done_once_it_is(company: Company) -> None:
    """Configuration, then permissions and a first scan, then the company's own files."""
    before = company.run("next", "--json").json
    company.run("scan")
    after = company.run("next", "--json").json
    company.platform.deny(MEMBERS)
    company.run("scan")
    refused = company.run("next", "--json").json

    assert (before["next"], after["next"], refused["next"]) == ("permissions", "scope", "permissions")
    assert [step["id"] for step in after["steps"] if step["done"]] == ["configuration", "permissions", "scan"]
    assert 0 < len(after["closes_most"]) <= 10


def test_where_no_source_is_configured_the_doctor_ends_with_1(company: Company) -> None:
    """Everything in order and nothing to look at is not in order."""
    company.write('[store]\nurl = "sqlite:///evidence.db"\n')
    said = company.run("doctor", "--json")

    assert said.code == 1
    assert [point["about"] for point in said.json["points"] if point["state"] == "problem"] == ["sources"]


@pytest.mark.parametrize("said", ["postgresql://u:p@db/annexd", "postgres://u:p@db/annexd"])
def test_the_address_of_postgresql_is_taken_as_other_tools_write_it(company: Company, said: str) -> None:
    """Terraform and the cloud's console write it without a driver."""
    company.write(PLAYED.replace("sqlite:///evidence.db", said))

    assert company.run("config", "check", "--json").json["store"] == "postgresql+psycopg://u:***@db/annexd"


@pytest.mark.parametrize("said", ["mysql://x", "annexd.db", "http://db/annexd"])
@pytest.mark.parametrize("of_environment", [False, True])
def test_the_address_of_another_database_is_refused(
    company: Company, monkeypatch: pytest.MonkeyPatch, said: str, *, of_environment: bool
) -> None:
    """Before anything is looked at, with the place that has it."""
    if of_environment:
        monkeypatch.setenv("ANNEXD_STORE_URL", said)
    else:
        company.write(PLAYED.replace("sqlite:///evidence.db", said))
    refused = company.run("config", "check", "--json")

    assert refused.code == 3
    assert ("ANNEXD_STORE_URL" if of_environment else "store.url") in json.loads(refused.err)["error"]["what"]


def test_a_byte_order_mark_before_the_configuration_is_skipped(company: Company) -> None:
    """Editors of another system put it there."""
    company.config.write_bytes(b"\xef\xbb\xbf" + PLAYED.encode())

    assert company.run("config", "check").code == 0


def test_two_sources_of_one_account_are_told(company: Company) -> None:
    """Every finding of it is there twice, and nobody meant that."""
    single = company.run("config", "check", "--json").json["overlaps"]
    company.add('[sources.again]\nconnector = "played"\nplatform = "acme"\n')
    double = company.run("config", "check", "--json").json["overlaps"]
    scanned = company.run("scan")

    assert single == []
    assert double == [{"connector": "played", "name": "acme", "sources": ["acme", "again"]}]
    assert "acme and again" in scanned.err
    assert company.run("scan", "--quiet").err == ""


def test_a_scan_that_read_nothing_says_what_its_verdicts_are_of(company: Company) -> None:
    """The numbers of yesterday must not read as a look of today."""
    first = company.run("scan", "--json").json["verdicts"]
    for operation in (MEMBERS, PROJECTS, REPOS, SETTINGS, TICKETS):
        company.platform.deny(operation)
    said = company.run("scan")

    assert said.code == 4
    assert "0 looked at; " in said.out
    assert sum(first.values()) > 0
