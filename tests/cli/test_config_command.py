"""`annexd config check`: whether the configuration can be taken as it is."""

from __future__ import annotations

import pytest

from tests.cli.texts import compare
from tests.played.company import Company


@pytest.fixture(autouse=True)
def mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which checks the shipped mapping names is judged by the mappings' own tests."""
    monkeypatch.setattr("mappings.cross_check", lambda *_: None)


def test_a_sound_configuration_is_told_in_numbers(company: Company) -> None:
    """What was understood is shown, so that a misunderstanding can be seen."""
    company.add(
        "[checks.played_member_mfa]\nenabled = false\nreason = 'done by another tool'\n"
        "[checks.played_member_rotated]\nmax_age = '30d'\n"
    )
    said = company.run("config", "check")

    assert said.code == 0, said.err
    compare("cli/config_command/a-sound-configuration-is-told-in-numbers", said.out)
    assert company.platform.count == 0


def test_json_says_the_same(company: Company) -> None:
    """A pipeline checks the file before it is rolled out."""
    report = company.run("config", "check", "--json").json

    assert report["sources"] == [{"name": "acme", "connector": "played", "every": "1d", "roots": [["acme"]]}]
    assert (report["checks"], report["disabled"], report["limits"]) == (7, [], {})
    assert report["frameworks"] == ["iso27001:2022"]
    assert not (company.folder / "evidence.db").exists()
