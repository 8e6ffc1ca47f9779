"""The program as it is installed, and the fixtures that it has to read: what changes when the program moves is here."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import patch

import zstandard

from storage import open_store

FIXTURES = Path(__file__).parent / "fixtures"
VERSIONS = tuple(sorted(one.name for one in FIXTURES.iterdir()))
SCHEMA = "released_store"
"""The schema that the dumps of PostgreSQL name."""

_OURS = ("ANNEXD_CONFIG", "ANNEXD_STORE_URL")


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


def annexd(*words: str, store: str | None = None) -> Said:
    """Give one command as a shell would; `store` is the address of a store other than the configuration's."""
    (script,) = entry_points(group="console_scripts", name="annexd")
    run, out, err = script.load(), io.StringIO(), io.StringIO()
    env = {name: value for name, value in os.environ.items() if name not in _OURS}
    env |= {"ANNEXD_STORE_URL": store} if store else {}
    with (
        patch.object(sys, "argv", ["annexd", *words]),
        patch.dict(os.environ, env, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = run()
        except SystemExit as ended:
            code = ended.code
    return Said(int(code or 0), out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Installed:
    """A store that a version made, in a folder of its own; `url` is its address where that is on a server."""

    folder: Path
    version: str
    url: str | None = None

    def run(self, *words: str) -> Said:
        """Give one command about this store."""
        return annexd("-c", str(self.folder / "config.toml"), *words, store=self.url)

    def bring_up_to_date(self) -> None:
        """Upgrade the store; the entries that it left unsigned are its own."""
        said = self.run("store", "upgrade", "--acknowledge", "--reason", "as it was released")
        assert said.code == 0, said.err

    def heads(self) -> list[tuple[int, str]]:
        """Return size and note of each checkpoint that the version itself signed."""
        url = self.url or f"sqlite:///{self.folder / 'annexd.db'}"
        store_key, signing_key = self.folder / "annexd.key", self.folder / "annexd.pem"
        with (
            open_store(
                url, writer=False, clock=lambda: datetime.now(UTC), key_file=store_key, signing_key=signing_key
            ) as store,
            store.reading() as connection,
        ):
            own = (
                "SELECT size, note FROM checkpoint WHERE size <="
                " (SELECT coalesce(min(idx), 1000000) FROM log_leaf WHERE kind = 'macs') ORDER BY size"
            )
            return [(size, note) for size, note in connection.exec_driver_sql(own)]

    def json(self, *words: str) -> Any:
        """Give one command that has to succeed, and return what it prints for machines."""
        said = self.run(*words, "--json")
        assert said.code == 0, said.err
        return json.loads(said.out)


def unpack(version: str, database: str, folder: Path, *, of: Path = FIXTURES) -> None:
    """Put a store with what lies beside it into a folder: `annexd.db`, or `dump.sql`, keys, signer, configuration."""
    data = zstandard.ZstdDecompressor().decompress((of / version / f"{database}.tar.zst").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")


def load_dump(dump: str, server: str, schema: str) -> str:
    """Put a dump into a new schema of a server, and return the address of the store there."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE SCHEMA {schema}".encode())
        owner.execute(re.sub(rf"\b{SCHEMA}\b", schema, dump).encode())
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"


def spoiled(data: bytes, at: int) -> bytes:
    """Return the bytes with one of them changed; a hexadecimal digit becomes another one."""
    return data[:at] + (b"1" if data[at : at + 1] == b"0" else b"0") + data[at + 1 :]
