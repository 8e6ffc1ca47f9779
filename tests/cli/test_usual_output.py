"""What each command usually prints, whole, in one golden file a command: a better sentence is a diff to be read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.cli.main import main
from tests.cli.company_builders import a_system, use, write_exceptions, write_scope, write_soa
from tests.cli.register_builders import write_actions, write_risks, write_targets
from tests.cli.test_main import ALL
from tests.cli.texts import compare
from tests.played.platform import HOOKS, MEMBERS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk
    from tests.played.company import Company

ON_A_DESK = {
    "status": "status",
    "next": "next",
    "findings": "findings",
    "controls": "controls",
    "controls show": "controls show 1.1",
    "evidence": "evidence code played.member ann",
    "checks": "checks",
    "checks show": "checks show played_member_mfa",
    "diff": "diff 2026-03-01 2026-03-02",
    "period": "period --from 2026-03-01 --to 2026-03-02 --control 1.1",
    "metrics": "metrics --metric systems_seen --metric records_missing",
    "log": "log",
    "gap-analysis": "gap-analysis",
    "evidence-request list": "evidence-request list",
    "scope": "scope",
    "soa check": "soa check",
    "soa init": "soa init",
    "exceptions": "exceptions",
    "actions": "actions",
    "risks": "risks",
    "register": "register",
    "review": "review --from 2026-03-01 --to 2026-03-02",
    "company-files record": "company-files record --dry-run",
    "replay": "replay --as-of 2026-03-02",
    "connectors": "connectors",
    "connectors coverage": "connectors coverage played",
    "permissions": "permissions played --by-call",
    "population": "population played.repo --from 2026-03-01 --to 2026-03-02",
    "sample": "sample played.repo --from 2026-03-01 --to 2026-03-02 --items core",
    "requests": "requests",
    "retention": "retention",
    "retention drop": "retention drop --dry-run",
    "erase": "erase code played.member ann --basis GDPR --approved-by Eve --dry-run",
    "evidence-request answer": "evidence-request answer 1.1-a --file standard.pdf --by Ann,head --reviewed-by Bob"
    " --document-version 2 --obtained-from handbook --approved-on 2026-02-01 --valid-until 2027-01-31",
}
"""Commands that read of a company that was scanned twice, with a refusal, by what is typed."""

ON_A_MACHINE = {
    "config check": "config check",
    "doctor": "doctor",
    "plan": "plan",
    "record-answers": "record-answers acme --to answers",
    "scan": "scan",
    "verify": "verify",
    "key": "key",
    "key rotate": "key rotate --reason lost",
    "store backup": "store backup copy.db",
    "store compact": "store compact",
    "store upgrade": "store upgrade",
    "store restored": "store restored",
    "store grants": "store grants",
    "export": "export bundle.zip --from 2026-01-01 --to 2026-01-31",
}
"""Commands that act, given to a company with a configuration of its own."""

ELSEWHERE = {
    "serve": "prints nothing; tests/daemon",
    "web": "prints an address; tests/web",
    "alerts": "a group",
    "alerts list": "tests/daemon/test_alerts.py",
    "alerts test": "tests/daemon/test_alerts.py",
    "demo": "tests/demo",
    "init": "depends on the machine; tests/cli/test_init.py",
    "help": "prints the documents themselves",
    "deploy": "prints the files themselves",
    "config example": "prints the file itself",
    "config": "a group",
    "new": "a group",
    "new connector": "tests/setup/test_new_connector.py",
    "soa": "a group",
    "soa export": "prints nothing; tests/cli/test_soa.py",
    "evidence-request": "a group",
    "company-files": "a group",
    "key drill": "needs copies of keys; tests/cli/store/test_key_drill.py",
    "key worker": "is a secret; tests/workers/test_worker_commands.py",
    "worker": "needs a scheduler; tests/workers/test_worker_commands.py",
    "store": "a group",
}
"""Commands without a text of their own, and why."""


def test_every_command_has_its_text_somewhere() -> None:
    """A new command begins with one."""
    assert {*ON_A_DESK, *ON_A_MACHINE, *ELSEWHERE} == set(ALL)


@pytest.fixture
def busy(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A company with all its files, scanned on two days, on the second with two refusals."""
    write_scope(scanned, a_system())
    use(scanned, monkeypatch, soa=True)
    write_soa(scanned, {"played:1/1.1": {}, "played:1/1.2": {}})
    write_exceptions(scanned, {})
    write_actions(scanned, {})
    write_risks(scanned, {})
    write_targets(scanned, {})
    (scanned.app.config.folder / "standard.pdf").write_bytes(b"%PDF made up")
    scanned.clock.move(timedelta(days=1))
    scanned.platform.deny(MEMBERS)
    scanned.platform.deny(HOOKS, where="/api/")
    scanned.world.run()
    return scanned


@pytest.mark.parametrize("command", ON_A_DESK)
def test_a_command_that_reads_prints_what_it_did(busy: Desk, command: str) -> None:
    """Read the diff as a person would."""
    busy.capture.readouterr()
    code = main(ON_A_DESK[command].split())
    printed = busy.capture.readouterr()

    assert code in {0, 1}, printed.err
    compare(f"cli/usual/{command.replace(' ', '-')}", f"$ annexd {ON_A_DESK[command]}\n{printed.out}{printed.err}")


@pytest.mark.parametrize("command", ON_A_MACHINE)
def test_a_command_that_acts_prints_what_it_did(
    company: Company, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The same."""
    monkeypatch.setattr("mappings.cross_check", lambda *_: None)
    monkeypatch.chdir(company.folder)
    if command not in {"config check", "doctor", "plan"}:
        company.run("scan")
    said = company.run(*ON_A_MACHINE[command].split())

    assert said.code == 0, said.err
    compare(f"cli/usual/{command.replace(' ', '-')}", f"$ annexd {ON_A_MACHINE[command]}\n{said.out}{said.err}")
