"""Stores of earlier versions: proven, and answering what they answered, for as long as there is annexd."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.compatibility.answers import ANSWERS
from tests.compatibility.conftest import EACH, Install
from tests.compatibility.leaves import recorded_codes
from tests.compatibility.program import FIXTURES, VERSIONS, Installed, spoiled, unpack


def golden(version: str, name: str) -> Any:
    """Return what was kept beside the fixtures when they were made."""
    return json.loads((FIXTURES / version / name).read_text("utf-8"))


def expected(store: Installed) -> Any:
    """Return what this store has to answer; few answers of the one on a server are its own."""
    answers = golden(store.version, "answers.json")
    return answers if store.url is None else answers | golden(store.version, "answers.postgresql.json")


@pytest.mark.parametrize("asked", sorted(ANSWERS))
def test_it_says_what_it_said(store: Installed, asked: str) -> None:
    """Evidence is kept for years, and has to say the same under whatever version is installed then."""
    said = ANSWERS[asked](store)

    assert json.loads(json.dumps(said)) == expected(store)[asked]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_code_of_each_check_is_listed_as_recorded(version: str, tmp_path: Path) -> None:
    """What leads from an old digest of a check to its new one is tested against this list."""
    unpack(version, "sqlite", tmp_path)

    assert recorded_codes(tmp_path / "annexd.db") == golden(version, "codes.json")


@pytest.mark.parametrize(("version", "database"), EACH)
def test_a_store_goes_on(version: str, database: str, install: Install, tmp_path: Path) -> None:
    """New leaves on top of old ones are signed with the old key, and lead on from what was signed before."""
    old = install(version, database, tmp_path)
    old.bring_up_to_date()
    _, head = old.heads()[-1]
    (tmp_path / "head").write_text(head, "utf-8")
    (tmp_path / "actions.toml").unlink()
    assert old.run("record").code == 0
    assert old.run("key", "rotate", "--reason", "yearly").code == 0

    said = old.json("verify", "--rebuild", "--against", str(tmp_path / "head"))

    assert said["against"] == int(head.split("\n")[1])
    assert said["checkpoints"] > expected(old)["verified"]["checkpoints"]
    assert said["unsigned"] == 0


_COLUMNS = {"leaf": ("log_leaf", "body"), "hash": ("log_leaf", "hash"), "body": ("blob", "body")}


@pytest.mark.parametrize(("version", "database"), EACH)
@pytest.mark.parametrize("what", [*_COLUMNS, "signature"])
def test_one_changed_byte_is_found(version: str, database: str, what: str, install: Install, tmp_path: Path) -> None:
    """Old evidence would be worth nothing where it could be changed under a new version."""
    unpack(version, database, tmp_path)
    path, place = (tmp_path / "annexd.db", in_file) if database == "sqlite" else (tmp_path / "dump.sql", in_dump)
    path.write_bytes(spoiled(path.read_bytes(), place(path, what)))

    installed = install(version, database, tmp_path)
    upgraded = installed.run("store", "upgrade", "--acknowledge", "--reason", "as it was released")

    assert upgraded.code == 6 or installed.run("verify").code == 6


def in_file(path: Path, what: str) -> int:
    """Return where in a database of SQLite a byte of some value is, which lies there in one piece."""
    if what == "signature":
        return path.read_bytes().index("\n\n\u2014 ".encode()) + 60
    table, column = _COLUMNS[what]
    with closing(sqlite3.connect(path)) as database:
        statement = (
            f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL AND length({column}) < 400 LIMIT 1 OFFSET 9"  # noqa: S608  our own names
        )
        (value,) = database.execute(statement).fetchone()
    return path.read_bytes().index(value) + len(value) // 2


def in_dump(path: Path, what: str) -> int:
    """Return where in a dump a digit of some value is."""
    data = path.read_bytes()
    if what == "signature":
        return data.index("\n\n\u2014 ".encode()) + 60
    line = {
        "leaf": rb"\.log_leaf VALUES \(9, .*'\\x([0-9a-f]+)', '\\x[0-9a-f]+'\);",
        "hash": rb"\.log_leaf VALUES \(9, .*'\\x[0-9a-f]+', '\\x([0-9a-f]+)'\);",
        "body": rb"\.blob VALUES \(9, .*'\\x([0-9a-f]+)'\);",
    }[what]
    found = re.search(line, data)
    assert found is not None
    return sum(found.span(1)) // 2
