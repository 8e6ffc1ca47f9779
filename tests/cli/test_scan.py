"""`annexd scan`: what it looks at, what it says, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import cast

import httpx
import pytest

from collector.actions.progress import LoggedProgress
from collector.actions.scan_report import NotRead, NotSeen, ScanReport, counts_against
from collector.actions.scanning import stopped_by_signals
from collector.core.tasks import Outcome
from collector.engine.run import Runner
from collector.setup.app import open_app
from storage import open_store
from tests.cli.texts import compare
from tests.played.company import PLAYED, Company
from tests.played.platform import (
    HOOKS,
    MEMBERS,
    PROJECTS,
    SETTINGS,
    TICKETS,
    a_member,
    a_repo,
    an_org,
    html,
    huge,
    on_page,
    status,
)


def outcomes(company: Company) -> dict[str, str]:
    """The latest outcome of each task, as the store has it."""
    with open_app(company.config).open_store(writer=False) as store:
        return {str(seen.observation.task): seen.observation.outcome.value for seen in store.observations()}


def test_a_scan_ends_with_0_and_says_what_it_came_to(company: Company) -> None:
    """Ran, and nothing was asked to count."""
    said = company.run("scan")

    assert said.code == 0, said.err
    compare("cli/scan/a-scan-ends-with-0-and-says-what-it", said.out)
    assert said.err == ""
    assert "complete, 3 listed, 3 new" in company.run("scan", "-v").err.replace("0 new", "3 new")


def test_json_holds_the_same_numbers(company: Company) -> None:
    """Machines and people read one scan."""
    company.platform.orgs["acme"]["members"].append(a_member("dora", mfa=False))
    said = company.run("scan", "--json")
    report = said.json

    assert report["tasks"] == 6
    assert report["outcomes"] == {**{outcome.value: 0 for outcome in Outcome}, "complete": 6}
    assert report["verdicts"]["fail"] == report["changes"]["new_fail"]
    assert report["requests"] == company.platform.count
    assert report["not_seen"] == report["not_read"] == []


@pytest.mark.parametrize(
    ("mfa", "denied", "fail_on", "code"),
    [
        (False, False, "", 0),
        (False, False, "fail", 1),
        (False, False, "unknown", 0),
        (False, True, "fail,unknown", 1),
        (True, True, "unknown", 1),
        (True, False, "unknown", 0),
    ],
)
def test_what_counts_as_found_is_what_was_asked_to(
    company: Company, mfa: bool, denied: bool, fail_on: str, code: int
) -> None:
    """A pipeline decides what stops it; not knowing can be one of these."""
    company.platform.orgs["acme"] = an_org(
        members=[a_member("ann", mfa=mfa), a_member("bob")], projects={"api": [a_repo("core")]}
    )
    company.platform.orgs["acme"]["members"][0]["created_at"] = "2999-01-01T00:00:00Z"
    company.platform.orgs["acme"]["members"][1]["created_at"] = "2999-01-01T00:00:00Z"
    if denied:
        company.platform.deny(SETTINGS)

    assert company.run("scan", "--fail-on", fail_on).code == code


def test_a_refused_list_and_an_unread_part_are_told_with_what_they_need(company: Company) -> None:
    """Not knowing is a result, and the first thing to mend."""
    company.platform.deny(TICKETS)
    company.platform.deny(HOOKS, "core")
    said = company.run("scan")

    assert said.code == 0
    compare("cli/scan/a-refused-list-and-an-unread-part-are-told", said.out)
    assert "needs tickets:read" in said.out
    assert "needs hooks:read" in said.out


def test_one_reason_is_told_once(company: Company) -> None:
    """An account that cannot be entered is one thing to mend, not forty."""
    for operation in (TICKETS, MEMBERS, SETTINGS):
        company.platform.deny(operation)
    said = company.run("scan")
    refused = [line for line in said.out.splitlines() if line.startswith("  acme: denied")]

    assert len(refused) == 1
    assert all(kind in refused[0] for kind in ("played.ticket", "played.member", "played.settings"))


def test_where_nothing_can_be_read_the_scan_ends_with_4(company: Company) -> None:
    """A scan that saw nothing at all must not look like one that found nothing; what it tried is kept."""
    for operation in (TICKETS, MEMBERS, SETTINGS, PROJECTS):
        company.platform.deny(operation)
    said = company.run("scan")

    assert said.code == 4
    compare("cli/scan/where-nothing-can-be-read-the-scan-ends-with", said.err)
    assert set(outcomes(company).values()) == {"denied"}


def no_network(_request: httpx.Request) -> httpx.Response:
    """Fail as a name that does not resolve."""
    raise httpx.ConnectError("Name or service not known")


@pytest.mark.parametrize(
    "how",
    [no_network, lambda _: html(), lambda _: huge(), lambda _: status(401)],
    ids=["no network", "html", "a gigabyte", "expired session"],
)
def test_whatever_a_platform_does_the_rest_is_kept(company: Company, how: object) -> None:
    """No network, a proxy's page, a gigabyte or an expired session end one task, told by source and call."""
    company.platform.play(MEMBERS, how)  # type: ignore[arg-type]  # each answers a request
    said = company.run("scan")

    assert said.code == 0
    assert re.search(r"acme: (failed|denied): played.member in acme", said.out)
    # No permission brings a network back, or an answer that is none.
    assert ("needs members:read" in said.out) is ("denied: played.member" in said.out)
    assert sorted(outcomes(company).values())[:5] == ["complete"] * 5


def test_a_list_that_breaks_off_is_told_as_partial(company: Company) -> None:
    """Half a list is not the list."""
    company.platform.play(MEMBERS, on_page("2", lambda: status(500)))

    compare("cli/scan/a-list-that-breaks-off-is-told-as-partial", company.run("scan").out)


def test_a_store_that_another_process_writes_ends_with_5(company: Company) -> None:
    """Two writers would be two records; the second one is told who the first is."""
    with open_app(company.config).open_store(writer=True):
        said = company.run("scan", "--wait", "0s")

    assert said.code == 5
    assert f"process {os.getpid()}" in said.err
    assert company.platform.count == 0


@pytest.mark.parametrize(
    ("chosen", "asked"),
    [
        (["--service", "member"], {PROJECTS, MEMBERS}),
        (["--service", "member", "--service", "ticket"], {PROJECTS, MEMBERS, TICKETS}),
        (["--check", "played_ticket_closed"], {PROJECTS, TICKETS}),
        (["--check", "played_ticket_closed", "--service", "settings"], {PROJECTS, TICKETS, SETTINGS}),
    ],
)
def test_only_what_was_chosen_is_asked_for_besides_discovery(
    company: Company, chosen: list[str], asked: set[str]
) -> None:
    """Which scopes there are must always be known, or a choice could hide that some are gone."""
    assert company.run("scan", *chosen).code == 0

    assert {operation for operation in company.platform.served if "whoami" not in operation} == asked


def test_a_narrow_scan_ends_no_finding_of_what_it_did_not_look_at(company: Company) -> None:
    """A check that was not asked for is not a check that was disabled."""
    company.platform.orgs["acme"]["members"].append(a_member("dora", mfa=False))
    company.run("scan")
    company.run("scan", "--service", "ticket")
    with open_app(company.config).open_store(writer=False) as store:
        failing = [state for state in store.findings(check="played_member_mfa") if state.finding.status.value == "fail"]

    assert len(failing) == 1


def test_a_source_is_chosen_by_its_name(company: Company) -> None:
    """Each source has its owner, and its own hour."""
    company.write(PLAYED + PLAYED.partition("\n\n")[2].replace("sources.acme", "sources.second"))
    said = company.run("scan", "--source", "second", "--json")

    assert said.json["tasks"] == 6
    assert {task.partition(":")[0] for task in outcomes(company)} == {"second"}


def test_only_what_was_not_seen_is_tried_again(company: Company) -> None:
    """After a permission was granted the rest need not be read once more."""
    company.platform.deny(TICKETS)
    company.run("scan")
    company.platform.calm()
    company.platform.served.clear()
    said = company.run("scan", "--retry-failed")
    nothing = company.run("scan", "--retry-failed")

    assert said.code == 0
    assert company.platform.served[MEMBERS] == 0
    assert company.platform.served[TICKETS] > 0
    assert set(outcomes(company).values()) == {"complete"}
    assert (nothing.code, nothing.err) == (0, "there is nothing left to do\n")


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_ends_a_scan_cleanly_and_resume_goes_on(
    company: Company, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, name: str
) -> None:
    """What was finished is kept, the rest is recorded as not run, and nothing is done twice."""
    was = signal.getsignal(number)
    company.add("[limits]\ntasks = 1\n")
    asked = threading.Event()
    stop = Runner.stop

    def noticed(runner: Runner, why: str) -> None:
        stop(runner, why)
        asked.set()

    monkeypatch.setattr(Runner, "stop", noticed)

    def interrupt(_request: httpx.Request) -> None:
        os.kill(os.getpid(), number)
        assert asked.wait(30)

    company.platform.play(TICKETS, interrupt)
    said = company.run("scan")
    before = outcomes(company)
    company.platform.calm()
    company.platform.served.clear()
    resumed = company.run("scan", "--resume")

    assert said.code == 130
    assert f"{name}: ending after the requests under way" in said.err
    assert f"The run was ended early by {name}; what was finished is kept." in said.out
    assert "scan --resume" in said.out
    assert {"complete", "not_run"} == set(before.values())
    assert before["acme: played.ticket in acme"] == "not_run"
    assert resumed.code == 0
    assert company.platform.served[SETTINGS] == (1 if before["acme: played.settings in acme"] == "not_run" else 0)
    assert set(outcomes(company).values()) == {"complete"}
    assert company.run("scan", "--resume").err == "there is nothing left to do\n"
    assert signal.getsignal(number) is was


def test_a_killed_scan_is_gone_on_with_from_its_plan(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed could not write down what it did not do; its plan says so."""
    company.run("scan", "--service", "member")

    def killed(*_: object) -> None:
        raise ZeroDivisionError("as if the process had ended here")

    with monkeypatch.context() as patched:
        patched.setattr(LoggedProgress, "planned", killed)
        broken = company.run("scan")
    resumed = company.run("scan", "--resume", "--json")

    assert broken.code == 70
    assert resumed.code == 0
    assert len(outcomes(company)) == 6
    assert set(outcomes(company).values()) == {"complete"}


def test_a_dry_run_prints_the_plan_and_asks_nobody(company: Company) -> None:
    """What a scan would do can be seen before it does it."""
    said = company.run("scan", "--dry-run", "--service", "member")

    assert said.code == 0
    assert "played.member: acme" in said.out
    assert "played.ticket" not in said.out
    assert company.platform.count == 0
    assert not (company.folder / "evidence.db").exists()


def test_no_name_of_a_platforms_reaches_the_terminal_as_it_is(company: Company) -> None:
    """A member may be called what moves a cursor, or turns the direction of writing."""
    hostile = "\x1b[2J\u202eeve [red]x[/red] =cmd|' /C calc'!A0"
    company.platform.orgs["acme"]["members"].append(a_member(hostile, mfa=False))
    said = company.run("scan")

    assert "\x1b" not in said.out + said.err
    assert "\u202e" not in said.out + said.err
    assert "[red]x[/red]" in company.run("findings").out


def test_the_run_is_recorded_with_what_was_in_force(company: Company) -> None:
    """An auditor asks which code and which configuration a run had."""
    company.run("scan")
    app = open_app(company.config)
    with app.open_store(writer=False) as store:
        ((started, ended),) = store.runs()

    assert (started.trigger, started.code, started.config) == ("scan", app.code_digest, app.config_digest)
    assert started.sources[0].roots == (("acme",),)
    assert ended is not None


def test_the_store_is_where_the_configuration_says(company: Company) -> None:
    """And its key beside it, unless a place is named."""
    company.write(PLAYED.replace('db"\n', 'db"\nkey = "store.key"\n', 1))
    company.run("scan")

    assert (company.folder / "store.key").exists()
    with open_store(
        f"sqlite:///{company.folder}/evidence.db",
        writer=False,
        key_file=company.folder / "store.key",
        clock=lambda: pytest.fail("reading needs no clock"),
    ) as store:
        assert len(list(store.observations())) == 6


def test_a_second_ctrl_c_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that hangs must not hold whoever has asked twice."""
    asked: list[str] = []

    class Asked:
        """A run that never ends by itself."""

        stop = staticmethod(asked.append)

    def leave(code: int) -> None:
        raise SystemExit(code)

    def ask_twice() -> None:
        with stopped_by_signals(cast("Runner", Asked)):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "_exit", leave)

    with pytest.raises(SystemExit, match="130"):
        ask_twice()
    assert asked == ["Ctrl-C"]


@pytest.mark.parametrize(("fail_on", "found"), [(["unknown"], 2), (["fail"], 0), ([], 0)])
def test_what_could_not_be_read_counts_as_unknown_by_itself(fail_on: list[str], found: int) -> None:
    """Where no check depends on it yet, nobody would hear of it."""
    report = ScanReport(
        run="r",
        stopped=None,
        tasks=2,
        answered=2,
        outcomes={"complete": 1, "denied": 1},
        requests=3,
        verdicts={"pass": 4},
        changes={},
        not_seen=(
            NotSeen("acme", "a.kind", (), "denied", "refused", "a:Read"),
            NotSeen("acme", "a.kind", ("off",), "skipped", "not enabled", ""),
        ),
        not_read=(NotRead("acme", "a.kind", (), "part", "a:Get", "a:Get", 1),),
    )

    assert counts_against(report, fail_on) == found
