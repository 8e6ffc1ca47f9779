"""The demo's company files: a newcomer's first example has to be one that annexd takes."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

import mappings
from collector.company.company_files import company
from collector.core.isms.actions import count_actions
from collector.demo.acme_files import write_company_files
from collector.setup.app import open_app

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
[sources.acme]
connector = "aws"
role = "arn:aws:iam::111122223333:role/annexd"
accounts = "organization"
[sources.code]
connector = "github"
token = { env = "ACME_GITHUB_TOKEN" }
organizations = ["acme"]
"""


@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2028, 2, 29)])
def test_acmes_files_can_be_taken_on_any_day(tmp_path: Path, today: date) -> None:
    """Dates move along, so that nothing in the demo has expired that was not meant to."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    write_company_files(tmp_path, today)
    app = open_app(path)
    ours = company(app, app.frameworks())

    assert ours.scope is not None
    assert ours.soa is not None
    assert len(ours.soa.rows) == len(mappings.load("iso27001:2022").controls)
    assert ours.soa.in_force(today)
    counts = {"overdue": 1, "not effective": 0, "to be reviewed": 1, "open": 1, "closed": 1, "late": 1}
    assert count_actions(ours.actions, today) == counts
    assert ours.risks is not None
    assert len(ours.risks.known(today)) == 5
    assert ours.register is not None
    assert len(ours.targets) == 5
    assert [exception.is_valid_on(today) for exception in ours.exceptions] == [True, True, False]


def test_a_file_tells_nothing_of_what_has_not_happened_yet(tmp_path: Path) -> None:
    """Three months ago nobody knew of an audit, an approval or a correction of last month."""
    today = date(2026, 3, 31)
    files = {}
    for days in (90, 41, 0):
        write_company_files(tmp_path, today, today - timedelta(days=days))
        files[days] = {path.stem: tomllib.loads(path.read_text()) for path in tmp_path.glob("*.toml")}

    assert [[exception["id"] for exception in files[days]["exceptions"]["exception"]] for days in files] == [
        ["EX-2", "EX-3"], ["EX-1", "EX-2", "EX-3"], ["EX-1", "EX-2", "EX-3"],
    ]  # fmt: skip
    assert [files[days]["soa"]["version"] for days in files] == ["4", "5", "5"]
    actions = [{action["id"]: action for action in files[days]["actions"]["action"]} for days in files]
    assert [[*by_id] for by_id in actions] == [["CA-2"], ["CA-1", "CA-2", "CA-3"], ["CA-1", "CA-2", "CA-3", "CA-4"]]
    assert [("reviewed_by" in by_id["CA-2"], "closed_by" in by_id["CA-2"]) for by_id in actions] == [
        (False, False), (True, False), (True, True),
    ]  # fmt: skip
