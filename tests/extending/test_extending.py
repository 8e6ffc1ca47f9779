"""annexd extended from outside: the guide is followed, and what it makes is run as its reader would run it."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collector.cli.setup.new_command import write_package
from collector.contract.suite import RULES
from collector.core.facts import InForce
from collector.setup.app import open_app
from tests.extending.guide import HERE, files, follow
from tests.played.company import Company, Said

OWN = "acme_user_named_in_lower_case"


def run(path: list[Path], *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with these folders on its path and no settings of ours."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, path)), "COLUMNS": "200"}
    command = [sys.executable, *words, "-p", "no:cacheprovider", "-p", "no:randomly"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def counts(ran: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return what pytest counts in its last line, such as {"passed": 21}."""
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", ran.stdout)}


def scanned(company: Company) -> Said:
    """Scan the company, its platform played by the harness of the package."""
    harness = importlib.import_module("annexd_acme._harness").harness()
    with harness.fixture() as platform:
        platform.users.append(importlib.import_module("annexd_acme._harness").a_user("Zoe"))
        return company.run("scan")


def test_following_the_guide_makes_the_fixture(tmp_path: Path) -> None:
    """What the guide says is what was tried; `python -m tests.extending.guide` writes the fixture again."""
    follow(tmp_path)

    assert files(tmp_path) == files(HERE)


def test_a_new_package_is_green_at_once(extended: Company, tmp_path: Path) -> None:
    """Whoever begins from the template begins from something that works; its own tests hold the contract suite."""
    made = tmp_path / "new"
    assert extended.run("new", "connector", "some_cloud", "--dir", str(made)).code == 0

    ran = run([], "-m", "pytest", "-q", folder=made)

    assert (ran.returncode, counts(ran)) == (0, {"passed": len(RULES) + 6, "skipped": 1}), ran.stdout


def test_the_connector_that_one_begins_with_is_short(tmp_path: Path) -> None:
    """Two kinds and three checks in under ninety lines, empty ones not counted: the kit has what all others need."""
    write_package("acme", tmp_path / "made")
    texts = [(tmp_path / "made/src/annexd_acme" / name).read_text("utf-8") for name in ("connector.py", "checks.py")]

    assert ["".join(texts).count(word) for word in ("@resource(", "@check(", ".collects(")] == [2, 3, 2]
    assert sum(1 for text in texts for line in text.splitlines() if line.strip()) < 90


def test_the_contract_run_of_the_package_is_green(path: list[Path], tmp_path: Path) -> None:
    """The suite is run over a connector of somebody else's by its name alone."""
    ran = run(path, "-m", "pytest", "-q", "--pyargs", "collector.contract", "--connector", "acme", folder=tmp_path)

    assert (ran.returncode, counts(ran)) == (0, {"passed": len(RULES) - 1, "skipped": 1}), ran.stdout


def test_a_broken_connector_fails_its_contract_run(package: Path, path: list[Path], tmp_path: Path) -> None:
    """It takes an error for the end of the list, whatever the platform said."""
    module = package / "src" / "annexd_acme" / "connector.py"
    text = module.read_text("utf-8")
    pages = 'http.pages(USERS, key="users", paging=Cursor("next", param="after"))'
    assert text.count(f"return {pages}") == 1
    broken = f"with suppress(Exception):\n        yield from {pages}"
    text = text.replace("from collections.abc", "from contextlib import suppress\nfrom collections.abc")
    module.write_text(text.replace(f"return {pages}", broken), "utf-8")

    ran = run(path, "-m", "collector.contract", "acme", "-q", "-rf", folder=tmp_path)

    failed = set(re.findall(r"^FAILED .*\[(\w+)\]", ran.stdout, re.MULTILINE))
    assert ran.returncode == 1
    assert failed == {
        "asks_nobody_elsewhere",
        "believes_no_nonsense",
        "does_not_go_round_in_circles",
        "keeps_half_a_list_as_half",
        "leaves_no_refusal_out",
        "reads_no_answer_without_end",
        "reports_a_credential_that_is_not_valid",
        "reports_a_failing_list",
        "reports_a_refused_list",
        "tells_gone_from_empty",
        "tells_refusals_from_empty",
    }


def test_a_connector_without_a_harness_is_told_where_one_is_looked_for(path: list[Path], tmp_path: Path) -> None:
    """The list of those that there are is what the author needs next."""
    ran = run(path, "-m", "collector.contract", "nobodys", folder=tmp_path)

    assert ran.returncode == 2
    assert "annexd.contract" in ran.stderr
    assert "there are harnesses for: acme" in ran.stderr


def test_its_checks_are_judged_and_own_ones_too(extended: Company) -> None:
    """One user has no second factor; one is not named as the company asks."""
    assert scanned(extended).code == 0
    said = extended.run("findings", "--json", "--status", "all").json
    found = {(one["check"], one["subject"]): one["status"] for one in said["findings"]}

    assert {key: status for key, status in found.items() if key[0] != "acme_user_seen_recently"} == {
        ("acme_key_rotated", "deploy"): "fail",
        ("acme_policy_sso_required", "-"): "pass",
        ("acme_user_mfa_enabled", "Zoe"): "pass",
        ("acme_user_mfa_enabled", "ann"): "pass",
        ("acme_user_mfa_enabled", "bob"): "pass",
        ("acme_user_mfa_enabled", "eve"): "fail",
        (OWN, "Zoe"): "fail",
        (OWN, "ann"): "pass",
        (OWN, "bob"): "pass",
        (OWN, "eve"): "pass",
    }


def test_an_own_link_is_shown_with_its_origin(extended: Company) -> None:
    """A reader must see which links are the company's word."""
    assert scanned(extended).code == 0
    said = extended.run("controls", "show", "iso27001:2022/5.16", "--json").json
    origins = {one["check"]: one["origin"] for one in said["frameworks"][0]["controls"][0]["checks"]}

    assert origins.pop(OWN) == "own link"
    assert set(origins.values()) == {"framework"}
    assert f"contextual {OWN} (low, own link)" in extended.run("controls", "show", "iso27001:2022/5.16").out


def test_an_own_framework_is_assessed(extended: Company) -> None:
    """A user without a second factor is an open deviation of the company's own rule."""
    assert scanned(extended).code == 0
    (house,) = extended.run("controls", "--json", "--framework", "house:1").json["frameworks"]

    assert [(one["id"], one["counts"]["fails"], one["counts"]["passes"]) for one in house["controls"]] == [
        ("H.1", 1, 3)
    ]


def in_force(company: Company) -> InForce:
    """Return the rules that the last scan recorded."""
    with open_app(company.config).open_store(writer=False) as store:
        found = store.in_force()
    assert found is not None
    return found


def change(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_a_change_of_what_is_own_is_on_record(extended: Company) -> None:
    """Own checks, links and frameworks decide what is shown, so a change of them is a fact of the log."""
    scanned(extended)
    first = in_force(extended)
    change(extended.folder / "checks" / "people.py", "user.id.islower()", "user.id.isalpha()")
    scanned(extended)
    second = in_force(extended)
    change(extended.config, "names that are all written alike", "names that are written alike")
    change(extended.folder / "frameworks" / "house_1.toml", "in the hands", "really in the hands")
    scanned(extended)
    third = in_force(extended)

    assert OWN in {rule.check for rule in first.rules}
    assert (second.code_changed, second.mapping_changed, second.config == first.config) == ((OWN,), (), True)
    assert second.code != first.code
    assert (third.code_changed, third.mapping_changed) == ((), ("iso27001:2022/5.16", "house:1/H.1"))
    assert third.config != second.config
    assert third.code != second.code


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["permissions", "acme"], "permissions", ["keys:read", "policy:read", "users:read"]),
        (["permissions", "acme"], "document", None),
        (["checks", "show", "github_repo_not_a_fork"], "checks.connector", "github"),
        (["checks", "show", OWN], "checks.connector", "acme"),
        (["connectors"], "connectors.distribution", "annexd-acme 0.1.0"),
        (["connectors"], "connectors.checks", 5),
    ],
)
def test_what_is_own_is_shown_like_what_is_built_in(extended: Company, words: list[str], key: str, value: Any) -> None:
    """The commands that describe annexd describe what was added to it."""
    said = extended.run(*words, "--json")
    assert said.code == 0, said.err
    outer, _, inner = key.partition(".")
    shown = said.json[outer]

    assert (shown if not inner else shown[0][inner]) == value


def test_a_connector_that_is_one_module_has_its_permissions_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extended: Company
) -> None:
    """Settings in a top-level module have nothing beside them that could write a document."""
    text = (HERE / "annexd-acme" / "src" / "annexd_acme" / "connector.py").read_text("utf-8")
    site = tmp_path / "single"
    info = site / "annexd_single-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: annexd-single\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[annexd.connectors]\nsingle = single_module\n")
    (site / "single_module.py").write_text(text.replace('name="acme"', 'name="single"'), "utf-8")
    monkeypatch.syspath_prepend(site)
    extended.config.write_text(
        '[sources.s]\nconnector = "single"\ntoken = { env = "ACME_TOKEN" }\nworkspaces = ["a"]\n'
    )

    said = extended.run("permissions", "single", "--json", "--all")

    assert said.code == 0, said.err
    assert said.json["document"] is None
    assert said.json["permissions"] == ["keys:read", "policy:read", "users:read"]
    sys.modules.pop("single_module")
