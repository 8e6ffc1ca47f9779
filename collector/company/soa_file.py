"""`soa.toml`: the statement of applicability (SoA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

import mappings
from collector.company.entries import Entry, entries, head_of, once
from collector.core.isms.soa import OwnRow, SoaRow, Statement
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.controls import Control, Framework
    from collector.setup.toml_file import TomlFile


def read_soa(file: TomlFile, frameworks: Iterable[Framework]) -> Statement:
    """Read the SoA. Raises ConfigError that names file, line, key and the nearest valid value.

    A row of a framework version that is not in use is kept: it may be decided before it is used.
    """
    statement = head_of(file, Statement, "control", "own")
    known = {
        f"{framework.id}/{control.id}": control
        for framework in frameworks
        if framework.soa
        for control in framework.controls
    }
    editions = {id_.partition("/")[0] for id_ in known}
    rows: list[SoaRow] = []
    ids: set[str] = set()
    for entry in entries(file, "control"):
        row = entry.take(SoaRow)
        once(entry, "id", f"{row.id} ({row.role})" if row.role is not None else row.id, ids)
        _is_a_control(entry, row, known, editions)
        for key, why in row.faults():
            raise entry.error(key, why)
        rows.append(row)
    own: list[OwnRow] = []
    for entry in entries(file, "own"):
        own_row = entry.take(OwnRow)
        once(entry, "id", own_row.id, ids)
        own.append(own_row)
    return replace(statement, rows=tuple(rows), own=tuple(own))


def _is_a_control(entry: Entry, row: SoaRow, known: Mapping[str, Control], editions: set[str]) -> None:
    edition, slash, _ = row.id.partition("/")
    if not slash:
        raise entry.error(
            "id", f"{row.id!r} does not name a framework version", mend=would_do(row.id, known, "the controls are")
        )
    if edition not in editions:
        # The framework version is not in use yet; its controls are looked up when it is.
        entry.known("id", edition, sorted({*editions, *mappings.available()}), "framework version")
        return
    entry.known("id", row.id, known, "control")
    if row.role is not None and row.role not in known[row.id].roles:
        raise entry.error(
            "role", f"{row.id} is not addressed to the {row.role}", mend="take the role out, or name the other one"
        )
