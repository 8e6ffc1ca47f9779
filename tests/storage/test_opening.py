"""Making, opening and refusing stores."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from collector.core.errors import ConfigError, StoreError
from storage import SqlStore, open_store
from storage.database import sqlite
from storage.tables import migrating
from tests.storage.evidence import BUCKETS, TickingClock, bodies, item, keys, observed, scan

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_a_store_is_there_again_when_it_is_opened_again(url: str, clock: TickingClock) -> None:
    """Evidence outlives the process."""
    with open_store(url, writer=True, clock=clock) as first:
        scan(first, item("logs", public=False))
        name = first.name

    with open_store(url, writer=True, clock=clock) as second:
        assert second.name == name
        assert bodies(second) == {"logs": {"public": False}}


def test_only_the_owner_reads_the_files(store: SqlStore, path: Path) -> None:
    """An inventory is a map for a burglar."""
    scan(store, item("logs"))

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert set(modes) == {
        "annexd.db",
        "annexd.db-shm",
        "annexd.db-wal",
        "annexd.db.key",
        "annexd.db.batch.lock",
        "annexd.db.lock",
        "annexd.db.signing.pem",
        "annexd.db.signing.pem.state",
        "annexd.db.signing.pem.state.lock",
    }
    assert set(modes.values()) == {0o600}


def test_the_key_is_not_in_the_database(store: SqlStore, path: Path) -> None:
    """Who steals the file must not be able to guess secrets from their fingerprints."""
    scan(store, item("logs"))
    secret = path.with_name("annexd.db.key").read_bytes()

    assert all(secret not in file.read_bytes() for file in path.parent.glob("annexd.db*") if file.suffix != ".key")
    assert secret.hex().encode() not in path.read_bytes()
    assert store.redaction_key not in path.read_bytes()


def test_the_redaction_key_stays_with_the_store(url: str, clock: TickingClock) -> None:
    """A fingerprint of a secret must be the same tomorrow, or rotation could not be told."""
    with open_store(url, writer=True, clock=clock) as first:
        key = first.redaction_key

    with open_store(url, writer=False, clock=clock) as second:
        assert second.redaction_key == key
        assert len(key) == 32


@pytest.mark.parametrize("writer", [True, False])
def test_a_wrong_key_is_refused(url: str, path: Path, clock: TickingClock, writer: bool) -> None:
    """With another key every body would look new, and every secret changed."""
    open_store(url, writer=True, clock=clock).close()
    path.with_name("annexd.db.key").write_bytes(b"k" * 32)

    with pytest.raises(StoreError, match="key of another store"), open_store(url, writer=writer, clock=clock) as store:
        assert store.redaction_key


@pytest.mark.parametrize("contents", [None, b"", b"short"])
def test_a_lost_key_is_not_made_anew(url: str, path: Path, clock: TickingClock, contents: bytes | None) -> None:
    """A new key for old evidence would hide that the old one is lost."""
    open_store(url, writer=True, clock=clock).close()
    key = path.with_name("annexd.db.key")
    key.unlink()
    if contents is not None:
        key.write_bytes(contents)

    with pytest.raises(StoreError, match="store key"):
        open_store(url, writer=True, clock=clock)
    assert key.exists() == (contents is not None)


def test_the_key_may_lie_elsewhere(url: str, path: Path, tmp_path: Path, clock: TickingClock) -> None:
    """A backup of the database should not carry its key."""
    elsewhere = tmp_path / "secrets.key"

    open_store(url, writer=True, key_file=elsewhere, clock=clock).close()

    assert elsewhere.exists()
    assert not path.with_name("annexd.db.key").exists()


def test_a_store_can_be_read_without_its_key(url: str, path: Path, clock: TickingClock) -> None:
    """An auditor with a copy needs no secret."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
    path.with_name("annexd.db.key").unlink()

    with open_store(url, writer=False, clock=clock) as store:
        assert keys(store) == ["logs"]


def test_a_second_writer_learns_who_the_first_is(store: SqlStore, url: str, clock: TickingClock) -> None:
    """Two writers would tell two stories."""
    scan(store, item("logs"))

    with pytest.raises(StoreError, match=r"being written by process \d+ on \S+ since 2026-03-02T06:00:0\dZ"):
        open_store(url, writer=True, clock=clock)


def test_the_lock_goes_with_the_writer(url: str, clock: TickingClock) -> None:
    """Nobody should have to remove a file after a crash."""
    open_store(url, writer=True, clock=clock).close()

    open_store(url, writer=True, clock=clock).close()


def test_a_refused_opening_lets_the_lock_go(url: str, path: Path, clock: TickingClock) -> None:
    """Mending the key must be enough."""
    open_store(url, writer=True, clock=clock).close()
    key = path.with_name("annexd.db.key")
    right = key.read_bytes()
    key.write_bytes(b"k" * 32)
    with pytest.raises(StoreError):
        open_store(url, writer=True, clock=clock)
    key.write_bytes(right)

    open_store(url, writer=True, clock=clock).close()


def test_a_reader_is_not_blocked_by_a_write_under_way(store: SqlStore, url: str, clock: TickingClock) -> None:
    """Whoever looks at the state of things need not wait for a scan."""
    scan(store, item("logs"))
    assert store._writer is not None

    with store._writer.transaction() as connection, open_store(url, writer=False, clock=clock) as reader:
        connection.exec_driver_sql("INSERT INTO pending (blob) VALUES (1)")
        assert keys(reader) == ["logs"]
        assert keys(store) == ["logs"]


def test_a_stream_shows_one_state_from_its_first_item_to_its_last(store: SqlStore) -> None:
    """Half of yesterday and half of today is no state at all."""
    scan(store, *(item(f"{number:04}") for number in range(3_000)))
    stream = store.resources(BUCKETS.collection, source=BUCKETS.source)
    first = next(stream)

    scan(store)

    assert [first.key, *(stored.key for stored in stream)] == [f"{number:04}" for number in range(3_000)]
    assert keys(store) == []


def test_a_reader_cannot_write(url: str, clock: TickingClock) -> None:
    """A page for auditors must not be able to change what it shows."""
    open_store(url, writer=True, clock=clock).close()

    with open_store(url, writer=False, clock=clock) as reader:
        with pytest.raises(StoreError, match="opened for reading"):
            scan(reader, item("logs"))
        with (
            reader._reader.connect() as connection,
            pytest.raises(Exception, match=r"readonly database|read-only transaction"),
        ):
            connection.exec_driver_sql("DELETE FROM pending")


def test_a_reader_makes_no_store(url: str, path: Path, clock: TickingClock) -> None:
    """Looking at a path with a typing error must not leave an empty store behind."""
    with pytest.raises(StoreError, match="there is no store"):
        open_store(url, writer=False, clock=clock)

    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("writer", [True, False])
@pytest.mark.parametrize("contents", [b"no database at all" * 300, None], ids=["text", "another database"])
def test_a_file_of_something_else_is_left_alone(
    url: str, path: Path, clock: TickingClock, writer: bool, contents: bytes | None
) -> None:
    """A wrong path must not cost somebody their data."""
    if contents is not None:
        path.write_bytes(contents)
    else:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE theirs (id)")
        other.close()

    with pytest.raises(StoreError, match="cannot be used as a store"):
        open_store(url, writer=writer, clock=clock)
    assert contents is None or path.read_bytes() == contents


def test_a_store_of_the_future_is_refused(url: str, path: Path, clock: TickingClock) -> None:
    """Old code would misread new tables."""
    open_store(url, writer=True, clock=clock).close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    for writer in (True, False):
        with pytest.raises(StoreError, match="9999"):
            open_store(url, writer=writer, clock=clock)


@pytest.mark.parametrize("bad", ["annexd.db", "sqlite:///", "postgresql://db/annexd", "sqlite://annexd.db", "mysql://"])
def test_a_url_that_names_no_store_says_what_would(bad: str, clock: TickingClock) -> None:
    """The message is the manual."""
    with pytest.raises(ConfigError, match="not a store") as raised:
        open_store(bad, writer=True, clock=clock)

    assert "sqlite:///annexd.db" in raised.value.mend


def test_a_missing_folder_is_said(tmp_path: Path, clock: TickingClock) -> None:
    """The first thing that goes wrong for most people."""
    with pytest.raises(StoreError, match="No such file or directory"):
        open_store(f"sqlite:///{tmp_path}/none/annexd.db", writer=True, clock=clock)


def test_a_setting_that_does_not_hold_is_an_error(path: Path) -> None:
    """Libraries change defaults; a commit that is not on disk is not a commit."""
    connection = sqlite3.connect(":memory:")

    with pytest.raises(StoreError, match="keeps journal_mode at memory instead of wal"):
        sqlite._settle(connection, path, {"journal_mode": "wal"})
    connection.close()


def test_loading_a_store_that_is_up_to_date_does_not_load_alembic(url: str, clock: TickingClock) -> None:
    """A scan starts in a moment."""
    open_store(url, writer=True, clock=clock).close()
    script = (
        "import sys; from datetime import datetime, UTC; from storage import open_store;"
        f" open_store({url!r}, writer=True, clock=lambda: datetime.now(UTC)).close();"
        " sys.exit('alembic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, check=False).returncode == 0


def test_the_head_is_the_newest_revision() -> None:
    """A migration that nobody runs is no migration."""
    names = sorted(file.name for file in (Path(migrating.__file__).parent / "migrations" / "versions").glob("*.py"))

    assert names[-1].startswith(f"{migrating.HEAD}_")


def test_attempts_are_forgotten_when_the_store_is_closed(url: str, clock: TickingClock) -> None:
    """What was not finished was not seen."""
    with open_store(url, writer=True, clock=clock) as store:
        attempt = store.attempt(BUCKETS, "run-1")
        store.stage(attempt, [item("logs")])

    with pytest.raises(StoreError):
        store.finish(attempt, observed())


def test_a_key_that_cannot_be_read_is_said(url: str, path: Path, clock: TickingClock) -> None:
    """A mounted secret is easily mounted wrongly."""
    open_store(url, writer=True, clock=clock).close()
    key = path.with_name("annexd.db.key")
    key.unlink()
    key.mkdir()

    with pytest.raises(StoreError, match="cannot be read: Is a directory"):
        open_store(url, writer=True, clock=clock)
