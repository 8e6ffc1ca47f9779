"""`annexd doctor`: what would keep a scan from seeing everything."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from collector.actions.doctor_items import DoctorState
from collector.actions.doctor_machine import disk, machine, packages, sqlite
from collector.actions.dry_calls import DryCall, DryRun
from collector.cli.scan.doctor_command import about
from collector.core.tasks import Outcome, Task
from collector.setup.app import ROOMS, open_app
from tests.cli.texts import compare
from tests.played.company import Company
from tests.played.platform import HOOKS, MEMBERS, PROJECTS, REPOS, TICKETS
from tests.storage.evidence import observed

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_where_all_is_well_the_doctor_ends_with_0(company: Company) -> None:
    """Everything it looked at is listed, and nothing was kept."""
    said = company.run("doctor")

    assert said.code == 0, said.out
    compare("cli/doctor/where-all-is-well-the-doctor-ends-with-0", said.out)
    assert [path.name for path in company.folder.iterdir()] == ["config.toml"]


def test_only_the_first_of_everything_is_asked_for(company: Company) -> None:
    """A look at the permissions must not cost what a scan does."""
    company.run("doctor")

    assert company.platform.served[MEMBERS] == company.platform.served[TICKETS] == 1
    assert company.platform.served[REPOS] == 1
    assert company.platform.served[HOOKS] <= 2


def test_what_may_not_be_read_is_told_with_what_it_needs(company: Company) -> None:
    """The doctor is there to name the missing permission before the scan does."""
    company.platform.deny(TICKETS)
    company.platform.deny(HOOKS)
    said = company.run("doctor", "--json")
    problems = {point["says"]: point["mend"] for point in said.json["points"] if point["state"] == "problem"}

    assert said.code == 1
    assert any("played.ticket" in says and mend == "grant tickets:read" for says, mend in problems.items())
    assert any(HOOKS in says and mend == "grant hooks:read" for says, mend in problems.items())


def test_a_level_that_was_not_reached_is_unknown_and_not_well(company: Company) -> None:
    """Where no project is found, nobody knows what may be read in one."""
    company.platform.deny(PROJECTS)
    said = company.run("doctor", "--json")
    unknown = [point["says"] for point in said.json["points"] if point["state"] == "unknown"]

    assert any("no project could be found" in says for says in unknown)


def test_offline_no_platform_is_asked(company: Company) -> None:
    """A machine can be looked at before it may talk to anybody."""
    assert company.run("doctor", "--offline").code == 0
    assert company.platform.count == 0


@pytest.mark.parametrize(
    ("off", "state"),
    [
        (0, DoctorState.OK),
        (29, DoctorState.OK),
        (30, DoctorState.NOTE),
        (-299, DoctorState.NOTE),
        (300, DoctorState.PROBLEM),
        (-4000, DoctorState.PROBLEM),
    ],
)
def test_a_clock_that_is_wrong_is_told(off: int, state: DoctorState) -> None:
    """Signatures are refused for it, and evidence is dated by it."""
    run = DryRun("acme", "me", (), (), AT, AT + timedelta(seconds=off))

    assert [point.state for point in about(run) if point.about == "clock"] == [state]


def test_a_platform_without_a_clock_leaves_ours_unknown() -> None:
    """Nothing to compare with is no agreement."""
    points = {point.about: point.state for point in about(DryRun("acme", None, (), (), None, AT))}

    assert (points["clock"], points["identity"]) == (DoctorState.UNKNOWN, DoctorState.UNKNOWN)


def test_what_cannot_exist_is_no_problem_of_permissions() -> None:
    """An API that is off lacks no right; a list left out for any other reason is told."""
    task = Task("acme", "a.kind", ("x",))
    off = observed(task, Outcome.SKIPPED, why="the API is off", not_used_by="list")
    for seen, state in (
        (off, DoctorState.OK),
        (msgspec.structs.replace(off, outcome=Outcome.FAILED), DoctorState.PROBLEM),
    ):
        points = about(DryRun("acme", "me", (DryCall(task, seen, ()),), (), AT, AT))
        assert next(point.state for point in points if point.about == "permissions") == state


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 6, 23), DoctorState.OK),
        ((3, 7, 0), DoctorState.NOTE),
        ((3, 40, 1), DoctorState.NOTE),
        ((3, 44, 5), DoctorState.NOTE),
        ((3, 44, 6), DoctorState.OK),
        ((3, 45, 0), DoctorState.NOTE),
        ((3, 50, 6), DoctorState.NOTE),
        ((3, 50, 7), DoctorState.OK),
        ((3, 51, 0), DoctorState.NOTE),
        ((3, 51, 2), DoctorState.NOTE),
        ((3, 51, 3), DoctorState.OK),
        ((3, 52, 0), DoctorState.OK),
        ((4, 0, 0), DoctorState.OK),
    ],
)
def test_sqlite_is_judged_by_its_version(version: tuple[int, ...], state: DoctorState) -> None:
    """The defect was mended in two older series as well."""
    assert sqlite(version).state is state


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (0, DoctorState.PROBLEM),
        ((500 << 20) - 1, DoctorState.PROBLEM),
        (1 << 30, DoctorState.NOTE),
        (6 << 30, DoctorState.OK),
    ],
)
def test_a_disk_that_is_nearly_full_is_told(free: int, state: DoctorState) -> None:
    """A full disk ends a run in its middle."""
    assert disk(Path("here"), free).state is state


def test_packages_of_the_same_name_are_told() -> None:
    """The four names are plain; another distribution may bring one of them."""
    places = {room: f"lib/{room}" for room in ROOMS}

    assert packages(places, {"storage": ["annexd"]}).state is DoctorState.OK
    assert packages(places, {"storage": ["annexd", "storage-for-dogs"]}).state is DoctorState.PROBLEM
    assert packages({**places, "storage": "elsewhere/storage"}, {}).state is DoctorState.PROBLEM


def test_a_proxy_is_shown_without_its_password(company: Company) -> None:
    """The doctor's output is what people paste into tickets."""
    environ = {"https_proxy": "http://me:canary@proxy.example:3128", "NO_PROXY": "localhost"}
    (proxy,) = (point for point in machine(open_app(company.config), environ) if point.about == "proxy")

    assert "canary" not in proxy.says
    assert "http://proxy.example:3128" in proxy.says


def test_certificates_that_are_not_there_are_told(company: Company) -> None:
    """Every call would fail, with a message about anything but the path."""
    app = open_app(company.config)
    (wrong,) = (item for item in machine(app, {"SSL_CERT_FILE": "/nowhere/ca.pem"}) if item.about == "certificates")
    (right,) = (item for item in machine(app, {"SSL_CERT_DIR": os.sep}) if item.about == "certificates")

    assert (wrong.state, right.state) == (DoctorState.PROBLEM, DoctorState.OK)


def test_a_store_that_cannot_be_used_is_told(company: Company) -> None:
    """A lost key is found before the next scan needs it."""
    company.run("scan")
    assert company.run("doctor", "--offline").code == 0
    (company.folder / "evidence.db.key").unlink()
    without_key = company.run("doctor", "--offline")
    company.write('[store]\nurl = "sqlite:///nowhere/evidence.db"\n')
    nowhere = company.run("doctor")

    assert without_key.code == nowhere.code == 1
    assert "evidence.db.key" in without_key.out
    assert "mkdir -p" in nowhere.out


def test_a_store_that_others_can_read_is_told(company: Company) -> None:
    """It holds what only few may know."""
    company.run("scan")
    (company.folder / "evidence.db").chmod(0o644)
    said = company.run("doctor", "--offline")

    assert said.code == 1
    assert "chmod 600" in said.out
