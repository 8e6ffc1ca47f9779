"""Links that come with connectors: where they are, and how a mistake in one is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collector.core.controls import Strength
from collector.core.errors import ConfigError
from collector.setup import loading
from mappings import connector_links, load

LINK = '{ strength = "supporting", because = "it says so" }'


def refused(folder: Path, files: dict[str, str], entries: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of such files of links beside such controls."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    links = connector_links.connector_links(folder)
    monkeypatch.setattr(connector_links, "connector_links", lambda: links)
    connector_links.with_connector_links("acme_1.toml", "acme:1", entries)
    return "taken"


def test_a_link_of_a_connector_counts_in_its_framework_and_in_those_that_are_taken_from_it() -> None:
    """The framework's own file has no word of any check."""
    control = next(control for control in load("iso27001:2022").controls if control.id == "8.5")
    earlier = {check for control in load("iso27001:2013").controls for check in control.checks}

    assert control.checks["github_org_two_factor_required"].strength is Strength.DIRECT
    assert "github_org_two_factor_required" in earlier


def test_a_file_has_links_of_its_own_connector_only() -> None:
    """Whoever reads a connector's file has read what the connector claims."""
    for file in connector_links.FOLDER.glob("*.toml"):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        own = loading.connector(file.stem).checks
        assert {check for table in tables.values() for check in table} - own.keys() == set(), file.name


def test_each_connector_has_a_file() -> None:
    """A connector without links shows nothing of any control."""
    assert {file.stem for file in connector_links.FOLDER.glob("*.toml")} == set(loading.builtin())


@pytest.mark.parametrize(
    ("files", "entry", "words"),
    [
        ({"a.toml": f'["acme:1/2"]\nx = {LINK}'}, {"id": "1"}, ["x", "acme_1.toml", "2"]),
        ({"a.toml": f'["acme:1/1"]\nx = {LINK}'}, {"id": "1", "from": []}, ["x", "taken from others"]),
        ({"a.toml": f'["acme:1/1"]\nx = {LINK}'}, {"id": "1", "checks": {"x": {}}}, ["x", "control 1"]),
        ({"a.toml": f'["acme:1/1"]\nx = {LINK}', "b.toml": f'["acme:1/1"]\nx = {LINK}'}, {"id": "1"}, ["b.toml", "x"]),
        ({"a.toml": f'["acme:1"]\nx = {LINK}'}, {"id": "1"}, ["a.toml", "acme:1"]),
        ({"a.toml": f"[acme\nx = {LINK}"}, {"id": "1"}, ["a.toml"]),
    ],
)
def test_a_mistake_is_refused_with_its_place(
    files: dict[str, str], entry: dict[str, Any], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that is left out without a word would count for nothing."""
    with pytest.raises(ConfigError) as error:
        refused(tmp_path, files, [entry], monkeypatch)

    assert [word for word in words if word not in str(error.value)] == []
