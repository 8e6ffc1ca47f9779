"""The package of the guide as it would be installed, and a company that uses it."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extending.guide import COMPANY, HERE, PACKAGE
from tests.played.company import Company
from tests.played.platform import Platform

collect_ignore = [PACKAGE, COMPANY]
"""What the guide made: it is run as whoever follows the guide runs it, in a process of its own."""


def install(package: Path, site: Path) -> list[Path]:
    """Write what `pip install` leaves in a site folder, and return the folders that are to be on the path."""
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", "utf-8"
    )
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), "utf-8")
    return [site, package / "src"]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a copy of the package of the guide."""
    return shutil.copytree(HERE / PACKAGE, tmp_path / PACKAGE)


@pytest.fixture
def path(package: Path, tmp_path: Path) -> list[Path]:
    """Return what is on the path where the package is installed."""
    return install(package, tmp_path / "site")


@pytest.fixture
def extended(
    path: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Company]:
    """Return the company of the guide, with the package installed in this process."""
    for folder in path:
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("ACME_TOKEN", "made up")
    yield Company(shutil.copytree(HERE / COMPANY, tmp_path / COMPANY), Platform(), capsys)
    for name in [name for name in sys.modules if name.partition(".")[0] == "annexd_acme"]:
        del sys.modules[name]
