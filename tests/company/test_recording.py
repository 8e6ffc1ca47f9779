"""What a scan writes of the company's files, its mappings and its acts, before and after it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

import mappings
from collector.core.facts import EditionInForce
from collector.setup.app import open_app
from collector.setup.rules_in_force import changed_controls
from tests.golden import compare
from tests.played.company import PLAYED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collector.core.controls import Framework
    from tests.played.company import Company

SCOPE = """\
version = "1"
statement = "All of it."
approved_by = "Eve"
approved_on = 2026-01-01

[[system]]
name = "Code"
owner = "ann"
environment = "production"
source = "acme"
in_scope_from = 2026-01-01
"""


def lines(company: Company, *words: str) -> list[Any]:
    """What the log tells."""
    found: list[Any] = company.run("log", "--json", *words).json["lines"]
    return found


def test_a_scan_records_the_files_before_it_looks(company: Company) -> None:
    """Whoever looks at the run later knows what the company said of itself when it began."""
    (company.folder / "scope.toml").write_text(SCOPE)
    company.run("scan")
    company.run("scan")
    kinds = [line["kind"] for line in lines(company)]

    assert kinds.count("company_file") == 1
    assert kinds.index("company_file") < kinds.index("run_started")
    assert company.run("verify", "--rebuild").code == 0


def test_a_broken_file_costs_no_evidence_and_is_told(company: Company) -> None:
    """The scan is done and kept, the file is not in the log, and the exit code says that something is wrong."""
    (company.folder / "scope.toml").write_text(SCOPE.replace('"acme"', '"acmee"'))
    scan = company.run("scan")
    kinds = [line["kind"] for line in lines(company)]

    assert scan.code == 3
    assert "'acmee'" in scan.err
    compare(
        "company/broken-scope-file",
        "\n".join(line for line in scan.err.splitlines() if "scope.toml" in line or line.startswith("so ")),
    )
    assert "run_ended" in kinds
    assert "company_file" not in kinds


def test_a_changed_mapping_is_on_record(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control whose checks became others is not the control of yesterday."""
    company.run("scan")
    load = mappings.load

    def changed(id_: str, folders: Sequence[Path]) -> Framework:
        framework = load(id_, folders)
        first, *others = framework.controls
        return replace(framework, controls=(replace(first, cannot="Something else."), *others))

    monkeypatch.setattr(mappings, "load", changed)
    company.run("scan")
    with open_app(company.config).open_store(writer=False) as store:
        found = store.in_force()

    assert found is not None
    assert found.mapping_changed == ("iso27001:2022/5.1",)
    assert [framework.framework for framework in found.editions] == ["iso27001:2022"]
    assert "iso27001:2022/5.1" in lines(company, "--kind", "in_force")[-1]["line"]


def test_a_new_edition_changes_no_control_and_a_new_control_does() -> None:
    """To use another edition is a choice of the configuration, which says so itself."""
    was = EditionInForce("a:1", "sha256:0", {"1": "sha256:1", "2": "sha256:2"})
    now = EditionInForce("a:1", "sha256:3", {"1": "sha256:1", "3": "sha256:3"})

    assert list(changed_controls([was], [now, EditionInForce("b:1", "sha256:4", {"1": "sha256:5"})])) == [
        "a:1/2",
        "a:1/3",
    ]


def test_a_copy_of_the_store_is_an_act_on_record(company: Company) -> None:
    """A copy may leave the house."""
    company.run("scan")
    assert company.run("backup", str(company.folder / "copy.db")).code == 0
    (act,) = lines(company, "--kind", "operator_act")

    assert act["who"]
    assert act["line"].startswith("backup: ")
    assert "copy.db" in act["line"]


def test_the_digest_of_the_configuration_says_nothing_of_the_company_files(company: Company) -> None:
    """They have leaves of their own; a new exception is no other configuration."""
    before = open_app(company.config).config_digest
    (company.folder / "scope.toml").write_text(SCOPE)

    assert open_app(company.config).config_digest == before


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://annexd:{}@db/annexd", "postgresql+psycopg://annexd@db/annexd?password={}&x=1"]
)
def test_no_password_is_in_the_digest_of_the_configuration(company: Company, url: str) -> None:
    """Whoever has the log could try passwords until the digest fits."""
    digests = set()
    for password in ("hunter2", "correct%40horse"):
        company.write(PLAYED.replace("sqlite:///evidence.db", url.format(password)))
        digests.add(open_app(company.config).config_digest)
    company.write(PLAYED.replace("sqlite:///evidence.db", url.format("x").replace("db/annexd", "elsewhere/annexd")))

    assert len(digests) == 1
    assert open_app(company.config).config_digest not in digests


def test_the_log_can_be_asked_for_a_kind_and_a_span(company: Company) -> None:
    """An auditor asks what people did in the quarter, not what machines did in the year."""
    company.run("scan")
    everything = lines(company)
    ended = lines(company, "--kind", "run_ended")

    assert {line["kind"] for line in ended} == {"run_ended"}
    assert "task" not in {line["kind"] for line in everything}
    assert lines(company, "--to", "2020-01-01") == []
    assert lines(company, "--from", "2020-01-01") == everything
    assert company.run("log", "--kind", "no_such").code == 2
    assert "run ended" in company.run("log").out
