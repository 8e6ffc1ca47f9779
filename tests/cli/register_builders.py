"""Actions, risks, the register and targets for tests, each in order unless a test says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cli.company_builders import log_files, table

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

ACTION = {
    "id": "CA-1",
    "check": "played_repo_protected",
    "source": "code",
    "found_on": "2026-03-01",
    "correction": "protected by hand",
    "extent": "looked for everywhere",
    "owner": "Ann",
    "due": "2026-03-20",
}

CLOSED = {
    "cause": "made by hand",
    "action": "made by code",
    "done_on": "2026-03-01",
    "reviewed_on": "2026-03-01",
    "reviewed_by": "Bob",
    "result": "effective",
    "closed_on": "2026-03-01",
    "closed_by": "Bob",
}

MATRIX = """\
version = "1"
approved_by = "Eve"
approved_on = 2026-01-01
[matrix]
likelihood = ["rare", "likely"]
consequence = ["minor", "severe"]
levels = ["low", "medium", "high"]
accept = "low"
[matrix.cells]
rare = ["low", "medium"]
likely = ["medium", "high"]
"""

RISK = {
    "id": "R-1",
    "title": "Nobody looks at a change",
    "owner": "Ann",
    "identified_on": "2026-01-01",
    "likelihood": "likely",
    "consequence": "severe",
    "level": "high",
    "treatment": "retain",
    "controls": ["played:1/1.2"],
    "approved_by": "Ann",
    "approved_on": "2026-01-02",
    "review_by": "2026-12-31",
}

DOCUMENT = {
    "id": "D-1",
    "title": "Policy",
    "answers": ["5.2-clause-a"],
    "owner": "Eve",
    "version": "2",
    "approved_by": "Eve",
    "approved_on": "2026-01-10",
    "next_review": "2027-01-10",
    "where": "handbook",
}

TARGET = {
    "id": "systems_seen",
    "owner": "Ann",
    "evaluated_by": "Eve",
    "at_least": 1,
    "since": "2026-01-01",
    "because": "the handbook says so",
}


def write(desk: Desk, name: str, text: str) -> None:
    """Write a company file, and put it into the log."""
    (desk.app.config.folder / name).write_text(text)
    log_files(desk)


def write_actions(desk: Desk, *actions: dict[str, Any]) -> None:
    """Write actions.toml."""
    write(desk, "actions.toml", "\n".join(table("action", ACTION, **action) for action in actions))


def write_risks(desk: Desk, *risks: dict[str, Any]) -> None:
    """Write risks.toml."""
    write(desk, "risks.toml", MATRIX + "\n".join(table("risk", RISK, **risk) for risk in risks))


def write_targets(desk: Desk, *targets: dict[str, Any]) -> None:
    """Write metrics.toml."""
    write(desk, "metrics.toml", "\n".join(table("metric", TARGET, **target) for target in targets))
