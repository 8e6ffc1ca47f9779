"""Stores to attack: one original on each database, and a copy of it for each edit, with its owner's connection."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psycopg

from collector.core.errors import AnnexdError
from storage import open_store
from storage.database.unavailable import StoreUnavailable
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.storage.evidence import TickingClock
from tests.storage.tampered import fill, share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_COPIES = count(1)
_SCHEMA = "annexd"


class Target(Protocol):
    """A copy of a store, and a connection of somebody who may do anything with its database."""

    database: str
    url: str

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> None:
        """Change something."""
        ...

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Look at something."""
        ...

    def change(self, statement: str) -> None:
        """Change rows as somebody does whom neither triggers nor foreign keys hold up."""
        ...

    @property
    def state(self) -> Path:
        """The signer's memory of the store."""
        ...


@dataclass
class Copy:
    """A copy of a store: its address, and where its keys are."""

    url: str
    keys: Path
    database: str
    connection: sqlite3.Connection | psycopg.Connection

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> None:
        """Change something. Raises the errors of the driver."""
        if isinstance(self.connection, sqlite3.Connection):
            self.connection.execute(statement, values)
        else:
            self.connection.execute(statement.encode(), values or None)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Look at something."""
        if isinstance(self.connection, sqlite3.Connection):
            return self.connection.execute(statement).fetchall()
        return self.connection.execute(statement.encode()).fetchall()

    def change(self, statement: str) -> None:
        """Change rows as somebody does whom neither triggers nor foreign keys hold up."""
        if self.database == "sqlite":
            triggers = self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            for name, _ in triggers:
                self.execute(f"DROP TRIGGER {name}")
            self.execute("PRAGMA foreign_keys = OFF")
            self.execute(statement)
            for _, sql in triggers:
                self.execute(str(sql))
        else:
            self.execute("SET session_replication_role = replica")
            self.execute(statement)

    @property
    def state(self) -> Path:
        """The signer's memory of the store."""
        return self.keys / "annexd.db.signing.pem.state"

    def proven(self) -> VerificationReport:
        """Prove all that can be proven."""
        key, signing = self.keys / "annexd.db.key", self.keys / "annexd.db.signing.pem"
        with open_store(self.url, writer=False, clock=TickingClock(), key_file=key, signing_key=signing) as store:
            return verify(store, VerificationRequest(rebuild=True))

    def refused(self) -> str:
        """Return why it is refused when all is proven, or nothing where it is taken.

        Raises StoreUnavailable: that a copy could not be looked at is no answer.
        """
        try:
            self.proven()
        except StoreUnavailable:
            raise
        except AnnexdError as error:
            return error.what
        return ""


class Original(Protocol):
    """A store that is copied for each edit."""

    def copy(self) -> AbstractContextManager[Copy]:
        """Yield a copy, which is removed afterwards."""
        ...


class SqliteOriginal:
    """A store in a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "original").mkdir()
        _make(f"sqlite:///{folder / 'original' / 'annexd.db'}", folder / "original")

    @contextmanager
    def copy(self) -> Iterator[Copy]:
        """Yield a copy, which is removed afterwards."""
        folder = self._folder / f"copy-{next(_COPIES)}"
        shutil.copytree(self._folder / "original", folder)
        with closing(sqlite3.connect(folder / "annexd.db", isolation_level=None)) as connection:
            yield Copy(f"sqlite:///{folder / 'annexd.db'}", folder, "sqlite", connection)
        shutil.rmtree(folder)


class PostgresqlOriginal:
    """A store in a database of its own, which is the template of each copy."""

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server.replace("+psycopg", "")
        self._name = f"attacked_{next(_COPIES)}"
        self._folder = folder / "keys"
        self._folder.mkdir()
        self._owner(f"DROP DATABASE IF EXISTS {self._name}", f"CREATE DATABASE {self._name}")
        with psycopg.connect(self._server, dbname=self._name, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {_SCHEMA}".encode())
        _make(self._url(self._name), self._folder)

    @contextmanager
    def copy(self) -> Iterator[Copy]:
        """Yield a copy, which is removed afterwards."""
        name, keys = f"{self._name}_{next(_COPIES)}", Path(tempfile.mkdtemp(dir=self._folder.parent)) / "keys"
        shutil.copytree(self._folder, keys)
        self._owner(f"CREATE DATABASE {name} TEMPLATE {self._name}")
        with psycopg.connect(
            self._server, dbname=name, autocommit=True, options=f"-csearch_path={_SCHEMA}"
        ) as connection:
            yield Copy(self._url(name), keys, "postgresql", connection)
        self._owner(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        address, _, asked = self._server.replace("postgresql://", "postgresql+psycopg://").partition("?")
        start = address.rpartition("/")[0]
        return f"{start}/{name}?{asked}{'&' if asked else ''}options=-csearch_path%3D{_SCHEMA}"

    def _owner(self, *statements: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def _make(url: str, keys: Path) -> None:
    clock = TickingClock()
    with open_store(
        url, writer=True, clock=clock, key_file=keys / "annexd.db.key", signing_key=keys / "annexd.db.signing.pem"
    ) as store:
        fill(store, clock, runs=3, size=12)
        share(store, clock)
