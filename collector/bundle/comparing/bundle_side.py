"""One of two bundles that are compared: its export, and what its log entries say of rules and company files."""

from __future__ import annotations

from functools import cached_property
from typing import IO, TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from collector.bundle.proofs.finding_records import FINDINGS
from collector.bundle.reevaluation.entries import leaves_until, range_of
from collector.bundle.rendering.cells import csv_rows
from collector.bundle.tables.files import CSV
from collector.bundle.verifying.contents import FindingLine
from collector.core.errors import VerificationError
from collector.core.facts import CompanyFile, InForce, OperatorAct, RuleInForce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.bundle.reevaluation.entries import BundleLeaf
    from collector.bundle.verifying.members import Members

_EVER = 1 << 62

_finding_line = msgspec.json.Decoder(FindingLine).decode


class BundleSide:
    """Reads one bundle. Nothing is proven here."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self.rules: dict[str, RuleInForce] = {}
        self.files: dict[str, CompanyFile] = {}
        self._export: OperatorAct | None = None
        place = range_of(members)
        for leaf in leaves_until(members, _EVER):
            if leaf is not None:
                self._take(leaf, place.bound, place.export_leaf)

    @property
    def about(self) -> Mapping[str, str]:
        """What the log entry of the export is about. Raises VerificationError where it is not shown."""
        return self.export.about

    @cached_property
    def export(self) -> OperatorAct:
        """The act of the export. Raises VerificationError where it is not shown."""
        if self._export is None:
            raise VerificationError("the log entry that says what was exported is not shown")
        return self._export

    def findings(self) -> Iterator[FindingLine]:
        """Stream the findings at the end of the period, ordered by check, source, scope and subject."""
        if FINDINGS in self._members.paths():
            with self._members.open(FINDINGS) as file:
                yield from map(_finding_line, file)

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        """Stream the rows of a table by the keys of its columns; none where the bundle does not have the table."""
        path = f"{CSV}/{table}.csv"
        if path not in self._members.paths():
            return
        with self._members.open(path) as file:
            yield from _by_keys(file)

    def _take(self, leaf: BundleLeaf, bound: int, export: int) -> None:
        if leaf.index == export:
            self._export = leaf.fact(OperatorAct)
        elif leaf.index > bound:
            return
        elif leaf.kind == "in_force":
            self.rules = {rule.check: rule for rule in leaf.rows(RuleInForce)} or {
                rule.check: rule for rule in leaf.fact(InForce).rules
            }
        elif leaf.kind == "company_file":
            file = leaf.fact(CompanyFile)
            self.files[file.name] = replace(file, pieces=tuple(leaf.rows(str)) or file.pieces)


def _by_keys(file: IO[bytes]) -> Iterator[dict[str, str]]:
    rows = csv_rows(file)
    heads = next(rows, [])
    yield from (dict(zip(heads, row, strict=False)) for row in rows)
