"""The definition of a store: every object in its database that decides what is kept and what is shown, by name.

A definition is {object: facts}, such as `trigger blob_refuses_delete` with the table it belongs to and its text, all of
JSON types. It is what the database itself says, on both databases, and does not depend on the name of a schema, on who
asks, or on the version of the database. What a migration makes is recorded for each revision in `definitions`, in files
that `python -m tests.storage.definitions` writes.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.canonical import digest_of, encode
from storage.log.leaf_check import mismatch
from storage.tables import defined_sqlite
from storage.tables.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from collector.core.canonical import Digest

Definition = dict[str, Any]

FOLDER = Path(__file__).parent / "definitions"
TABLES = tuple(sorted({*METADATA.tables, "alembic_version"}))
"""The names of all tables of the newest revision."""

_FORM = 1
_SHOWN = 3
_LONGEST = 120


def definition_of(connection: Connection) -> Definition:
    """Return how the database defines the store. Raises the errors of the driver."""
    if connection.dialect.name == "sqlite":
        made = defined_sqlite.definition_of(connection)
    else:
        from storage.tables import defined_postgresql  # noqa: PLC0415  a store in SQLite does not need its driver

        made = defined_postgresql.definition_of(connection, TABLES)
    # Through JSON, so that it compares equal to what was recorded.
    return msgspec.json.decode(msgspec.json.encode(dict(sorted(made.items()))), type=Definition)


def require_tables(connection: Connection) -> None:
    """Raise VerificationError where something else stands in a table's place, before anything is asked of it.

    A view, or a table with rules, policies or computed columns, may answer each reader otherwise, or never.
    """
    if connection.dialect.name == "sqlite":
        found = defined_sqlite.no_tables(connection, TABLES)
    else:
        from storage.tables import defined_postgresql  # noqa: PLC0415  a store in SQLite does not need its driver

        found = defined_postgresql.no_tables(connection, TABLES)
    if found:
        raise mismatch(f"{', '.join(found[:_SHOWN])}: not a plain table of this store, as annexd makes it")


def definition_digest(definition: Definition) -> Digest:
    """Return the digest of a definition, as log entries state it."""
    return digest_of(encode({"form": _FORM, "objects": definition}))


def schema_digest(connection: Connection) -> Digest:
    """Return the digest of the definition of the store as it is now. Raises the errors of the driver."""
    return definition_digest(definition_of(connection))


@lru_cache
def recorded(dialect: str, revision: str) -> Definition | None:
    """Return what migrating an empty database to a revision makes; None where that revision is not known here."""
    path = FOLDER / f"{revision}.{dialect}.json"
    return msgspec.json.decode(path.read_bytes(), type=Definition) if path.exists() else None


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Say for people how two definitions differ, the first few objects by name; empty where they do not."""
    told = list(_differences(found, wanted))
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*found, *wanted}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} is there, and annexd does not make it"
        elif found[name] != wanted[name]:
            ours, theirs = found[name], wanted[name]
            at = next(key for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key))
            yield f"{name}: {at} is {_shown(ours.get(at))}, and annexd makes it {_shown(theirs.get(at))}"


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
