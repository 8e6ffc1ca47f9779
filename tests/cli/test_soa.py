"""The statement of applicability: a decision is shown beside the evidence, and hides none of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from collector.core.assess import ControlState, ControlStatus
from collector.report.state.assessment import assessed
from tests.cli.company_builders import use, write_soa
from tests.cli.texts import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Desk

ALL: dict[str, dict[str, Any]] = {"played:1/1.1": {}, "played:1/1.2": {}, "played:1/2.1": {}}
OUT = {"applicable": False, "grounds": None, "implemented": None, "because": "nothing is built here"}


@pytest.fixture
def deciding(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose framework is decided in a statement."""
    use(scanned, monkeypatch, soa=True)
    return scanned


def control(desk: Desk, id_: str) -> ControlState:
    """One control."""
    ((_, states),) = assessed(desk.reading()).frameworks
    return next(state for state in states if state.control.id == id_)


def test_an_exclusion_hides_nothing(deciding: Desk) -> None:
    """Its findings stay listed, its counts stay printed, and that they contradict it is said."""
    write_soa(deciding, ALL | {"played:1/1.2": OUT})
    state = control(deciding, "1.2")

    assert (state.status, state.label) == (ControlStatus.EXCLUDED, "Excluded by SoA v4")
    assert (state.counts.fails, state.counts.passes) == (1, 3)
    assert "excluded, and its checks have 4 findings on systems in use" in state.contradictions
    assert "nothing is built here" in state.sentence
    compare("cli/soa/an-exclusion-hides-nothing", deciding.says("findings", "--control", "1.2"))


def test_implemented_beside_a_deviation_is_a_contradiction(deciding: Desk) -> None:
    """One of the two is not so."""
    write_soa(deciding, ALL)
    text = deciding.says("soa", "check", code=1)

    compare("cli/soa/implemented-beside-a-deviation-is-a-contradiction", text)
    assert control(deciding, "1.2").status is ControlStatus.FAILING


def test_a_control_that_nobody_decided_is_counted(deciding: Desk) -> None:
    """A row that is missing is not an exclusion."""
    write_soa(deciding, {"played:1/1.1": {}})
    shape = deciding.json("soa", "check", code=1)

    assert shape["undecided"] == 2
    assert control(deciding, "2.1").status is ControlStatus.INCOMPLETE


@pytest.mark.parametrize(
    ("head", "force"),
    [
        ({"effective_from": "2026-03-01"}, True),
        ({"effective_from": "2026-03-02"}, False),
        ({"approved_on": "2026-03-02"}, False),
    ],
)
def test_a_statement_counts_once_it_is_approved_and_effective(
    deciding: Desk, head: dict[str, str], force: bool
) -> None:
    """The later of both; the played clock says 1 March."""
    write_soa(deciding, ALL | {"played:1/1.2": OUT}, **head)

    assert (control(deciding, "1.2").status is ControlStatus.EXCLUDED) is force
    assert deciding.json("soa", "check", code=1)["in_force"] is force


def test_an_excluded_control_that_is_to_treat_a_risk_is_contradicted(deciding: Desk) -> None:
    """It cannot be out and at work."""
    write_soa(deciding, ALL | {"played:1/2.1": OUT | {"risks": ["R-3"]}})

    assert "excluded, and to treat R-3" in control(deciding, "2.1").contradictions


def test_a_plan_whose_day_has_passed_is_a_contradiction(deciding: Desk) -> None:
    """Nobody has said what became of it."""
    write_soa(deciding, ALL | {"played:1/2.1": {"implemented": "planned", "planned_for": "2026-02-28"}})

    assert control(deciding, "2.1").contradictions == ("planned for 2026-02-28, which has passed",)


@pytest.mark.parametrize(
    ("id_", "row", "says"),
    [
        ("played:1/9.9", {}, "the nearest is"),
        ("2.1", {}, "does not name a framework version"),
        ("plaid:1/2.1", {}, "there is no framework version"),
        ("played:1/2.1", {"role": "provider"}, "is not addressed to the provider"),
        ("played:1/2.1", {"because": " "}, "without its reason"),
        ("played:1/2.1", {"grounds": None}, "on what grounds"),
        ("played:1/2.1", {"implemented": "planned"}, "for when"),
        ("played:1/2.1", {"applicable": False}, "cannot be implemented here"),
    ],
)
def test_a_row_that_cannot_be_is_refused(deciding: Desk, id_: str, row: dict[str, Any], says: str) -> None:
    """With file, line and key."""
    write_soa(deciding, {"played:1/1.1": {}, id_: row})
    error = deciding.says("soa", "check", code=3)

    assert says in error
    assert int(error.split("soa.toml:")[1].split(":")[0]) >= 12


def test_a_draft_has_every_control_and_is_refused_until_it_is_decided(deciding: Desk, tmp_path: Path) -> None:
    """A decision that nobody made must not come out of a tool."""
    text = deciding.says("soa", "init")
    (tmp_path / "soa.toml").write_text(text)

    assert [id_ for id_ in ALL if f'"{id_}"' not in text] == []
    compare("cli/soa/a-draft-has-every-control-and-is-refused-until", deciding.says("soa", "check", code=3))


def test_the_statement_is_written_as_json_html_and_xlsx(deciding: Desk, tmp_path: Path) -> None:
    """The same rows in each; what a person wrote can run nowhere."""
    write_soa(deciding, ALL | {"played:1/2.1": {"because": "=1+1 <script>"}})
    for form in ("json", "html", "xlsx"):
        deciding.says("soa", "export", "--out", f"soa.{form}")
    sheet = openpyxl.load_workbook(tmp_path / "soa.xlsx")["SoA"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    page = (tmp_path / "soa.html").read_text()

    assert len(json.loads((tmp_path / "soa.json").read_text())["decisions"]) == len(cells) - 1 == 3
    assert cells[3][6] == "=1+1 <script>"
    assert sheet.cell(4, 7).data_type == "s"
    assert cells[0][-2:] == ["Auditor's conclusion", "Auditor's reference"]
    assert "=1+1 &lt;script&gt;" in page
    assert "<script" not in page


def test_nothing_is_overwritten(deciding: Desk, tmp_path: Path) -> None:
    """It may be the one that the auditor has signed."""
    (tmp_path / "soa.html").write_text("signed")

    compare("cli/soa/nothing-is-overwritten", deciding.says("soa", "export", "--out", "soa.html", code=3))
    assert (tmp_path / "soa.html").read_text() == "signed"


def test_a_draft_for_a_machine_is_json_with_the_same_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under --json everything is JSON."""
    use(desk, monkeypatch, soa=True)

    assert desk.json("soa", "init") == {"schema": "annexd.soa_draft/1", "text": desk.says("soa", "init")}
