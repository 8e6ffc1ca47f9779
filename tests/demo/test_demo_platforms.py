"""The demo's platforms beside AWS and GitHub: those that can be played here, and what is said of the others."""

from __future__ import annotations

import io
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from msgspec.structs import replace

from collector.cli.demo.demo_page import screen, show_demo
from collector.demo import platforms
from collector.demo.json_answers import JsonAnswers, Refusal
from collector.setup import loading

if TYPE_CHECKING:
    from tests.demo.demo_run import DemoRun

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", platforms.NEEDS)
def test_each_is_a_source_of_its_own_connector(name: str) -> None:
    """Its table is read as an operator's would be, and nothing of it is in clear that is in a variable."""
    made = {found.table: found for found in platforms.platforms(lambda: NOW, NOW)}
    table, played = next(
        (tomllib.loads(table), played)
        for table, played in made.items()
        if f'connector = "{name}"' in " ".join(table.split())
    )
    (source,) = table["sources"].values()

    assert source["connector"] in loading.builtin()
    assert played.system.count("[[system]]") == 1
    assert [value for value in played.variables.values() if value in played.table] == []
    assert all(variable.startswith("ACME_") for variable in played.variables)


def test_one_whose_packages_are_not_here_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo does not fetch hundreds of megabytes for a part of it."""
    monkeypatch.setattr(platforms, "NEEDS", {"okta": (), "entra": ("no_such_package",)})
    monkeypatch.setattr(platforms, "EXTRAS", {"entra": "microsoft"})

    assert [found.about for found in platforms.platforms(lambda: NOW, NOW)] == ["7 people at Okta"]
    assert platforms.left_out() == {"entra": "microsoft"}


def test_what_is_left_out_is_said(demo_run: DemoRun) -> None:
    """With what installs it."""
    out = io.StringIO()
    show_demo(replace(demo_run.shape, left_out={"entra": "microsoft"}), screen(out))

    assert "entra (pip install 'annexd[microsoft]')" in " ".join(out.getvalue().split())


def test_a_path_without_a_document_is_refused_as_the_platform_does_it() -> None:
    """And what has parameters of its own is told apart."""
    answers = JsonAnswers(lambda: NOW, lambda request: Refusal(404, {"missing": request.url.path}), {"x-next": ""})
    answers.documents = {"/list?type=a": [1], "/list": None, "/made": lambda request: request.method}

    def asked(path: str) -> tuple[int, object]:
        answer = answers(httpx.Request("GET", f"https://acme.invalid{path}"))
        assert answer.headers["date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
        assert answer.headers["x-next"] == ""
        return answer.status_code, answer.json()

    assert asked("/list?size=2&type=a") == (200, [1])
    assert asked("/list?type=b") == (200, None)
    assert asked("/made") == (200, "GET")
    assert asked("/elsewhere") == (404, {"missing": "/elsewhere"})
