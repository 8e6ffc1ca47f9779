"""What migrations make on each database: `python -m tests.storage.definitions` records it for every revision.

The files of a revision that was released never change again. ANNEXD_TEST_POSTGRES names a server, as in the tests.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg

from storage.database.database_url import database_of
from storage.tables import defined, migrating
from tests.servers import running_server
from tests.storage.evidence import MONDAY

REVISIONS = sorted(
    file.name[:4] for file in (Path(migrating.__file__).parent / "migrations" / "versions").glob("0*.py")
)
"""Every revision that there is, the oldest first."""


def made(url: str, revision: str) -> defined.Definition:
    """Migrate an empty database to a revision, and return how it is defined."""
    with ExitStack() as stack:
        engine = database_of(url).writing_engine(MONDAY, timedelta(0), stack, alongside=False)
        with engine.connect() as connection, connection.begin():
            migrating.migrate(connection, revision)
            return defined.definition_of(connection)


def written(definition: defined.Definition) -> bytes:
    """Return a definition as the bytes of its file, an object a line."""
    lines = ",\n".join(f"{_json(name)}: {_json(facts)}" for name, facts in definition.items())
    return f"{{\n{lines}\n}}\n".encode()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def main() -> None:
    """Write the files."""
    defined.FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        for revision in REVISIONS:
            file = f"sqlite:///{Path(folder) / revision}.db"
            (defined.FOLDER / f"{revision}.sqlite.json").write_bytes(written(made(file, revision)))
            schema = f"made_{revision}"
            with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
                owner.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
                owner.execute(f"CREATE SCHEMA {schema}".encode())
                there = f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"
                (defined.FOLDER / f"{revision}.postgresql.json").write_bytes(written(made(there, revision)))
                owner.execute(f"DROP SCHEMA {schema} CASCADE".encode())


if __name__ == "__main__":
    main()
