"""A store that is older than MACs: what nothing proves is reported, and never taken over in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg
import pytest

from collector.core.errors import StoreError, VerificationError
from storage import open_store
from storage.log.mac_beginning import Acknowledgement
from storage.tables import migrating
from storage.upgrading import plan_upgrade
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.golden_parts import compare_error
from tests.storage.evidence import TickingClock, started
from tests.storage.intruder import intruder
from tests.storage.released import FOLDER, put_keys, unpack
from tests.storage.released_server import restore

OLD = "0002"
ALLOWED = Acknowledgement("written by the old annexd on Friday", "ann")


@pytest.fixture
def old(database: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store of the revision before MACs, all of it signed."""
    if database == "sqlite":
        return unpack(FOLDER / f"{OLD}.db.zst", tmp_path)
    monkeypatch.chdir(tmp_path)
    make: Callable[[], str] = request.getfixturevalue("schemas")
    url = make()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        restore(FOLDER / f"{OLD}.postgresql.sql.zst", owner, url.rpartition("%3D")[2])
    put_keys(tmp_path)
    for suffix in (".key", ".signing.pem"):
        (tmp_path / f"annexd.db{suffix}").rename(tmp_path / f"annexd{suffix}")
    state = (FOLDER / f"{OLD}.postgresql.state.json").read_bytes()
    (tmp_path / "annexd.signing.pem.state").write_bytes(state)
    return url


def prove(url: str, clock: TickingClock) -> VerificationReport:
    """Verify the store as the command does."""
    with open_store(url, writer=False, clock=clock) as store:
        return verify(store, VerificationRequest(rebuild=True))


def revision(url: str) -> str | None:
    """Return the revision of the tables."""
    with intruder(url) as inside:
        return migrating.revision_of(inside.connection)


def test_a_signed_store_is_brought_up_to_date_at_once(old: str, clock: TickingClock) -> None:
    """Its signature proves what is there, and the beginning of MACs is signed before anything else is recorded."""
    plan = plan_upgrade(old)
    open_store(old, writer=True, clock=clock).close()
    report = prove(old, clock)

    assert (plan.was, plan.now, plan.unproven) == (OLD, migrating.HEAD, {})
    assert (report.leaves, report.signed) == (plan.entries + 2, plan.entries + 2)
    assert (report.authenticated, report.unauthenticated) == (2, 0)


def test_unsigned_entries_are_reported_and_not_taken_over(old: str, clock: TickingClock) -> None:
    """Anybody with the database may have added them."""
    with intruder(old) as inside:
        inside.add_old("judged")
        inside.add_old("attested")
    plan = plan_upgrade(old)

    for restoring in (False, True):
        with pytest.raises(StoreError) as told:
            open_store(old, writer=True, clock=clock, restoring=restoring)

    compare_error("storage/errors", "upgrade: entries that nothing proves", told.value)
    assert (plan.first, plan.unproven) == (plan.entries - 2, {"attested": 1, "judged": 1})
    assert revision(old) == OLD


def test_acknowledged_entries_stay_and_the_record_says_so(old: str, clock: TickingClock) -> None:
    """Who reads the log later sees what was let stay, and by whom."""
    with intruder(old) as inside:
        inside.add_old("operator_act")
        inside.add_old("anchored")
    first = plan_upgrade(old).first
    with open_store(old, writer=True, clock=clock, acknowledged=ALLOWED) as store:
        (stated,) = [leaf for leaf in store.log() if leaf.kind == "macs"]

    assert stated.fact["unproven"] == {
        "count": 2,
        "first": first,
        "last": first + 1,
        "kinds": {"anchored": 1, "operator_act": 1},
        "reason": ALLOWED.reason,
        "by": "ann",
    }


def test_a_crash_before_the_signature_leaves_nothing_to_forge(
    old: str, clock: TickingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first entry with a MAC states the log hash before it."""
    with intruder(old) as inside:
        inside.add_old("operator_act")
    first = plan_upgrade(old).first
    with monkeypatch.context() as killed:
        killed.setattr("storage.log.checkpoints.Checkpoints.checkpoint", lambda _: None)
        open_store(old, writer=True, clock=clock, acknowledged=ALLOWED).close()
    assert_unsigned(old, clock)
    with intruder(old) as inside:
        inside.do(f"DELETE FROM log_leaf WHERE idx = {first}")  # noqa: S608  our own number
        inside.add_old("judged", at=first)

    with pytest.raises(VerificationError, match=f"the first {first + 1} log entries have the log hash"):
        prove_only(old, clock)
    with open_store(old, writer=True, clock=clock) as store:
        store.write([started("run-9")])
        with pytest.raises(VerificationError, match=f"the first {first + 1} log entries have the log hash"):
            store.checkpoints.checkpoint()


def assert_unsigned(url: str, clock: TickingClock) -> None:
    """Three entries are behind the newest checkpoint, all proven by MACs."""
    report = prove_only(url, clock)
    assert (report.unsigned, report.authenticated, report.unauthenticated) == (3, 2, 0)


def prove_only(url: str, clock: TickingClock) -> VerificationReport:
    """Verify without deriving tables again."""
    with open_store(url, writer=False, clock=clock) as store:
        return verify(store, VerificationRequest())


def test_a_pretended_checkpoint_covers_nothing(old: str, clock: TickingClock) -> None:
    """Otherwise what was added would count as signed."""
    with intruder(old) as inside:
        inside.add_old("judged")
        inside.do(
            "INSERT INTO checkpoint (size, peaks, note) SELECT size + 1, peaks, note FROM checkpoint"
            " WHERE size = (SELECT max(size) FROM checkpoint)"
        )

    with pytest.raises(VerificationError):
        open_store(old, writer=True, clock=clock)
    assert revision(old) == OLD


@pytest.mark.parametrize(
    ("changed", "what"), [({"root": "sha256:" + "0" * 64}, "another history"), ({"size": 1 << 30}, "rolled back")]
)
def test_a_store_with_another_history_stays_as_it_was(
    old: str, clock: TickingClock, tmp_path: Path, changed: dict[str, object], what: str
) -> None:
    """Whoever put the wrong copy in place puts the right one back; the wrong one is not touched."""
    [memory] = tmp_path.glob("*.state")
    memory.write_bytes(msgspec.json.encode(msgspec.json.decode(memory.read_bytes()) | changed))
    entries = plan_upgrade(old).entries

    with pytest.raises(StoreError, match=what):
        open_store(old, writer=True, clock=clock)

    assert (revision(old), plan_upgrade(old).entries) == (OLD, entries)
