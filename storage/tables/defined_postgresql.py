"""How PostgreSQL defines a store: everything in its schema, and what elsewhere changes the answers of its tables.

The catalogs are asked under a search path of their own, so that nothing in the store's schema can answer for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus

from storage.tables.catalogs_postgresql import CATALOGS, SHADOWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_SESSION = (
    "SELECT pg_catalog.current_schema(), pg_catalog.current_setting('search_path'),"
    " pg_catalog.current_setting('session_replication_role')"
)
# Fully qualified, because it is asked before the search path is ours.
_ODD = """
    SELECT n.nspname, c.relname FROM pg_catalog.unnest(?::pg_catalog.text[]) AS o(name)
    JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(o.name)
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE n.nspname OPERATOR(pg_catalog.<>) current_schema() OR c.relkind OPERATOR(pg_catalog.<>) 'r'
      OR c.relrowsecurity
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid)
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid)
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
        AND a.attgenerated OPERATOR(pg_catalog.<>) '')
    ORDER BY 1, 2
"""
_SET_PATH = "SELECT pg_catalog.set_config('search_path', ?, true)"
_RESOLVED = (
    "SELECT o.name, n.nspname FROM pg_catalog.unnest(?::pg_catalog.text[]) AS o(name)"
    " JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(o.name)"
    " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
)


def definition_of(connection: Connection, names: Sequence[str]) -> dict[str, Any]:
    """Return {object: facts} of a store whose tables have these names. Raises the errors of the driver."""
    schema, path, replication = connection.exec_driver_sql(_SESSION).one()
    found: dict[str, Any] = {"session": {"session_replication_role": replication}}
    for name, where in connection.exec_driver_sql(_RESOLVED, (list(names),)).fetchall():
        if where != schema:
            found[f"table {where}.{name}"] = {"shadows": name}
    connection.exec_driver_sql(_SET_PATH, ("pg_catalog",))
    try:
        found.update(_objects(connection, schema, names))
    finally:
        # In a transaction that has failed nothing more can be asked, and its end restores the path.
        driver = connection.connection.driver_connection
        if driver is not None and driver.info.transaction_status != TransactionStatus.INERROR:
            connection.exec_driver_sql(_SET_PATH, (path,))
    return found


def no_tables(connection: Connection, names: Sequence[str]) -> list[str]:
    """Return what stands in the place of plain tables, such as a view: asking it could give any answer, or none."""
    return [f"{schema}.{name}" for schema, name in connection.exec_driver_sql(_ODD, (list(names),)).fetchall()]


def _objects(connection: Connection, schema: str, ours: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for catalog in CATALOGS:
        values = (schema,) * catalog.statement.count("?")
        for row in connection.exec_driver_sql(catalog.statement, values).fetchall():
            named = len(row) - len(catalog.facts)
            name = catalog.name.format(*row[:named])
            facts = (value.hex() if isinstance(value, bytes) else value for value in row[named:])
            yield name, dict(zip(catalog.facts, facts, strict=True))
    for kind, where, name in connection.exec_driver_sql(SHADOWS, (schema, schema, list(ours))).fetchall():
        yield f"{kind} {where}.{name}", {"shadows": name}
