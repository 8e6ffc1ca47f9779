"""`annexd new connector`: what it writes, and when it writes nothing. That it is green is in tests/extending."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from collector.cli.setup.new_command import TEMPLATE, write_package
from collector.core.errors import UsageError
from tests import golden
from tests.played.company import Company

FILES = [
    "README.md",
    "pyproject.toml",
    "src/annexd_some_cloud/__init__.py",
    "src/annexd_some_cloud/_harness.py",
    "src/annexd_some_cloud/checks.py",
    "src/annexd_some_cloud/connector.py",
    "tests/test_checks.py",
    "tests/test_contract.py",
]


def test_it_writes_the_files_that_it_names(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a folder of the package's name where none is given."""
    monkeypatch.chdir(company.folder)
    result = company.run("new", "connector", "some_cloud", "--json")
    made = company.folder / "annexd-some_cloud"

    assert result.code == 0
    assert result.json["folder"] == "annexd-some_cloud"
    assert sorted(result.json["files"]) == FILES
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()) == FILES
    assert len(FILES) == len(list(TEMPLATE.rglob("*.txt")))


def test_the_page_says_where_to_go_on(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next three commands are what the author needs."""
    monkeypatch.chdir(company.folder)

    golden.compare("new-connector", company.run("new", "connector", "acme").out)


def test_nothing_is_left_of_the_template(tmp_path: Path) -> None:
    """Every placeholder is filled, and the connector stays small enough to be read."""
    write_package("some_cloud", tmp_path / "made")
    texts = {path: path.read_text("utf-8") for path in (tmp_path / "made").rglob("*") if path.is_file()}

    assert [path for path, text in texts.items() if "$" in text] == []
    assert all(len(text.splitlines()) < 120 for text in texts.values())


def test_what_it_writes_is_formatted_and_has_no_fault_that_ruff_knows(tmp_path: Path) -> None:
    """An author begins with files that their own linter takes."""
    made = tmp_path / "made"
    write_package("acme", made)
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["format", "--check"], ["check", "--select", "E,F,I,UP,B,SIM,RUF"]):
        ran = subprocess.run(
            [*ruff, *words, "--isolated", "--line-length", "120", "--target-version", "py311", "."],
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["Acme", "1cloud", "some-cloud", "import", "", "../acme", "aws"])
def test_a_name_that_cannot_be_a_connectors_is_refused(company: Company, name: str) -> None:
    """It becomes a module, the beginning of ids, and a word of the configuration."""
    target = company.folder / "made"
    result = company.run("new", "connector", name, "--dir", str(target))

    assert result.code == 2
    assert not target.exists()


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Nobody's work is written over."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write_package("acme", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
