"""Stores of each released schema: today's code opens them, and they say what they said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.core.errors import VerificationError
from storage import open_store
from storage.tables import migrating
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import TickingClock, as_mapping, bodies, item, keys, scan
from tests.storage.released import DATABASES, unpack


def test_there_is_a_store_of_each_released_schema() -> None:
    """A migration that was never run on old evidence is a guess."""
    revisions = sorted(
        file.name[:4] for file in (Path(migrating.__file__).parent / "migrations" / "versions").glob("0*.py")
    )

    assert [file.name[:4] for file in DATABASES] == revisions


@pytest.mark.parametrize("database_file", DATABASES, ids=lambda file: file.name[:4])
def test_a_released_store_goes_on(database_file: Path, tmp_path: Path, clock: TickingClock) -> None:
    """Evidence has to be readable for years, by whatever version is installed then."""
    url = unpack(database_file, tmp_path)

    with open_store(url, writer=True, clock=clock) as store:
        with store.reading() as connection:
            assert migrating.revision_of(connection) == migrating.HEAD
        assert bodies(store) == {"logs": {"public": False}, "web": {}}
        assert [status.value for status in as_mapping(store).values()] == ["fail"]
        report = verify(store, VerificationRequest(rebuild=True))
        scan(store, item("next"))
        assert keys(store) == ["next"]

    revision = database_file.name[:4]
    migrated = revision != migrating.HEAD  # which is signed at once
    had_macs = revision >= "0003"
    assert (report.origin, report.checkpoints, report.unsigned) == ("example.org/released", 1 + migrated, 0)
    assert (report.authenticated, report.unauthenticated) == (report.leaves if had_macs else 2, 0)


@pytest.mark.parametrize("is_made_again", [False, True])
def test_tables_that_were_changed_before_they_were_migrated_are_found(
    is_made_again: bool, tmp_path: Path, clock: TickingClock
) -> None:
    """A migration must not be the way to make a dropped trigger right."""
    url = unpack(DATABASES[0], tmp_path)
    statement = shell_of(tmp_path, "SELECT sql FROM sqlite_master WHERE name = 'version_refuses_update'")
    shell_of(tmp_path, "DROP TRIGGER version_refuses_update")

    with open_store(url, writer=True, clock=clock) as store:
        if is_made_again:
            shell_of(tmp_path, statement)
        told = "before they" if is_made_again else "trigger version_refuses_update is missing"
        with pytest.raises(VerificationError, match=told):
            verify(store, VerificationRequest())


def shell_of(folder: Path, statement: str) -> str:
    """Change or ask the database as its owner can; return the first value of the first row."""
    with closing(sqlite3.connect(folder / "annexd.db")) as shell, shell:
        row = shell.execute(statement).fetchone()
    return "" if row is None else str(row[0])
