"""To whom a policy applies: the clauses of its query, as far as they are understood.

A query is a CEL expression of three clauses, joined by `&&`, `||` and `!`
(https://docs.cloud.google.com/identity/docs/reference/rest/v1/policies, PolicyQuery). Conjunctions are read, and `!`
before licences. Of any other query it is known only that it may apply to anybody: it hides no other policy, and no
verdict is sure of it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Of(StrEnum):
    """What a clause looks at."""

    UNIT = "unit"
    GROUP = "group"
    LICENCE = "licence"
    NO_LICENCE = "no licence"


class Clause(NamedTuple):
    """One clause: a unit or group by its id, or licences of which the person has any (or, for NO_LICENCE, none)."""

    of: Of
    values: frozenset[str]


Clauses = frozenset[Clause]

_UNIT = re.compile(r"entity\.org_units\.exists\(\s*(\w+)\s*,\s*\1\.org_unit_id\s*==\s*orgUnitId\('([^']+)'\)\s*\)")
_GROUP = re.compile(r"entity\.groups\.exists\(\s*(\w+)\s*,\s*\1\.group_id\s*==\s*groupId\('([^']+)'\)\s*\)")
_LICENCES = re.compile(r"entity\.licenses\.exists\(\s*(\w+)\s*,\s*\1\s+in\s+\[((?:\s*'[^']+'\s*,?)+)\]\s*\)")
_SPACE = re.compile(r"\s*")


class _NotUnderstood(Exception):
    """The query has something that is not read."""


def clauses_of(query: str, unit: str, group: str) -> Clauses | None:
    """Return the clauses that a person has to meet; None where the query is not understood.

    `unit` and `group` are the helper fields of a PolicyQuery, empty where they are not set.
    """
    try:
        found = _Reader(query).read() if query.strip() else frozenset[Clause]()
    except _NotUnderstood:
        return None
    if unit:
        found |= {Clause(Of.UNIT, frozenset({unit.removeprefix("orgUnits/")}))}
    if group:
        found |= {Clause(Of.GROUP, frozenset({group.removeprefix("groups/")}))}
    return found


class _Reader:
    def __init__(self, query: str) -> None:
        self._query = query
        self._at = 0

    def read(self) -> Clauses:
        found = self._conjunction()
        if self._at != len(self._query):
            raise _NotUnderstood
        return found

    def _conjunction(self) -> Clauses:
        found = self._factor()
        while self._take("&&"):
            found |= self._factor()
        return found

    def _factor(self) -> Clauses:
        negated = self._take("!")
        if self._take("("):
            found = self._conjunction()
            if not self._take(")"):
                raise _NotUnderstood
        else:
            found = frozenset({self._clause()})
        return _negation(found) if negated else found

    def _clause(self) -> Clause:
        if match := self._match(_UNIT):
            return Clause(Of.UNIT, frozenset({match[2]}))
        if match := self._match(_GROUP):
            return Clause(Of.GROUP, frozenset({match[2]}))
        if match := self._match(_LICENCES):
            return Clause(Of.LICENCE, frozenset(re.findall(r"'([^']+)'", match[2])))
        raise _NotUnderstood

    def _take(self, word: str) -> bool:
        self._match(_SPACE)
        found = self._query.startswith(word, self._at)
        self._at += len(word) if found else 0
        self._match(_SPACE)
        return found

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._query, self._at)
        self._at = match.end() if match else self._at
        return match


def _negation(clauses: Clauses) -> Clauses:
    """Return what holds where the clauses do not; only of one clause about licences is that a clause again."""
    if len(clauses) != 1:
        raise _NotUnderstood
    (clause,) = clauses
    if clause.of is not Of.LICENCE:
        raise _NotUnderstood
    return frozenset({Clause(Of.NO_LICENCE, clause.values)})
