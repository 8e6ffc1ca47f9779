"""Somebody changes what the database is made of, and no row: annexd names the object, on both databases."""
# ruff: noqa: S608  our own names

from __future__ import annotations

import random

import pytest

from storage import SqlStore
from storage.tables import defined, migrating
from storage.verification import VerificationRequest, verify
from tests.attacks import row_edits, schema_edits
from tests.attacks.playing import play
from tests.attacks.targets import Original
from tests.storage.definitions import REVISIONS, made


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_a_migration_makes_is_recorded_for_each_revision(revision: str, url: str, database: str) -> None:
    """`python -m tests.storage.definitions` writes the files; those of a release never change."""
    assert defined.differences(made(url, revision), defined.recorded(database, revision) or {}) == ""


def test_what_nobody_touched_is_as_annexd_makes_it(store: SqlStore, database: str) -> None:
    """The digest is in the first log entry, on both databases."""
    with store.reading() as connection:
        found = defined.definition_of(connection)

    verify(store, VerificationRequest())
    (genesis,) = store.log(kinds=("genesis",))
    assert found == defined.recorded(database, migrating.HEAD)
    assert defined.definition_digest(found) in str(genesis)


ATTACKS = [
    ("sqlite", "CREATE TRIGGER guard BEFORE INSERT ON finding_event BEGIN SELECT RAISE(IGNORE); END", "trigger guard"),
    ("sqlite", "CREATE VIEW shown AS SELECT * FROM finding_event", "view shown is there"),
    ("sqlite", "CREATE INDEX more ON finding_event (status)", "index more is there"),
    ("sqlite", "ALTER TABLE finding_event ADD COLUMN more TEXT", "table finding_event: columns is"),
    ("sqlite", "DROP TRIGGER version_refuses_update", "trigger version_refuses_update is missing"),
    ("postgresql", "DROP TRIGGER version_refuses_update ON version", "version_refuses_update is missing"),
    (
        "postgresql",
        "ALTER TABLE version DISABLE TRIGGER version_refuses_update",
        'version_refuses_update: enabled is "D"',
    ),
    ("postgresql", "ALTER TABLE version DISABLE TRIGGER ALL", "constraint version.version_leaf_fkey: triggers is"),
    (
        "postgresql",
        "ALTER TABLE version ENABLE REPLICA TRIGGER version_refuses_update",
        'version_refuses_update: enabled is "R"',
    ),
    (
        "postgresql",
        (
            "CREATE OR REPLACE FUNCTION version_refuses_update() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$"
        ),
        "function version_refuses_update(): source is",
    ),
    ("postgresql", "ALTER TABLE finding_event ENABLE ROW LEVEL SECURITY", "annexd.finding_event: not a plain table"),
    ("postgresql", "CREATE POLICY shown ON finding_event USING (status <> 'fail')", "policy finding_event.shown"),
    (
        "postgresql",
        (
            "ALTER TABLE finding_event RENAME TO hidden;"
            " CREATE VIEW finding_event AS SELECT * FROM hidden WHERE status <> 'fail'"
        ),
        "annexd.finding_event: not a plain table",
    ),
    ("postgresql", "CREATE RULE odd AS ON INSERT TO finding_event DO INSTEAD NOTHING", "not a plain table"),
    ("postgresql", "CREATE TABLE more () INHERITS (finding_event)", "annexd.finding_event: not a plain table"),
    (
        "postgresql",
        "CREATE SCHEMA evil; CREATE VIEW evil.finding_event AS SELECT * FROM finding_event WHERE status <> 'fail'",
        "view evil.finding_event is there",
    ),
    ("postgresql", "ALTER TABLE finding_event OWNER TO pg_monitor", "table finding_event: owner_is_that_of_log is"),
    (
        "postgresql",
        "CREATE FUNCTION hashtextextended(text, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "function hashtextextended(text, integer) is there",
    ),
]


@pytest.mark.parametrize(("where", "statement", "told"), ATTACKS)
def test_a_changed_object_is_named(where: str, statement: str, told: str, originals: dict[str, Original]) -> None:
    """Whoever answers questions about the rows decides what is proven, so it comes first."""
    with originals[where].copy() as copy:
        copy.execute(statement)

        assert told in copy.refused()


@pytest.mark.parametrize("name", ["sqlite_guard", "sqlite_autoindex_guard_1"])
def test_a_trigger_that_is_called_like_sqlites_own_is_found(name: str, originals: dict[str, Original]) -> None:
    """A name is no proof of who made it."""
    with originals["sqlite"].copy() as copy:
        hidden = schema_edits.hidden_trigger(name, "finding_event")
        hidden.apply(copy)

        assert f"trigger {name} is there, and annexd does not make it" in copy.refused()


def test_what_analyze_makes_is_no_difference(originals: dict[str, Original]) -> None:
    """Statistics change how long a query takes, and never what it answers."""
    with originals["sqlite"].copy() as copy:
        copy.execute("ANALYZE")

        assert copy.refused() == ""


def test_a_view_that_never_ends_is_found_before_anything_is_asked_of_it(originals: dict[str, Original]) -> None:
    """A proof that hangs is no proof, whichever table it is that is asked first."""
    for table in ("meta", "alembic_version"):
        with originals["sqlite"].copy() as copy:
            copy.execute("PRAGMA legacy_alter_table = ON")
            copy.execute(f"ALTER TABLE {table} RENAME TO hidden")
            copy.execute(
                f"CREATE VIEW {table} AS WITH RECURSIVE x(name) AS (SELECT '' UNION ALL SELECT '' FROM x)"
                " SELECT name, name AS value, name AS version_num FROM x"
            )

            assert f"view {table}: not a plain table" in copy.refused()


def test_a_setting_that_lets_no_trigger_fire_is_found(originals: dict[str, Original]) -> None:
    """It is in no table of the store, and rules them all."""
    with originals["postgresql"].copy() as copy:
        ((name,),) = copy.rows("SELECT current_database()")
        copy.execute(f"ALTER DATABASE {name} SET session_replication_role = replica")

        assert "session_replication_role" in copy.refused()


def test_systematic_edits_of_objects_and_rows_are_found(originals: dict[str, Original], database: str) -> None:
    """Two hundred of objects and all of rows at night; here a few, other ones each time."""
    rng, most = random.Random(), {"sqlite": 30, "postgresql": 6}[database]
    for edits in (schema_edits.edits(rng, database), row_edits.edits(rng)):
        played = play(originals[database], edits, most)

        assert played.missed == []
        assert len(played.found) + len(played.listed) == most


@pytest.mark.deep
@pytest.mark.parametrize("part", range(10))
def test_two_hundred_systematic_edits_of_objects_are_found(
    originals: dict[str, Original], database: str, part: int
) -> None:
    """Each object dropped, renamed, replaced, altered or disabled; in parts, because a test has a limit of time."""
    every = list(schema_edits.edits(random.Random(20261130), database))

    assert play(originals[database], every[part::10], 40).missed == []


@pytest.mark.deep
@pytest.mark.parametrize("part", range(10))
def test_systematic_edits_of_rows_are_found(originals: dict[str, Original], database: str, part: int) -> None:
    """Every column of every table, and every row; what cannot be found is listed."""
    every = list(row_edits.edits(random.Random(20261130)))

    assert play(originals[database], every[part::10], 60).missed == []
