"""Statements over what may be true of somebody who signs in, and whether all of them can be true at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 20_000
"""Choices after which it is left open whether a statement can be true; real policies need some dozens."""


@dataclass(frozen=True)
class Formula:
    """A statement: `op` is `true`, `false`, `fact`, `not`, `and` or `or`; a fact has a name, the others have parts."""

    op: str
    name: str = ""
    parts: tuple[Formula, ...] = ()


TRUE: Final = Formula("true")
FALSE: Final = Formula("false")


def fact(name: str) -> Formula:
    """Return the statement that something is so, such as that the address is in a network zone."""
    return Formula("fact", name)


def negated(formula: Formula) -> Formula:
    """Return the opposite."""
    match formula.op:
        case "true":
            return FALSE
        case "false":
            return TRUE
        case "not":
            return formula.parts[0]
        case _:
            return Formula("not", parts=(formula,))


def every(*formulas: Formula) -> Formula:
    """Return that all of them hold; TRUE for none."""
    return _joined("and", formulas, neutral=TRUE, decides=FALSE)


def some(*formulas: Formula) -> Formula:
    """Return that at least one of them holds; FALSE for none."""
    return _joined("or", formulas, neutral=FALSE, decides=TRUE)


def _joined(op: str, formulas: tuple[Formula, ...], *, neutral: Formula, decides: Formula) -> Formula:
    kept: list[Formula] = []
    for formula in formulas:
        if formula == decides:
            return decides
        if formula != neutral:
            kept += formula.parts if formula.op == op else (formula,)
    if len(kept) > 1:
        return Formula(op, parts=tuple(dict.fromkeys(kept)))
    return kept[0] if kept else neutral


def assuming(formula: Formula, name: str, *, holds: bool) -> Formula:
    """Return a statement in which one fact has been replaced by whether it holds."""
    match formula.op:
        case "fact":
            return formula if formula.name != name else TRUE if holds else FALSE
        case "not":
            return negated(assuming(formula.parts[0], name, holds=holds))
        case "and":
            return every(*(assuming(part, name, holds=holds) for part in formula.parts))
        case "or":
            return some(*(assuming(part, name, holds=holds) for part in formula.parts))
        case _:
            return formula


def can_hold(formula: Formula, most_steps: int = MOST_STEPS) -> bool | None:
    """Return whether some choice of facts makes a statement true; None where that took too many steps to find out."""
    left = [most_steps]

    def holds(statement: Formula) -> bool | None:
        if statement.op in {"true", "false"}:
            return statement == TRUE
        if left[0] <= 0:
            return None
        left[0] -= 1
        name, first = _choice(statement)
        tried = holds(assuming(statement, name, holds=first))
        if tried:
            return True
        other = holds(assuming(statement, name, holds=not first))
        return True if other else None if tried is None or other is None else False

    return holds(formula)


def _choice(formula: Formula) -> tuple[str, bool]:
    """Return a fact to decide next, and what to try first: one that is demanded by itself, where there is one."""
    if formula.op == "and":
        for part in formula.parts:
            if part.op == "fact":
                return part.name, True
            if part.op == "not" and part.parts[0].op == "fact":
                return part.parts[0].name, False
    while formula.op != "fact":
        formula = formula.parts[0]
    return formula.name, True
