"""Whoever changes the store is found out: what `annexd verify` and `annexd scan` then say, and what they cannot."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from collector.actions.operator_acts import note
from collector.setup.app import open_app
from storage.log.dictionary import LeafDecompressor, compress_leaf
from storage.log.merkle import leaf_hash
from tests.cli.texts import compare
from tests.daemon.test_serve import daemon, until
from tests.played.company import Company, Said
from tests.storage.intruder import intruder
from tests.storage.tampered import edit

DIGESTS = re.compile(r"sha256:[0-9a-f]{64}")


@pytest.fixture
def store(company: Company) -> Path:
    """The database after two scans, with everything in its one file."""
    company.run("scan")
    company.platform.orgs["acme"]["members"][0]["role"] = "another"
    company.run("scan")
    path = company.folder / "evidence.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")
    return path


def refusal(said: Said) -> str:
    """Return the first line of an error that has exit code 6 and says what is wrong and what to do."""
    assert said.code == 6, (said.out, said.err)
    assert said.out == ""
    assert "  so " in said.err
    assert "  to fix " in said.err
    return said.err.partition("\n")[0]


def the_leaf(path: Path, index: int) -> bytes:
    """The bytes of a leaf."""
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM log_leaf WHERE idx = ?", (index,)).fetchone()
    return LeafDecompressor().decompress(1, body)


def test_one_character_of_a_leaf(company: Company, store: Path) -> None:
    """The leaf is named with the hash that it has and the hash that was kept."""
    forged = the_leaf(store, 3).replace(b"e", b"o", 1)
    edit(store, f"UPDATE log_leaf SET body = x'{compress_leaf(forged).hex()}' WHERE idx = 3")  # noqa: S608  our own hex

    said = refusal(company.run("verify"))

    assert said.startswith("leaf 3: its hash is kept as sha256:")
    assert len(set(DIGESTS.findall(said))) == 2


def test_one_character_of_a_leaf_with_its_hash_made_anew(company: Company, store: Path) -> None:
    """Then the tree is another one: the root that was signed and the root that there is are both told."""
    forged = the_leaf(store, 3).replace(b"e", b"o", 1)
    edit(
        store,
        f"UPDATE log_leaf SET body = x'{compress_leaf(forged).hex()}', hash = x'{leaf_hash(forged).hex()}'"  # noqa: S608  our own hex
        " WHERE idx = 3",
    )

    said = refusal(company.run("verify"))

    assert "is another than the one that was signed" in said or "cannot be read" in said
    assert len(set(DIGESTS.findall(said))) == 2 or "leaf 3" in said


def test_one_character_of_a_body(company: Company, store: Path) -> None:
    """The evidence itself: it is named by the digest that the record has of it, and shown with the one that it has."""
    with closing(sqlite3.connect(store)) as database:
        (a, b) = (row[0] for row in database.execute("SELECT body FROM blob ORDER BY id LIMIT 2"))
    assert a != b
    edit(store, f"UPDATE blob SET body = x'{b.hex()}' WHERE id = (SELECT min(id) FROM blob)")  # noqa: S608  our own hex

    said = refusal(company.run("verify"))

    assert said.startswith("body ")
    assert len(set(DIGESTS.findall(said))) == 2


def test_one_character_of_what_people_are_shown(company: Company, store: Path) -> None:
    """A table that is derived is derived again: the row, what it says and what follows from the record."""
    edit(store, "UPDATE finding_event SET reason = CAST('all is well' AS BLOB) WHERE id = 1")

    assert company.run("verify").code == 0
    said = refusal(company.run("verify", "--rebuild"))

    assert "table finding_event: reason is" in said
    assert "all is well" in said


def test_a_row_that_was_deleted(company: Company, store: Path) -> None:
    """The number of the leaf that is gone, and of the next one that is there."""
    edit(store, "DELETE FROM log_leaf WHERE idx = 4")

    assert refusal(company.run("verify")) == "leaf 4 is missing: the next one that is there is 5"


def test_two_rows_that_were_swapped(company: Company, store: Path) -> None:
    """Each leaf says its own place."""
    edit(
        store,
        "PRAGMA foreign_keys = OFF",
        "UPDATE log_leaf SET idx = -1 WHERE idx = 2",
        "UPDATE log_leaf SET idx = 2 WHERE idx = 3",
        "UPDATE log_leaf SET idx = 3 WHERE idx = -1",
    )

    assert refusal(company.run("verify")) == "leaf 2: it says index 3 itself, and the store has it as 2"


def test_last_weeks_copy(company: Company, store: Path, tmp_path: Path) -> None:
    """Neither verified nor written to: both numbers of leaves and the root that was signed are told."""
    shutil.copy(store, tmp_path / "old.db")
    before = company.run("verify", "--json").json["leaves"]
    company.run("scan")
    now = company.run("verify", "--json").json
    for file in company.folder.glob("evidence.db-*"):
        file.unlink()
    shutil.copy(tmp_path / "old.db", store)

    verified = refusal(company.run("verify"))
    scanned = company.run("scan")

    assert f"the log holds {before} leaves, and the signer signed {now['leaves']}" in verified
    assert "this is an older copy" in verified
    assert now["root"] in verified
    assert scanned.code == 5
    compare("cli/tampering_cli/last-weeks-copy", scanned.err)


def test_last_weeks_copy_with_its_memory_is_shown_by_a_checkpoint_from_outside_alone(
    company: Company, store: Path, tmp_path: Path
) -> None:
    """What annexd cannot know by itself it says plainly, and what shows it."""
    assert store.exists()
    shutil.copytree(company.folder, tmp_path / "old")
    company.run("scan")
    outside = tmp_path / "checkpoint"
    outside.write_text(company.run("key", "--json").json["checkpoint"])
    size = company.run("verify", "--json").json["leaves"]
    shutil.rmtree(company.folder)
    shutil.copytree(tmp_path / "old", company.folder)

    alone = company.run("verify")
    against = refusal(company.run("verify", "--against", str(outside)))

    assert alone.code == 0
    compare("cli/tampering_cli/last-weeks-copy-with-its-memory-is-shown-by", alone.out)
    assert f"the checkpoint from outside covers {size}: the last " in against
    assert company.run("scan").code == 0
    forked = refusal(company.run("verify", "--against", str(outside)))
    assert len(set(DIGESTS.findall(forked))) == 2 or "are missing" in forked


def test_a_second_daemon(company: Company, store: Path, offered: Path) -> None:
    """It is told which process serves the store, and since when; the first goes on."""
    assert store.exists()
    with daemon(company, offered) as process:
        until(process.stderr, "next run")
        said = company.run("serve")

    assert said.code == 5
    assert re.search(rf"evidence.db is served by process {process.pid} on \S+ since 20\d\d-\d\d-\d\dT", said.err)


def test_any_byte_of_the_file(company: Company, store: Path) -> None:
    """Whatever was hit, the command ends in words: with 0 only where the byte meant nothing."""
    whole = store.read_bytes()
    codes = set()
    for at in range(0, len(whole), len(whole) // 12):
        store.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        said = company.run("verify", "--rebuild")
        codes.add(said.code)
        assert "annexd broke" not in said.err, at

    assert codes <= {0, 5, 6}
    store.write_bytes(whole)


@pytest.mark.parametrize("kind", ["judged", "attested", "company_file"])
def test_an_entry_that_somebody_added_without_the_key(company: Company, store: Path, kind: str) -> None:
    """It is named, and no command records, signs or exports behind it."""
    with intruder(f"sqlite:///{store}", mac=bytes(32)) as inside:
        inside.add(kind)
        size = inside.next_index(inside.connection)
    bundle = company.folder / "out.zip"
    terms = ("--from", "2026-01-01", "--to", "2026-12-31")

    for words in (("verify",), ("scan",), ("export", str(bundle), *terms), ("record",), ("store", "compact")):
        assert refusal(company.run(*words)).startswith(f"log entry {size - 1}: its MAC"), words

    assert not bundle.exists()
    with intruder(f"sqlite:///{store}") as inside:
        assert inside.next_index(inside.connection) == size


def test_without_the_signing_key_it_is_said_what_nobody_proves(company: Company, store: Path) -> None:
    """As an auditor's copy: nothing is claimed of what no checkpoint covers."""
    (company.folder / "scope.toml").unlink(missing_ok=True)
    with open_app(company.config).open_store(writer=True) as opened:
        note(opened, "looked", {})
    with_key = company.run("verify", "--json").json
    for file in company.folder.glob("*.signing.pem"):
        file.unlink()

    without = company.run("verify", "--json").json

    assert (with_key["unsigned"], with_key["unauthenticated"]) == (1, 0)
    assert with_key["authenticated"] == with_key["leaves"]
    assert (without["unsigned"], without["unauthenticated"], without["authenticated"]) == (1, 1, 0)
    assert store.exists()


def test_files_are_recorded_and_keys_rotated_while_a_run_goes_on(company: Company, store: Path) -> None:
    """Nobody waits for a platform that hangs."""
    with open_app(company.config).open_store(writer=True) as run:
        assert (
            company.run(
                "record",
            ).code
            == 0
        )
        assert company.run("key", "rotate", "--reason", "yearly").code == 0
        assert company.run("store", "compact").code == 5
        note(run, "looked", {})

    assert company.run("verify", "--rebuild").code == 0
    assert store.exists()


def test_a_clock_that_ran_backwards_is_told(company: Company, store: Path) -> None:
    """Then the order of the record still holds, and its times may not."""
    script = (
        "import sys; from datetime import UTC, datetime, timedelta; from storage import open_store;"
        "from collector.core.facts import OperatorAct; at = datetime.now(UTC) - timedelta(hours=1);"
        "store = open_store(sys.argv[1], writer=True, clock=lambda: at);"
        "store.write([OperatorAct(at=at, by='ann', host='h', act='looked', about={})]); store.close()"
    )
    subprocess.run([sys.executable, "-c", script, f"sqlite:///{store}"], check=True, cwd=Path(__file__).parents[3])

    said = company.run("verify")
    report = company.run("verify", "--json").json

    assert said.code == 0
    assert "clock_anomaly" in said.out
    assert (report["clock_anomalies"], report["first_clock_anomaly"]) == (1, report["leaves"] - 1)
