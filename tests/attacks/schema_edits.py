"""Systematic edits of the objects of a store: each dropped, renamed, replaced, altered or disabled, and new ones added.

What there is comes from the recorded definitions, so a new table is attacked as soon as it is there.
"""
# ruff: noqa: S608  an attack is put together from names that stand in our own files

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

from storage.tables import defined, migrating
from storage.tables.schema import METADATA
from tests.attacks.edit import Edit
from tests.attacks.targets import Target

_HIDE = "finding_event"


def edits(rng: random.Random, database: str = "sqlite") -> Iterator[Edit[Target]]:
    """Yield every edit there is for a database, in random order."""
    made = list(_sqlite() if database == "sqlite" else _postgresql())
    rng.shuffle(made)
    yield from made


def _statements(*statements: str) -> Edit[Target]:
    return Edit("; ".join(statements), partial(_run, statements))


def _run(statements: tuple[str, ...], target: Target) -> None:
    for statement in statements:
        target.execute(statement)


def _objects(database: str, kind: str) -> dict[str, dict[str, object]]:
    found = defined.recorded(database, migrating.HEAD)
    assert found is not None
    return {name.partition(" ")[2]: facts for name, facts in found.items() if name.startswith(f"{kind} ")}


# SQLite ---------------------------------------------------------------------------------------------------------------


def _in_the_schema_table(what: str, where: str) -> Edit[Target]:
    """Edit the table in which SQLite keeps its definitions, as only a hand does."""
    change = f"UPDATE sqlite_master SET {what} WHERE {where}"
    return _statements("PRAGMA writable_schema = ON", change, "PRAGMA writable_schema = RESET")


def hidden_trigger(name: str, table: str) -> Edit[Target]:
    """Add a trigger under a name that SQLite allows nobody to use; rows are dropped in silence."""
    body = "BEGIN SELECT RAISE(IGNORE); END"
    return _statements(
        f"CREATE TRIGGER made_up BEFORE INSERT ON {table} {body}",
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET name = '{name}', sql = 'CREATE TRIGGER {name} BEFORE INSERT ON {table} {body}'"
        " WHERE name = 'made_up'",
        "PRAGMA writable_schema = RESET",
    )


def _sqlite() -> Iterator[Edit[Target]]:
    for table, facts in _objects("sqlite", "table").items():
        yield from _sqlite_table(table, str(facts["sql"]))
    for name, facts in _objects("sqlite", "index").items():
        yield from _sqlite_index(name, str(facts["of"]), is_own=facts["sql"] is None)
    for name, facts in _objects("sqlite", "trigger").items():
        yield _statements(f"DROP TRIGGER {name}")
        for what, other in (
            (name, f"sqlite_{name}"),
            ("RAISE(ABORT", "RAISE(IGNORE"),
            ("BEFORE", "AFTER"),
            ("WHEN true", "WHEN false"),
        ):
            if what in str(facts["sql"]):
                yield _in_the_schema_table(
                    f"name = replace(name, '{what}', '{other}'), sql = replace(sql, '{what}', '{other}')",
                    f"name = '{name}'",
                )
        yield _in_the_schema_table("type = 'view'", f"name = '{name}'")
    yield _statements("CREATE VIEW shown AS SELECT * FROM finding_event WHERE status <> 'fail'")
    yield _statements("CREATE TABLE more (x)")
    yield _statements("CREATE TABLE more (x INTEGER PRIMARY KEY AUTOINCREMENT)")
    yield _statements("CREATE VIRTUAL TABLE more USING fts5(x)")
    yield _in_the_schema_table("sql = 'CREATE INDEX x ON blob (id)'", "name = 'sqlite_autoindex_blob_1'")


def _sqlite_table(table: str, sql: str) -> Iterator[Edit[Target]]:
    is_table = f"type = 'table' AND name = '{table}'"
    yield _statements("PRAGMA foreign_keys = OFF", f"DROP TABLE {table}")
    yield _statements("PRAGMA legacy_alter_table = ON", f"ALTER TABLE {table} RENAME TO {table}_2")
    yield _statements(
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {table} RENAME TO {table}_2",
        f"CREATE VIEW {table} AS SELECT * FROM {table}_2",
    )
    yield _statements(
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {table} RENAME TO {table}_2",
        f"CREATE VIEW {table} AS WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT n FROM x",
    )
    yield _statements(
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {table} RENAME TO {table}_2",
        f"CREATE TABLE {table} AS SELECT * FROM {table}_2",
    )
    yield _statements(f"ALTER TABLE {table} ADD COLUMN more TEXT")
    yield _statements(f"ALTER TABLE {table} ADD COLUMN more TEXT AS (zeroblob(1000000000)) VIRTUAL")
    yield _statements(f"CREATE TRIGGER made_up AFTER INSERT ON {table} BEGIN SELECT 1; END")
    yield _statements(f"CREATE TRIGGER made_up BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
    yield hidden_trigger("sqlite_guard", table)
    yield hidden_trigger("sqlite_autoindex_guard_1", table)
    for what, other in (
        ("NOT NULL", "NULL"),
        ("PRIMARY KEY", "UNIQUE"),
        (" TEXT", " TEXT COLLATE NOCASE"),
        ("FOREIGN KEY", "/* FOREIGN KEY */ CHECK"),
        ("CHECK", "CONSTRAINT no CHECK"),
        ("BLOB", "ANY"),
    ):
        if what in sql:
            yield _in_the_schema_table(f"sql = replace(sql, '{what}', '{other}')", is_table)
    columns = METADATA.tables[table].columns if table in METADATA.tables else ()
    for column in columns:
        yield _statements("PRAGMA legacy_alter_table = ON", f"ALTER TABLE {table} RENAME COLUMN {column.name} TO odd")
        yield _statements(f"CREATE INDEX made_up ON {table} ({column.name})")


def _sqlite_index(name: str, table: str, *, is_own: bool) -> Iterator[Edit[Target]]:
    if is_own:
        yield _statements(
            "PRAGMA writable_schema = ON",
            f"DELETE FROM sqlite_master WHERE name = '{name}'",
            "PRAGMA writable_schema = RESET",
        )
        if table != "meta":
            yield _in_the_schema_table("tbl_name = 'meta'", f"name = '{name}'")
        return
    yield _statements(f"DROP INDEX {name}")
    yield _statements(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {table} (1)")
    yield _in_the_schema_table(f"name = 'sqlite_{name}'", f"name = '{name}'")
    yield _in_the_schema_table("sql = replace(sql, ')', ' DESC)')", f"name = '{name}'")


# PostgreSQL -----------------------------------------------------------------------------------------------------------

_DEFAULTS = {
    "pg_catalog.bigint": "1",
    "pg_catalog.smallint": "1",
    "pg_catalog.boolean": "true",
    "pg_catalog.text": "'x'",
    "pg_catalog.bytea": "'x'",
    "pg_catalog.character varying(32)": "'x'",
}
_NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"


def _postgresql() -> Iterator[Edit[Target]]:
    for table in _objects("postgresql", "table"):
        yield from _postgresql_table(table)
    for name, facts in _objects("postgresql", "column").items():
        yield from _postgresql_column(name, facts)
    for name, facts in _objects("postgresql", "constraint").items():
        table, constraint = name.split(".")
        yield _statements(f"ALTER TABLE {table} DROP CONSTRAINT {constraint} CASCADE")
        yield _statements(f"ALTER TABLE {table} RENAME CONSTRAINT {constraint} TO odd")
        if facts["kind"] in {"f", "c"}:
            yield _statements(f"UPDATE pg_constraint SET convalidated = false WHERE conname = '{constraint}'")
    for name, facts in _objects("postgresql", "index").items():
        if not (facts["primary"] or facts["unique"]):
            yield _statements(f"DROP INDEX {name}")
        yield _statements(f"ALTER INDEX {name} RENAME TO odd")
        yield _statements(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    for name in _objects("postgresql", "trigger"):
        yield from _postgresql_trigger(*name.split("."))
    for name in _objects("postgresql", "function"):
        bare = name.removesuffix("()")
        yield _statements(
            f"CREATE OR REPLACE FUNCTION {bare}() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        yield _statements(f"ALTER FUNCTION {bare}() SECURITY DEFINER")
        yield _statements(f"ALTER FUNCTION {bare}() SET session_replication_role = replica")
        yield _statements(f"ALTER FUNCTION {bare}() RENAME TO odd")
    yield from _postgresql_elsewhere()


def _postgresql_table(table: str) -> Iterator[Edit[Target]]:
    moved = f"ALTER TABLE {table} RENAME TO {table}_2"
    yield _statements(f"DROP TABLE {table} CASCADE")
    yield _statements(moved)
    yield _statements(moved, f"CREATE VIEW {table} AS SELECT * FROM {table}_2")
    yield _statements(
        moved,
        f"CREATE VIEW {table} AS SELECT * FROM {table}_2 WHERE current_setting('application_name') <> 'reader'",
    )
    yield _statements(moved, f"CREATE MATERIALIZED VIEW {table} AS SELECT * FROM {table}_2")
    yield _statements(moved, f"CREATE TABLE {table} AS SELECT * FROM {table}_2")
    yield _statements(moved, f"CREATE TABLE {table} (LIKE {table}_2) PARTITION BY LIST ((1))")
    yield _statements(
        moved,
        "CREATE FOREIGN DATA WRAPPER w",
        "CREATE SERVER s FOREIGN DATA WRAPPER w",
        f"CREATE FOREIGN TABLE {table} (x int) SERVER s",
    )
    yield _statements(f"CREATE TABLE more () INHERITS ({table})")
    yield _statements("CREATE SCHEMA evil", f"CREATE TABLE evil.more () INHERITS ({table})")
    yield _statements("CREATE SCHEMA evil", f"CREATE TABLE evil.{table} (LIKE {table})")
    yield _statements("CREATE SCHEMA evil", f"CREATE VIEW evil.{table} AS SELECT * FROM {table}")
    yield _statements(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    yield _statements(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    yield _statements(f"CREATE POLICY shown ON {table} USING (false)")
    yield _statements(
        f"CREATE POLICY shown ON {table} USING (pg_sleep(60) IS NULL)",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    )
    if table not in {"alembic_version", "lease", "pending"}:  # these have none
        yield _statements(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield _statements(f"CREATE RULE odd AS ON INSERT TO {table} DO INSTEAD NOTHING")
    yield _statements(f"CREATE RULE odd AS ON DELETE TO {table} DO ALSO NOTHING")
    yield _statements(f"ALTER TABLE {table} ADD COLUMN more text")
    yield _statements(f"ALTER TABLE {table} SET UNLOGGED")
    yield _statements(
        f"CREATE FUNCTION odd() {_NOTHING}",
        f"CREATE TRIGGER odd BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION odd()",
    )
    yield _statements(
        "CREATE SCHEMA evil",
        f"CREATE FUNCTION evil.odd() {_NOTHING}",
        f"CREATE TRIGGER odd BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION evil.odd()",
    )
    yield _statements(f"ALTER TABLE {table} OWNER TO pg_monitor")
    yield _statements(f"ALTER TABLE {table} SET SCHEMA public")


def _postgresql_column(name: str, facts: dict[str, object]) -> Iterator[Edit[Target]]:
    table, column = name.split(".")
    alter = f"ALTER TABLE {table} ALTER COLUMN {column}"
    yield _statements(f"ALTER TABLE {table} RENAME COLUMN {column} TO odd")
    yield _statements(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
    yield _statements(f"{alter} SET DEFAULT {_DEFAULTS[str(facts['type'])]}")
    if facts["not_null"] and (table, column) not in _keys():
        yield _statements(f"{alter} DROP NOT NULL")
    if facts["type"] == "pg_catalog.text":
        yield _statements(f'{alter} TYPE text COLLATE "POSIX"')
    yield _statements(f"CREATE INDEX odd ON {table} ({column})")


def _keys() -> set[tuple[str, str]]:
    found = _objects("postgresql", "constraint").items()
    return {
        (name.split(".")[0], str(column))
        for name, facts in found
        if facts["kind"] == "p"
        for column in facts["columns"]  # type: ignore[attr-defined]  # a list, as recorded
    }


def _postgresql_trigger(table: str, name: str) -> Iterator[Edit[Target]]:
    yield _statements(f"DROP TRIGGER {name} ON {table}")
    yield _statements(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield _statements(f"ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}")
    yield _statements(f"ALTER TRIGGER {name} ON {table} RENAME TO odd")
    yield _statements(f"UPDATE pg_trigger SET tgtype = tgtype & ~2 WHERE tgname = '{name}'")


def _postgresql_elsewhere() -> Iterator[Edit[Target]]:
    yield _statements(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica',"
        " current_database()); END $$"
    )
    yield _statements("CREATE FUNCTION hashtextextended(text, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'")
    yield _statements(
        "CREATE FUNCTION never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR <> (LEFTARG = text, RIGHTARG = text, FUNCTION = never)",
    )
    yield _statements("CREATE DOMAIN text AS pg_catalog.text")
    yield _statements("CREATE TYPE odd AS ENUM ('x')")
    yield _statements("CREATE TYPE odd AS (x int)")
    yield _statements("CREATE SEQUENCE odd")
    yield _statements("CREATE VIEW odd AS SELECT 1")
    yield _statements('CREATE COLLATION "C" FROM pg_catalog."POSIX"')
    yield _statements(
        "CREATE FUNCTION public.n(text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint'",
        "CREATE CAST (text AS bigint) WITH FUNCTION public.n(text) AS IMPLICIT",
    )
