"""Stores of each released schema: today's code opens them, and they say what they said."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import migrating, open_store
from storage.verification import Asked, verify
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
        report = verify(store, Asked(rebuild=True))
        scan(store, item("next"))
        assert keys(store) == ["next"]

    assert (report.origin, report.checkpoints, report.unsigned) == ("example.org/released", 1, 0)
