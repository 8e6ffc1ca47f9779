"""Privileges on PostgreSQL: an owner who creates tables, an agent who only adds rows, and readers.

A database cannot be protected from its owner, but verification of the log finds what an owner has changed.
"""

from __future__ import annotations

from storage.tables.schema import METADATA

# Tables that are no record: caches, the list of unreferenced blobs, the lease. A body of `blob` may be erased; a
# trigger allows no other update, and deletes only of blobs that no leaf refers to.
_MORE = {
    "blob": "INSERT, UPDATE (body, lookup), DELETE",
    "finding_count": "INSERT, UPDATE, DELETE",
    "lease": "INSERT, UPDATE",
    "meta": "",  # written once, by the owner
    "pending": "INSERT, DELETE",
    "resource_now": "INSERT, UPDATE, DELETE",
    "seen_again_now": "INSERT, UPDATE",
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
