"""`register.toml`: the documents of clauses 4 to 10, internal audits, management reviews, and what they talk about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

import mappings
from collector.company.built_in_measures import MEASURES
from collector.company.entries import entries, once
from collector.core.isms.register import (
    CLAUSES,
    Audit,
    Document,
    Issue,
    Objective,
    Opportunity,
    Party,
    Register,
    Review,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.company.entries import Entry
    from collector.setup.toml_file import TomlFile

T = TypeVar("T", bound=Struct)

_TABLES = ("document", "audit", "review", "issue", "party", "objective", "opportunity")


def read_register(file: TomlFile) -> Register:
    """Read the register. Raises ConfigError that names file, line, key and the nearest value that would do."""
    for key in file.data:
        if key not in _TABLES:
            raise file.unknown_key((key,), _TABLES)
    return Register(
        documents=tuple(_documents(file)),
        audits=tuple(audit for _, audit in _sound(file, "audit", Audit)),
        reviews=tuple(review for _, review in _sound(file, "review", Review)),
        issues=tuple(issue for _, issue in _sound(file, "issue", Issue)),
        parties=tuple(party for _, party in _sound(file, "party", Party)),
        objectives=tuple(_objectives(file)),
        opportunities=tuple(opportunity for _, opportunity in _sound(file, "opportunity", Opportunity)),
    )


def _sound(file: TomlFile, table: str, into: type[T]) -> Iterator[tuple[Entry, T]]:
    ids: set[str] = set()
    for entry in entries(file, table):
        record = entry.take(into)
        if (id_ := getattr(record, "id", None)) is not None:
            once(entry, "id", id_, ids)
        if isinstance(record, Document | Audit | Review):
            for key, why in record.faults():
                raise entry.error(key, why)
        yield entry, record


def _documents(file: TomlFile) -> Iterator[Document]:
    requests = [request.id for control in mappings.load(CLAUSES).controls for request in control.asks]
    for entry, document in _sound(file, "document", Document):
        for request in document.answers:
            entry.known("answers", request, requests, "record")
        yield document


def _objectives(file: TomlFile) -> Iterator[Objective]:
    for entry, objective in _sound(file, "objective", Objective):
        if objective.metric is not None:
            entry.known("metric", objective.metric, MEASURES, "metric")
        yield objective
