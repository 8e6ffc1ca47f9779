"""Stores of each released schema on PostgreSQL: today's code brings them up to date, and they say what they said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage import open_store
from storage.tables import migrating
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import TickingClock, as_mapping, bodies, item, keys, scan
from tests.storage.released_server import DUMPS, put_all_keys, restore

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name[:4])
def test_a_released_store_on_a_server_goes_on(
    dump: Path, schemas: Callable[[], str], tmp_path: Path, clock: TickingClock
) -> None:
    """Evidence has to be readable for years, by whatever version is installed then, on either database."""
    url = schemas()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        restore(dump, owner, url.rpartition("%3D")[2])
    key_file, signing_key = put_all_keys(tmp_path, dump)

    with open_store(url, writer=True, clock=clock, key_file=key_file, signing_key=signing_key) as store:
        with store.reading() as connection:
            assert migrating.revision_of(connection) == migrating.HEAD
        assert bodies(store) == {"logs": {"public": False}, "web": {}}
        assert [status.value for status in as_mapping(store).values()] == ["fail"]
        scan(store, item("next"))
        store.checkpoints.checkpoint()
        assert keys(store) == ["next"]
        report = verify(store, VerificationRequest(rebuild=True))

    assert report.origin == "example.org/released"
    assert report.checkpoints == 3 - (dump.name[:4] == migrating.HEAD)  # bringing it up to date is signed too
    assert (report.authenticated > 0, report.unauthenticated) == (True, 0)
