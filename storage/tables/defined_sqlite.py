"""How SQLite defines a store: every row of its schema table, whatever it is called, and what it evaluates to.

https://www.sqlite.org/schematab.html; objects that SQLite makes of itself are judged by what they belong to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_OBJECTS = (
    "SELECT '', type, name, tbl_name, sql FROM main.sqlite_master"
    " UNION ALL SELECT 'temporary ', type, name, tbl_name, sql FROM temp.sqlite_master ORDER BY 1, 2, 3, 5"
)
_COLUMNS = {
    "table": 'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid',
    "index": 'SELECT name, "desc", coll, "key" FROM pragma_index_xinfo(?) ORDER BY seqno',
}
_ODD = (
    "SELECT m.type, m.name FROM sqlite_master m WHERE m.type IN ('table', 'view') AND lower(m.name) IN ({names}) AND"
    " (m.type <> 'table' OR m.sql NOT LIKE 'CREATE TABLE %'"
    " OR EXISTS (SELECT 1 FROM pragma_table_xinfo(m.name) x WHERE x.hidden <> 0)) ORDER BY 2"
)

# What ANALYZE makes: it changes which way a query takes, and never its answer.
_STATISTICS = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
_SPACE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")
_LARGEST = 10_000


def definition_of(connection: Connection) -> dict[str, Any]:
    """Return {object: facts} of a SQLite database. Raises the errors of the driver."""
    (encoding,) = connection.exec_driver_sql("PRAGMA encoding").one()
    found: dict[str, Any] = {"file": {"encoding": encoding}}
    # A damaged file may list objects without end.
    rows = connection.exec_driver_sql(_OBJECTS).fetchmany(_LARGEST)
    for where, kind, name, table, sql in rows:
        if kind == "table" and isinstance(sql, str) and _STATISTICS.get(str(name)) == sql:
            continue
        facts: dict[str, Any] = {"of": _text(table), "sql": _plain(sql)}
        statement = None if where else _COLUMNS.get(kind)
        if statement is not None:
            columns = connection.exec_driver_sql(statement, (name,)).fetchmany(_LARGEST)
            facts["columns"] = [[_text(value) for value in row] for row in columns]
        found[_free(found, f"{where}{_text(kind)} {_text(name)}")] = facts
    return found


def no_tables(connection: Connection, names: Sequence[str]) -> list[str]:
    """Return what stands in the place of plain tables, such as a view: asking it could give any answer, or none."""
    statement = _ODD.format(names=",".join("?" * len(names)))
    found = connection.exec_driver_sql(statement, tuple(names)).fetchmany(_LARGEST)
    return [f"{_text(kind)} {_text(name)}" for kind, name in found]


def _free(found: dict[str, Any], name: str) -> str:
    """Return a name that is free: a file that was edited by hand may list two objects of one name."""
    number = 1
    while (key := name if number == 1 else f"{name} ({number})") in found:
        number += 1
    return key


def _plain(sql: object) -> str | None:
    """Return the text of a definition with one space wherever there is any, outside of quotes."""
    return None if sql is None else _SPACE.sub(lambda found: found[1] or " ", str(_text(sql))).strip()


def _text(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
