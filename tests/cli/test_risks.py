"""`annexd risks`: the register by what remains, with what the checks say that bears on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.company_builders import use, write_soa
from tests.cli.register_builders import write_risks
from tests.cli.texts import compare

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

NOT_APPROVED = {"approved_by": None, "approved_on": None}


def test_a_failing_check_names_the_risk_that_it_bears_on(scanned: Desk) -> None:
    """Through the control that treats it; what passes bears on nothing."""
    write_risks(scanned, {})
    shape = scanned.json("findings", "--status", "all")["findings"]
    failing = {finding["subject"]: finding["risks"] for finding in shape if finding["check"] == "played_repo_protected"}

    assert failing == {"docs": ["R-1 Nobody looks at a change"], "core": [], "edge": [], "site": []}
    compare("cli/risks/a-failing-check-names-the-risk-that-it-bears-1", scanned.says("findings"))
    compare("cli/risks/a-failing-check-names-the-risk-that-it-bears-2", scanned.says("controls", "show", "1.2"))


def test_a_check_that_a_risk_names_bears_on_it(scanned: Desk) -> None:
    """Also where no control of it is tested by that check."""
    write_risks(scanned, {"controls": ["played:1/2.1"], "checks": ["played_repo_protected"]})
    (risk,) = scanned.json("risks")["risks"]

    assert [(check["check"], check["through"], check["fails"]) for check in risk["checks"]] == [
        ("played_repo_protected", None, 1)
    ]


def test_the_highest_that_remains_comes_first(scanned: Desk) -> None:
    """By what remains, not by what there was."""
    low = 'residual = { likelihood = "rare", consequence = "minor", level = "low" }'
    write_risks(scanned, {"id": "R-1"}, {"id": "R-2", "likelihood": "rare", "level": "medium"})
    file = scanned.app.config.folder / "risks.toml"
    file.write_text(file.read_text().replace('id = "R-1"', f'id = "R-1"\n{low}'))
    shape = scanned.json("risks")

    assert [risk["id"] for risk in shape["risks"]] == ["R-2", "R-1"]
    assert shape["remaining"] == {"high": 0, "medium": 1, "low": 1}


def test_what_is_retained_above_the_criterion_needs_its_owner(scanned: Desk) -> None:
    """Silence accepts nothing, and the command says so to a script too."""
    write_risks(scanned, NOT_APPROVED)

    compare("cli/risks/what-is-retained-above-the-criterion-needs-its-owner", scanned.says("risks", code=1))
    assert scanned.json("status")["risks"]["faults"] == 1


def test_an_excluded_control_that_treats_a_risk_is_a_contradiction(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement says that it is not needed, and the register relies on it."""
    use(scanned, monkeypatch, soa=True)
    write_soa(scanned, {"played:1/1.2": {"applicable": False, "because": "none", "implemented": None, "grounds": None}})
    write_risks(scanned, {})

    compare("cli/risks/an-excluded-control-that-treats-a-risk-is-a", scanned.says("controls", "show", "1.2"))


def test_no_register_is_not_an_empty_one(scanned: Desk) -> None:
    """Nothing is counted where nothing was stated."""
    assert scanned.json("status")["risks"] is None
    compare("cli/risks/no-register-is-not-an-empty-one", scanned.says("risks"))


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"likelihood": "likley"}, "the nearest is likely"),
        ({"level": "medium"}, "not what the matrix says of likely, severe: high"),
        ({"approved_by": "Bob"}, "accepted by the owner of the risk, Ann"),
        ({"treatment": "ignore"}, "treatment"),
        ({"controls": ["played:1/1.3"]}, "there is no control"),
        ({"checks": ["played_repo_protekted"]}, "the nearest is played_repo_protected"),
        ({"review_by": None}, "this key is required"),
    ],
)
def test_a_risk_that_cannot_be_is_refused(scanned: Desk, but: dict[str, Any], says: str) -> None:
    """With file, line and key, and the nearest word that would do."""
    write_risks(scanned, {}, {"id": "R-2"} | but)
    error = scanned.says("risks", code=3)

    assert says in error
    assert int(error.split("risks.toml:")[1].split(":")[0]) >= 20


def test_a_register_without_a_matrix_is_refused(scanned: Desk) -> None:
    """A level that follows from nothing compares with nothing."""
    (scanned.app.config.folder / "risks.toml").write_text(
        'version = "1"\napproved_by = "Eve"\napproved_on = 2026-01-01\n'
    )

    compare("cli/risks/a-register-without-a-matrix-is-refused", scanned.says("risks", code=3))
