"""One small store of each released schema: `python -m tests.storage.released` writes that of the newest.

Run once for a release, and never again for that schema: the file is what is out there.
"""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.core.tasks import Outcome, Task
from storage import SqlStore, open_store
from storage.backup import back_up
from storage.tables import migrating
from tests.storage.evidence import (
    BUCKETS,
    TickingClock,
    changed,
    ended,
    item,
    judged,
    planned,
    scan,
    started,
    verdict,
)

FOLDER = Path(__file__).parent / "schemas"
USERS = Task("production", "aws.iam.user", ("111122223333",))
DATABASES = tuple(sorted(FOLDER.glob("*.db.zst")))


def put_keys(folder: Path) -> None:
    """Write the keys of these stores, which are no secrets."""
    (folder / "annexd.db.key").write_bytes(b"not a secret" * 2 + b"........")
    signing = Ed25519PrivateKey.from_private_bytes(b"not a secret" * 2 + b"........")
    pem = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "annexd.db.signing.pem").write_bytes(pem)
    for name in ("annexd.db.key", "annexd.db.signing.pem"):
        (folder / name).chmod(0o600)


def unpack(database: Path, folder: Path) -> str:
    """Put a released store with its keys into a folder, and return its address."""
    put_keys(folder)
    (folder / "annexd.db").write_bytes(zstandard.ZstdDecompressor().decompress(database.read_bytes()))
    state = database.with_name(database.name.replace(".db.zst", ".state.json"))
    (folder / "annexd.db.signing.pem.state").write_bytes(state.read_bytes())
    return f"sqlite:///{folder / 'annexd.db'}"


def fill(store: SqlStore) -> None:
    """Record something of each kind."""
    store.write([started(), planned(BUCKETS)])
    scan(store, item("logs", public=True, facts={"read": 1}), item("web", unread=["policy"]), item("old"))
    store.write([judged(changed(verdict()))])
    scan(store, item("logs", public=False, facts={"read": 2}), item("web"))
    scan(store, item("web"), outcome=Outcome.PARTIAL)
    for turn in range(3):
        scan(store, item("ann", facts={"read": turn}), task=USERS, every=timedelta(hours=1))
    scan(store, item("ann", more=True, facts={"read": 4}), task=USERS, every=timedelta(hours=1))
    store.write([ended()])
    store.checkpoints.checkpoint()


def _forget_this_machine(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE lease SET holder = 'process 1 on localhost'")
    connection.close()


def main() -> None:
    """Write the store of the newest schema."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        put_keys(folder)
        url = f"sqlite:///{folder / 'annexd.db'}"
        with open_store(url, writer=True, clock=TickingClock(), origin="example.org/released") as store:
            fill(store)
        back_up(url, folder / "copy.db")
        _forget_this_machine(folder / "copy.db")
        packed = zstandard.ZstdCompressor(level=19).compress((folder / "copy.db").read_bytes())
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{migrating.HEAD}.db.zst").write_bytes(packed)
        state = (folder / "annexd.db.signing.pem.state").read_bytes()
        (FOLDER / f"{migrating.HEAD}.state.json").write_bytes(state)


if __name__ == "__main__":
    main()
