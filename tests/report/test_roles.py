"""Roles: each has rows of its own, from its own sources, and an edition that addresses nobody is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

import mappings
from collector.core.assess import ControlStatus
from collector.core.errors import ConfigError
from collector.report.state.assessment import assessed
from collector.report.state.roles import audiences
from collector.setup.config import load
from tests.cli.company_builders import use

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Desk

DAY = date(2026, 3, 31)
PROVIDED = '[[services.provided]]\nname = "app"\nmodel = "saas"\n'


def in_roles(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second control speaks to both roles, the third to providers only."""
    first, second, third = desk.app.frameworks()[0].controls
    both = replace(second, roles=("customer", "provider"))
    use(desk, monkeypatch, controls=(first, both, replace(third, roles=("provider",))))


def test_a_control_for_two_roles_has_two_rows_that_are_never_merged(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a company does as a customer shows nothing of what it offers as a provider."""
    scanned.set(PROVIDED)
    in_roles(scanned, monkeypatch)
    ((_, states),) = assessed(scanned.reading()).frameworks

    assert [(state.control.id, state.role, state.status) for state in states if state.control.id == "1.2"] == [
        ("1.2", "customer", ControlStatus.FAILING),
        ("1.2", "provider", ControlStatus.UNKNOWN),
    ]


def test_a_source_that_serves_a_service_counts_in_provider_rows(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its deviations are deviations of the service."""
    scanned.set('serves = ["app"]\n' + PROVIDED)
    in_roles(scanned, monkeypatch)
    ((_, states),) = assessed(scanned.reading()).frameworks

    assert {state.role: state.counts.fails for state in states if state.control.id == "1.2"} == {
        "customer": 1,
        "provider": 1,
    }


def test_what_is_not_addressed_to_a_role_has_a_label_of_its_own(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither missing nor excluded, and no row of it is shown."""
    in_roles(scanned, monkeypatch)
    (shape,) = scanned.json("controls")["frameworks"]

    assert shape["not_addressed"] == {"customer": {"2.1": "Policies"}}
    assert [control["role"] for control in shape["controls"]] == [None, "customer", "provider", "provider"]


def test_without_a_service_provided_provider_rows_rest_on_nothing(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has said what is provided, so nothing may look shown."""
    in_roles(scanned, monkeypatch)
    ((_, states),) = assessed(scanned.reading()).frameworks

    assert {state.counts.passes for state in states if state.role == "provider"} == {0}
    (audience,) = [who for who in assessed(scanned.reading()).audiences["played:1"] if who.role == "provider"]
    assert audience.sources == frozenset()
    assert audience.note in scanned.json("controls")["frameworks"][0]["counted"]


@pytest.mark.parametrize("edition", ["iso27018:2025", "iso27018:2019"])
def test_27018_without_a_processor_says_where_the_duties_are(tmp_path: Path, edition: str) -> None:
    """Its rows would speak of duties that the company has not taken on."""
    path = tmp_path / "config.toml"
    path.write_text(PROVIDED)

    with pytest.raises(ConfigError) as raised:
        audiences(mappings.load(edition), load(path, {}), DAY)
    assert "5.34" in raised.value.mend
    assert "27701" in raised.value.mend


@pytest.mark.parametrize(
    ("keys", "counted"),
    [
        ('serves = ["app"]\nholds_pii = true', {"one"}),
        ('serves = ["app"]', set()),
        ("holds_pii = true", set()),
    ],
)
def test_only_sources_that_serve_the_processor_and_hold_its_data_count(
    tmp_path: Path, keys: str, counted: set[str]
) -> None:
    """A laptop list says nothing of customers' data."""
    path = tmp_path / "config.toml"
    path.write_text(f'[sources.one]\nconnector = "aws"\n{keys}\n{PROVIDED}pii_processor = true\n')

    (who,) = audiences(mappings.load("iso27018:2025"), load(path, {}), DAY)
    assert set(who.sources or ()) == counted
    assert who.sources is not None


@pytest.mark.parametrize(("day", "count"), [(date(2025, 12, 31), 0), (date(2026, 1, 1), 1), (date(2026, 2, 1), 0)])
def test_a_service_counts_from_its_first_day_to_its_last(tmp_path: Path, day: date, count: int) -> None:
    """Before and after it nothing is provided."""
    path = tmp_path / "config.toml"
    path.write_text(
        f'[sources.one]\nconnector = "aws"\nserves = ["app"]\n{PROVIDED}since = 2026-01-01\nuntil = 2026-01-31\n'
    )

    who = audiences(mappings.load("iso27017:2015"), load(path, {}), day)
    assert len(who[1].sources or ()) == count


def test_where_an_edition_is_taken_from_is_printed(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of a derived control has to know whose words these are."""
    first, *others = scanned.app.frameworks()[0].controls
    use(
        scanned,
        monkeypatch,
        notes=("Ask your certification body.",),
        controls=(replace(first, derived_from=("x:1 8.5",), confidence="Roles not read."), *others),
    )
    (shape,) = scanned.json("controls", "show", "1.1")["frameworks"]
    (control,) = shape["controls"]
    text = scanned.says("controls", "show", "1.1")

    assert (shape["notes"], control["derived_from"]) == (["Ask your certification body."], ["x:1 8.5"])
    assert control["confidence"] == "Roles not read."
    for value in (*shape["notes"], *control["derived_from"], control["confidence"]):
        assert value in text
