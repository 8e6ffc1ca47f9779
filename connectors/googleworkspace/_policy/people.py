"""Sets of people by unit, groups and licences: which clauses hold for all in a set, and where two sets meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.googleworkspace._policy.conditions import Clause, Clauses, Of
from connectors.googleworkspace.directory.orgunits import OrgUnit

EVERYBODY: Clauses = frozenset()


@dataclass(frozen=True)
class Units:
    """The tree of organizational units. `lines` has, by the id of each, its own id and those above it."""

    paths: Mapping[str, str]
    lines: Mapping[str, frozenset[str]]
    root: str

    def knows(self, clauses: Clauses) -> bool:
        """Whether every unit that the clauses name is in the tree."""
        return all(clause.of is not Of.UNIT or clause.values <= self.paths.keys() for clause in clauses)

    def normal(self, clauses: Clauses) -> Clauses | None:
        """Return the clauses without those that others make superfluous; None where nobody can meet them all.

        Everybody is in the root unit. Of two units one has to be below the other, and then the lower one decides.
        """
        units = {next(iter(clause.values)) for clause in clauses if clause.of is Of.UNIT} - {self.root}
        lowest = max(units, key=lambda unit: len(self.lines[unit]), default=None)
        if lowest is not None and not units <= self.lines[lowest]:
            return None
        others = {clause for clause in clauses if clause.of is not Of.UNIT}
        excluded = frozenset[str]().union(*(clause.values for clause in others if clause.of is Of.NO_LICENCE))
        if any(clause.of is Of.LICENCE and clause.values <= excluded for clause in others):
            return None
        return frozenset(others | ({Clause(Of.UNIT, frozenset({lowest}))} if lowest is not None else set()))

    def holds(self, wanted: Clauses, given: Clauses) -> bool:
        """Whether everybody who meets the given clauses meets the wanted ones too; both in their normal form."""
        return all(any(self._implies(one, clause) for one in given) for clause in wanted)

    def _implies(self, given: Clause, wanted: Clause) -> bool:
        if given.of is not wanted.of:
            return False
        match wanted.of:
            case Of.UNIT:
                return wanted.values <= self.lines[next(iter(given.values))]
            case Of.LICENCE:
                return given.values <= wanted.values
            case Of.NO_LICENCE:
                return wanted.values <= given.values
            case _:
                return given == wanted

    def named(self, clauses: Clauses) -> str:
        """Return the people who meet the clauses, in words."""
        parts = [self._words(clause) for clause in sorted(clauses, key=lambda one: (one.of, sorted(one.values)))]
        return " and ".join(sorted(parts, key=lambda part: not part.startswith("unit"))) or "the company as a whole"

    def _words(self, clause: Clause) -> str:
        listed = ", ".join(sorted(clause.values))
        match clause.of:
            case Of.UNIT:
                return f"unit {self.paths[listed]}"
            case Of.GROUP:
                return f"group {listed}"
            case Of.LICENCE:
                return f"holders of licence {listed}"
            case _:
                return f"people without licence {listed}"


def units_of(listed: Iterable[OrgUnit]) -> Units:
    """Return the tree of the listed units. A list without the root names it as the parent of others."""
    parents: dict[str, str | None] = {}
    paths: dict[str, str] = {}
    root = ""
    for unit in listed:
        parents[_bare(unit.id)] = _bare(unit.parent_id) if unit.parent_id else None
        paths[_bare(unit.id)] = unit.path
        if unit.path == "/":
            root = _bare(unit.id)
        elif unit.parent_path == "/" and unit.parent_id:
            root = root or _bare(unit.parent_id)
    if root:
        parents[root], paths[root] = None, "/"
    return Units(paths, {unit_id: _line(unit_id, parents) for unit_id in parents}, root)


def _line(unit_id: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    line: set[str] = set()
    at: str | None = unit_id
    while at is not None and at not in line:
        line.add(at)
        at = parents.get(at)
    return frozenset(line)


def _bare(unit_id: str) -> str:
    """Return the id without its prefix: the Directory writes `id:03ph8a2z`, the Policy API `orgUnits/03ph8a2z`."""
    return unit_id.removeprefix("id:")
