"""`annexd demo`: the first thing that a stranger sees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from collector.cli.main import main


def test_the_demo_shows_a_company_and_leaves_its_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command, no account, no network; and afterwards every reading command has something to read."""
    monkeypatch.setenv("AWS_PROFILE", "somebodys-own")
    folder = tmp_path / "demo"

    assert main(["demo", "--dir", str(folder)]) == 0

    out = capsys.readouterr().out
    assert "Acme has 4 AWS accounts" in out
    assert "sandbox" in out
    assert "on GitHub, in the organization acme: shop, infrastructure" in " ".join(out.split())
    assert "What the scan came to" in out
    assert "needs config:DescribeConfigurationRecorders" in out
    assert "needs Organization Webhooks: read" in out
    assert f"annexd -c {folder}/config.toml status" in out
    assert os.environ["AWS_PROFILE"] == "somebodys-own"
    assert "AWS_SECRET_ACCESS_KEY" not in (folder / "config.toml").read_text()
    assert main(["-c", str(folder / "config.toml"), "plan"]) == 0


def test_the_demo_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder may hold somebody's evidence."""
    (tmp_path / "config.toml").write_text("mine")

    assert main(["demo", "--dir", str(tmp_path)]) == 3
    assert "is not empty" in capsys.readouterr().err


def test_without_its_extra_the_demo_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The played platform is large, and nobody's server needs it."""
    monkeypatch.setattr("collector.cli.demo.demo_command._NEEDED", ("a_package_that_is_not_there",))

    assert main(["demo"]) == 3
    assert "pip install 'annexd[demo]'" in capsys.readouterr().err
