"""Who has the database and not the signing key adds no entry, moves none and takes none away unnoticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from collector.core.errors import AnnexdError, StoreError, VerificationError
from storage import SqlStore, open_store
from storage.log.macs import MacKey
from storage.log.signing import make_signing_key
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.golden_parts import compare_part
from tests.storage.evidence import TickingClock, ended, item, scan, started
from tests.storage.intruder import SHAPES, Intruder, intruder, macs_from, rotation_to, set_aside, without_key

MACS: dict[str, Callable[[str], bytes | None]] = {
    "none": lambda _: None,
    "invented": lambda _: os.urandom(32),
    "copied": lambda url: mac_at(url, 2),
}
"""What somebody without the key can write where a MAC belongs."""


@pytest.fixture
def signed(url: str, clock: TickingClock) -> str:
    """The address of a store with five signed entries and three behind them, closed."""
    with open_store(url, writer=True, clock=clock) as store:
        store.write([started()])
        scan(store, item("logs"))
        scan(store, item("logs"), item("web"))
        store.write([ended()])
        store.checkpoints.checkpoint()
        store.write([started("run-2")])
        scan(store, item("web"), run="run-2")
        store.write([ended("run-2")])
    return url


def mac_at(url: str, index: int) -> bytes | None:
    """Return the MAC beside an entry."""
    with intruder(url, role=None) as inside:
        found: bytes | None = inside.connection.exec_driver_sql(
            "SELECT mac FROM log_leaf WHERE idx = ?", (index,)
        ).scalar_one()
    return found


def prove(url: str, clock: TickingClock, **asked: object) -> VerificationReport:
    """Verify the store as the command does."""
    with open_store(url, writer=False, clock=clock) as store:
        return verify(store, VerificationRequest(**asked))  # type: ignore[arg-type]  # whatever a test asks


def refused(url: str, clock: TickingClock) -> str:
    """Return why verification refuses the store; a writer refuses it too, and neither records nor signs."""
    with intruder(url) as inside:
        size = inside.next_index(inside.connection)
    with pytest.raises(VerificationError) as told:
        prove(url, clock)
    with pytest.raises(AnnexdError):
        open_store(url, writer=True, clock=clock)
    with intruder(url) as inside:
        assert inside.next_index(inside.connection) == size
    return told.value.what


def test_what_annexd_wrote_is_proven_with_the_key(signed: str, clock: TickingClock) -> None:
    """An alarm that always rings is no alarm."""
    report = prove(signed, clock, rebuild=True)

    assert (report.leaves, report.signed, report.unsigned) == (8, 5, 3)
    assert (report.authenticated, report.unauthenticated) == (8, 0)


def test_without_the_key_it_is_said_how_many_nobody_proves(signed: str, clock: TickingClock, tmp_path: Path) -> None:
    """An auditor's copy proves what is signed, and says what is not."""
    without_key(signed, tmp_path)

    report = prove(signed, clock)

    assert (report.authenticated, report.unauthenticated) == (0, 3)


@pytest.mark.parametrize("mac", sorted(MACS))
@pytest.mark.parametrize("kind", SHAPES)
def test_an_entry_that_somebody_added_is_found_and_never_signed(
    signed: str, clock: TickingClock, kind: str, mac: str
) -> None:
    """A well-formed entry with its rows, behind the newest checkpoint, was signed by the next run."""
    with intruder(signed, mac=MACS[mac](signed)) as inside:
        inside.add(kind)

    assert refused(signed, clock).startswith("log entry 8")


@pytest.mark.parametrize("kind", ["judged", "attested"])
def test_an_entry_that_somebody_adds_during_a_run_stops_it(url: str, clock: TickingClock, kind: str) -> None:
    """The run would have gone on behind it, and signed it at its end."""
    store = open_store(url, writer=True, clock=clock)
    store.write([started()])
    with intruder(url, mac=bytes(32)) as inside:
        inside.add(kind)

    with pytest.raises(VerificationError, match=r"^log entry 2: its MAC is not the one"):
        store.write([ended()])
    with pytest.raises(VerificationError, match=r"^log entry 2: its MAC is not the one"):
        store.checkpoints.checkpoint()
    store.close()
    assert "log entry 2" in refused(url, clock)


EXCHANGE = (
    "UPDATE log_leaf SET mac = (SELECT mac FROM kept_aside k WHERE k.idx = 13 - log_leaf.idx) WHERE idx IN (6, 7)"
)
EDITS: dict[str, tuple[tuple[str, ...], str]] = {
    "no MAC any more": (("UPDATE log_leaf SET mac = NULL WHERE idx = 6",), "log entry 6 has no MAC"),
    "no MACs any more": (("UPDATE log_leaf SET mac = NULL",), "log entry 0 has no MAC"),
    "the MAC of another": (
        ("UPDATE log_leaf SET mac = (SELECT mac FROM log_leaf WHERE idx = 5) WHERE idx = 6",),
        "log entry 6: its MAC",
    ),
    "two MACs exchanged": (
        (
            "CREATE TABLE kept_aside AS SELECT idx, mac FROM log_leaf",
            EXCHANGE,
            "DROP TABLE kept_aside",
        ),
        "log entry 6: its MAC",
    ),
    "the last removed and its MAC kept": (
        (
            "UPDATE log_leaf SET mac = (SELECT mac FROM log_leaf WHERE idx = 7) WHERE idx = 6",
            "DELETE FROM run_event WHERE leaf = 7",
            "DELETE FROM log_leaf WHERE idx = 7",
        ),
        "log entry 6: its MAC",
    ),
    "a MAC of a signed entry": (
        ("UPDATE log_leaf SET mac = (SELECT mac FROM log_leaf WHERE idx = 1) WHERE idx = 3",),
        "log entry 3: its MAC",
    ),
    "one removed from the middle": (
        ("DELETE FROM run_event WHERE leaf = 5", "DELETE FROM log_leaf WHERE idx = 5"),
        "leaf 5 is missing",
    ),
}


@pytest.mark.parametrize("what", [name for name in EDITS if name != "a MAC of a signed entry"])
def test_an_edit_behind_the_newest_checkpoint_is_found(signed: str, clock: TickingClock, what: str) -> None:
    """Moving and removing are forging too."""
    statements, told = EDITS[what]
    with intruder(signed) as inside:
        inside.do(*statements)

    assert told in refused(signed, clock)


def test_a_changed_mac_beside_a_signed_entry_is_found(signed: str, clock: TickingClock) -> None:
    """It forges nothing, and is not as it was written; a writer looks behind the newest checkpoint only."""
    statements, told = EDITS["a MAC of a signed entry"]
    with intruder(signed) as inside:
        inside.do(*statements)

    with pytest.raises(VerificationError, match=told):
        prove(signed, clock)


def test_two_entries_that_changed_places_are_found(signed: str, clock: TickingClock) -> None:
    """With their MACs, hashes and bodies."""
    with intruder(signed) as inside:
        names = "kind, recorded_at, dictionary, body, hash, mac"
        inside.do(
            "CREATE TABLE kept_aside AS SELECT * FROM log_leaf WHERE idx IN (5, 7)",
            *(
                f"UPDATE log_leaf SET {name} = (SELECT {name} FROM kept_aside k WHERE k.idx = 12 - log_leaf.idx)"  # noqa: S608
                " WHERE idx IN (5, 7)"
                for name in names.split(", ")
            ),
            "DROP TABLE kept_aside",
        )

    assert "leaf 5: it says index 7" in refused(signed, clock)


def test_a_second_beginning_is_found(signed: str, clock: TickingClock) -> None:
    """Entries before it would need no MAC."""
    with intruder(signed) as inside:
        inside.add_fact("macs", macs_from("00" * 32))

    assert "says that MACs begin with it, and they began with 0" in refused(signed, clock)


def test_a_key_that_somebody_else_hands_over_to_is_found(signed: str, clock: TickingClock, tmp_path: Path) -> None:
    """Whose MACs nobody here could compute again."""
    with open_store(signed, writer=False, clock=clock) as store:
        key = str(store.checkpoints.key())
        own = MacKey(make_signing_key(tmp_path / "own.pem"), store.name)
    with intruder(signed, mac=own.next(own.first(8, mac_at(signed, 7)), 8, b"")) as inside:
        inside.add_fact("key", rotation_to(key, own.id))

    assert "says that MACs are made with another key" in refused(signed, clock)


def test_what_was_cut_off_is_missed_by_the_process_that_wrote_it(url: str, clock: TickingClock) -> None:
    """Nobody else can know of it; the signer's memory knows what was signed."""
    store = open_store(url, writer=True, clock=clock)
    store.write([started()])
    store.checkpoints.checkpoint()
    store.write([ended()])
    with intruder(url) as inside:
        inside.do("DELETE FROM run_event WHERE leaf = 2", "DELETE FROM log_leaf WHERE idx = 2")

    with pytest.raises(StoreError) as told:
        store.write([ended()])
    compare_part("storage/errors", "write: the end of the log was cut off", told.value.what)
    store.close()
    assert prove(url, clock).unauthenticated == 0  # listed in docs/integrity.md


def test_the_beginning_that_the_signer_remembers_holds(signed: str, clock: TickingClock, tmp_path: Path) -> None:
    """It cannot be moved by whoever has the database."""
    state = next(tmp_path.glob("*.signing.pem.state"))
    assert '"macs":0' in state.read_text()
    state.write_text(state.read_text().replace('"macs":0', '"macs":3'))

    assert "have MACs from 0 on, and the signer remembers 3" in refused(signed, clock)


def test_a_lost_memory_does_not_lose_the_beginning(signed: str, clock: TickingClock, tmp_path: Path) -> None:
    """The log states it, under a signed head."""
    set_aside(signed, tmp_path)
    with intruder(signed) as inside:
        inside.add("judged")

    with (
        open_store(signed, writer=True, clock=clock, restoring=True) as store,
        pytest.raises(VerificationError, match="log entry 8 has no MAC"),
    ):
        store.checkpoints.acknowledge(reason="lost", by="ann")
    with pytest.raises(VerificationError, match="log entry 8 has no MAC"):
        prove(signed, clock)


def test_a_restored_store_goes_on_with_its_macs(signed: str, clock: TickingClock, tmp_path: Path) -> None:
    """Under another name and the same key."""
    set_aside(signed, tmp_path)

    with open_store(signed, writer=True, clock=clock, restoring=True) as store:
        store.checkpoints.acknowledge(reason="lost", by="ann")
    report = prove(signed, clock)

    assert (report.leaves, report.signed, report.authenticated) == (9, 9, 9)


def test_after_a_rotation_the_old_macs_are_proven_by_the_checkpoints(signed: str, clock: TickingClock) -> None:
    """The old key is gone; what it proved is signed."""
    with open_store(signed, writer=True, clock=clock) as store:
        store.checkpoints.rotate(reason="yearly", by="ann")
        store.write([started("run-3")])
        scan(store, item("web"), run="run-3")
    report = prove(signed, clock)

    assert (report.leaves, report.signed, report.authenticated, report.unauthenticated) == (11, 9, 3, 0)
    with intruder(signed) as inside:
        inside.do("UPDATE log_leaf SET mac = NULL WHERE idx = 4")
    with pytest.raises(VerificationError, match="log entry 4 has no MAC"):
        prove(signed, clock)


def test_a_transaction_that_failed_leaves_no_gap(store: SqlStore, clock: TickingClock, url: str) -> None:
    """The next one goes on from what is there."""
    with pytest.raises(KeyError):
        store.write([started(), "no fact"])  # type: ignore[list-item]

    store.write([started()])
    store.write([ended()])

    report = prove(url, clock, rebuild=True)
    assert (report.leaves, report.authenticated) == (3, 3)


def test_the_number_before_an_entry_is_bound(store: SqlStore, tmp_path: Path) -> None:
    """One key gives other MACs for another place, another entry before, and another store."""
    key = make_signing_key(tmp_path / "a.pem")
    ours, other = MacKey(key, store.name), MacKey(key, "another store")

    assert ours.id != other.id
    hashed = bytes(32)
    made = {
        ours.next(b"a" * 32, 1, hashed),
        ours.next(b"a" * 32, 2, hashed),
        ours.next(b"b" * 32, 1, hashed),
        ours.next(b"a" * 32, 1, b"h" * 32),
        other.next(b"a" * 32, 1, hashed),
        ours.first(1, None),
        ours.first(1, bytes(32)),
        ours.first(2, None),
    }
    assert len(made) == 8


def test_only_the_inserting_hand_is_needed_to_be_found(signed: str, clock: TickingClock) -> None:
    """Whatever a checkpoint is pretended to cover, its signature is not there."""
    with intruder(signed) as inside:
        add_a_head(inside)
        inside.add("judged")

    assert "checkpoint 8" in refused(signed, clock)


def add_a_head(inside: Intruder) -> None:
    """Insert a copy of the newest checkpoint as one of more entries."""
    inside.do(
        "INSERT INTO checkpoint (size, peaks, note) SELECT 8, peaks, replace(note, '5', '8') FROM checkpoint"
        " WHERE size = 5"
    )


def test_the_end_of_the_log_is_asked_for_once_a_transaction(store: SqlStore) -> None:
    """Each question is a way to the server and back, in every transaction of a run."""
    asked: list[str] = []
    with store._open_writer().transaction() as connection:
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append(said[2]))

    store.write([started("run-2")])

    assert sum("mac FROM log_leaf" in statement for statement in asked) == 1
