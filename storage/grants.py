"""Who may do what on PostgreSQL: an owner who makes tables, an agent who only adds, readers who only read.

Against its owner a database cannot be defended, only watched: what the owner changes is found by the log.
"""

from __future__ import annotations

from storage.tables.schema import METADATA

# What is no record: caches, the working list, who writes now. `blob` may be erased; a trigger sees to it that it is
# only that, and that only what no leaf speaks of is swept.
_MORE = {
    "blob": "INSERT, UPDATE (body, lookup), DELETE",
    "lease": "INSERT, UPDATE",
    "meta": "",  # what a store is says its owner, once
    "pending": "INSERT, DELETE",
    "resource_now": "INSERT, UPDATE, DELETE",
}


def grants(*, schema: str, agent: str, reader: str) -> list[str]:
    """Return the statements that the owner of the tables runs once they are made, and after each upgrade."""
    inside, whom, who = _quoted(schema), _quoted(agent), _quoted(reader)
    statements = [
        f"REVOKE ALL ON SCHEMA {inside} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {inside} TO {whom}, {who}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {inside} FROM PUBLIC, {whom}, {who}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {inside} TO {whom}, {who}",
    ]
    rights = {table: _MORE.get(table, "INSERT") for table in sorted(METADATA.tables)}
    statements += [f"GRANT {right} ON {inside}.{_quoted(table)} TO {whom}" for table, right in rights.items() if right]
    return statements


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
