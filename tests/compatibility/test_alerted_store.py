"""A store that remembers what was told to whom, and what an annexd makes of it that knows no such entries."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest

from storage.tables import projections
from tests.compatibility.conftest import DATABASES, Install
from tests.compatibility.program import FIXTURES, Installed, unpack

STORES = FIXTURES.parent / "stores"
VERSION = "0003-alerted"
TOLD = ("alert_delivery", "alerted", "verified")


def answers(store: Installed) -> Any:
    """What the program says of the store: values, and no sentences."""
    kinds = store.json("log")["kinds"]
    proven = store.json("verify", "--rebuild")
    listed = store.json("alerts", "list")
    return {
        "kinds": {kind: kinds[kind] for kind in (*TOLD, "judged", "run_ended")},
        "checkpoints": proven["checkpoints"],
        "unsigned": proven["unsigned"],
        "begun": listed["begun"],
        "held": sorted([one["kind"], one["severity"], one["source"]] for one in listed["held"]),
        "counted": listed["counted"],
        "targets": [[one["name"], one["type"], one["waiting"], one["failed_at"]] for one in listed["targets"]],
    }


@pytest.fixture(scope="module", params=DATABASES)
def told(request: pytest.FixtureRequest, install: Install, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The store on each database after an upgrade, only to be read."""
    folder = tmp_path_factory.mktemp("alerted")
    unpack(VERSION, request.param, folder, of=STORES)
    installed = install(VERSION, request.param, folder)
    installed.bring_up_to_date()
    return installed


def test_it_is_proven_and_says_what_it_said(told: Installed) -> None:
    """What was told to whom is a question of auditors, years later."""
    said = json.loads((STORES / VERSION / "answers.json").read_bytes())
    signed = {"checkpoints": said["checkpoints"] + 1, "unsigned": 0}  # by bringing it up to date

    assert json.loads(json.dumps(answers(told))) == said | signed


def test_an_annexd_without_such_entries_proves_the_log_and_cannot_rebuild(told: Installed) -> None:
    """The way back is the backup: docs/deploy.md says so."""
    older = {kind: how for kind, how in projections._PROJECTIONS.items() if kind not in TOLD[:2]}
    with patch.object(projections, "_PROJECTIONS", older):
        proven = told.run("verify")
        rebuilt = told.run("verify", "--rebuild")

    assert proven.code == 0
    assert rebuilt.code == 6
    assert "alerted" in rebuilt.err
