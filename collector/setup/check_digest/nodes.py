"""From something live to its normal form: functions, classes, views, checks, sets, whole modules, files."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import types
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from collector.core.checks import Check, Extent
from collector.setup.check_digest.class_nodes import cell_content, class_token, view_token
from collector.setup.check_digest.draft import Draft, Names, Target, Token
from collector.setup.check_digest.names import parameters
from collector.setup.check_digest.origin import (
    Source,
    files_digest,
    home_of,
    imported_by,
    may_read_files,
    source_of,
    unreadable,
    versions,
)
from collector.setup.check_digest.syntax import Form
from collector.setup.check_digest.values import INSIDE, type_token, value_token


@dataclass(frozen=True)
class Node:
    """One piece of code in its normal form: the digest of what it says, and what it refers to."""

    form: bytes
    draft: Draft


def build(target: Target, module: str, beside: str, names: Names) -> Node:
    """Return the normal form of a target. `module` is where it was met. Raises ConfigError without its source."""
    draft = Draft(_home(target) or module, beside, names)
    token = _token(draft, target)
    written = json.dumps(token, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return Node(hashlib.sha256(written).digest(), draft)


def _home(target: Target) -> str | None:
    match target.kind:
        case "function":
            return home_of(target.of)
        case "class":
            return str(target.of.__module__)
        case "check":
            return str(target.of.judge.__module__)
        case "module" | "files":
            return str(target.of)
        case _:
            return None if target.at is None else target.at[0]


def _token(draft: Draft, target: Target) -> Token:
    match target.kind:
        case "check":
            return _check(draft, target.of)
        case "function":
            return _function(draft, target.of, frozenset())
        case "class":
            return view_token(draft, target.of) if issubclass(target.of, Struct) else class_token(draft, target.of)
        case "set":
            return _set(draft, target)
        case "value":
            return value_token(draft, target.of, target.at or (draft.module, ""), INSIDE)
        case "module":
            return _module(draft, target.of)
        case "files":
            return ["files", files_digest(target.of)]
        case _:
            return ["object"]


_SHAPES = {Extent.EACH: "each", Extent.THE: "the", Extent.ALL: "all"}


def _check(draft: Draft, of: Check[...]) -> Token:
    at = (draft.module, "")
    needs = [[_SHAPES[need.shape], type_token(draft, need.kind.view, at)] for need in of.needs]
    limits = [
        [one.name, type_token(draft, one.type, at), value_token(draft, one.default, at)]
        for one in sorted(of.limits, key=lambda one: one.name)
    ]
    judge = of.judge
    if isinstance(judge, types.FunctionType) and draft.follows(home_of(judge)):
        rule = _function(
            draft, judge, frozenset({*(one.name for one in of.limits), *(["now"] if of.wants_now else [])})
        )
    else:
        draft.need(Names.MEMBERS)
        rule = value_token(draft, judge, at)
    return ["check", of.id, of.over, needs, limits, of.wants_now, rule]


def _function(draft: Draft, of: types.FunctionType, limits: frozenset[str]) -> Token:
    module = draft.module = home_of(of)
    found = _definitions(source_of(module), of)
    held = dict(zip(of.__code__.co_freevars, (cell_content(one) for one in of.__closure__ or ()), strict=True))
    form = Form(draft, of.__globals__, held)
    written = [form.function(node, None, limits) for node in found]
    at = (module, of.__name__)
    defaults = [value_token(draft, one, at) for one in of.__defaults__ or ()]
    named = [(name, value_token(draft, one, at)) for name, one in (of.__kwdefaults__ or {}).items()]
    place = {one.arg: number for number, one in enumerate(parameters(found[0].args))}
    by_place = [[place[name], value] for name, value in named if name not in limits]
    hints = [form.annotations(node) for node in found]
    said = [[name, value_token(draft, value, at)] for name, value in sorted(vars(of).items())]
    names = [module, of.__name__, of.__qualname__] if draft.names >= Names.ALL else []
    return ["function", written, defaults, by_place, hints, said, names]


def _definitions(source: Source, of: types.FunctionType) -> list[Any]:
    """Return what a function was written as; all of a line's lambdas where it may be any."""
    code = of.__code__
    found: list[Any] = list(source.functions.get((code.co_name, code.co_firstlineno), []))
    if not found:
        raise unreadable(f"{source.module}.{code.co_qualname}")
    return found if len(found) == 1 else [one for one in found if _is_in(code, one)] or found


def _is_in(code: types.CodeType, node: Any) -> bool:  # noqa: ANN401  a function or a lambda
    """Whether all of a function's instructions stand where a lambda of its line is written."""
    first, last = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    for line, end_line, column, end_column in code.co_positions():
        if None in (line, end_line, column, end_column) or (column, end_column) == (0, 0):
            continue
        if not first <= (line, column) <= (end_line, end_column) <= last:
            return False
    return True


def _set(draft: Draft, target: Target) -> Token:
    """Return a set's form: its members in an order of their own, not in that in which they happen to lie."""
    at = target.at or (draft.module, "")
    made: list[tuple[str, Any]] = []
    for one in target.of:
        alone = Draft(draft.module, draft.beside, draft.names)
        token = value_token(alone, one, at)
        forms = [build(other, draft.module, draft.beside, draft.names).form.hex() for other in alone.targets]
        made.append((json.dumps([token, forms]), one))
    return [value_token(draft, one, at) for _, one in sorted(made, key=lambda pair: pair[0])]


def _module(draft: Draft, name: str) -> Token:
    """Return a whole module: its text, and all of ours that it imports."""
    source = source_of(name)
    others: set[str] = set()
    for node in ast.walk(source.tree):
        for _, module, attribute in imported_by(node, name):
            others |= {module, *([f"{module}.{attribute}"] if attribute is not None else [])}
    imported = [one for one in sorted(others) if one in sys.modules]
    own = [draft.whole_module(one) for one in imported if draft.follows(one)]
    named = sorted({version for one in imported if not draft.follows(one) for version in versions(one)})
    files = draft.reads_files() if may_read_files(source) else None
    return ["module", hashlib.sha256(source.data).hexdigest(), own, named, files]
