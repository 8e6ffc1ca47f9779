"""The normal forms of targets: functions, classes, views, checks, sets, whole modules, files."""

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
    home_module,
    imported_by,
    may_read_files,
    source_of,
    unreadable_error,
    versions,
)
from collector.setup.check_digest.syntax import Form
from collector.setup.check_digest.values import INSIDE, type_token, value_token


@dataclass(frozen=True)
class Node:
    """A target's normal form as a digest, with the draft that has its references."""

    form: bytes
    draft: Draft


def build(target: Target, module: str, check_package: str, names: Names) -> Node:
    """Return the normal form of a target. `module` refers to it. Raises ConfigError without its source."""
    draft = Draft(_home_module(target) or module, check_package, names)
    token = _token(draft, target)
    written = json.dumps(token, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return Node(hashlib.sha256(written).digest(), draft)


def _home_module(target: Target) -> str | None:
    match target.kind:
        case "function":
            return home_module(target.of)
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
        [limit.name, type_token(draft, limit.type, at), value_token(draft, limit.default, at)]
        for limit in sorted(of.limits, key=lambda limit: limit.name)
    ]
    judge = of.judge
    if isinstance(judge, types.FunctionType) and draft.follows(home_module(judge)):
        rule = _function(
            draft, judge, frozenset({*(limit.name for limit in of.limits), *(["now"] if of.wants_now else [])})
        )
    else:
        draft.need(Names.MEMBERS)
        rule = value_token(draft, judge, at)
    return ["check", of.id, of.over, needs, limits, of.wants_now, rule]


def _function(draft: Draft, of: types.FunctionType, limits: frozenset[str]) -> Token:
    module = draft.module = home_module(of)
    definitions = _definitions(source_of(module), of)
    closure = dict(zip(of.__code__.co_freevars, (cell_content(cell) for cell in of.__closure__ or ()), strict=True))
    form = Form(draft, of.__globals__, closure)
    written = [form.function(node, None, limits) for node in definitions]
    at = (module, of.__name__)
    defaults = [value_token(draft, default, at) for default in of.__defaults__ or ()]
    named = [(name, value_token(draft, default, at)) for name, default in (of.__kwdefaults__ or {}).items()]
    numbers = {parameter.arg: number for number, parameter in enumerate(parameters(definitions[0].args))}
    by_place = [[numbers[name], value] for name, value in named if name not in limits]
    hints = [form.annotations(node) for node in definitions]
    attributes = [[name, value_token(draft, value, at)] for name, value in sorted(vars(of).items())]
    names = [module, of.__name__, of.__qualname__] if draft.names >= Names.ALL else []
    return ["function", written, defaults, by_place, hints, attributes, names]


def _definitions(source: Source, of: types.FunctionType) -> list[Any]:
    """Return the syntax of a function; all lambdas of its line where they cannot be told apart."""
    code = of.__code__
    definitions: list[Any] = list(source.functions.get((code.co_name, code.co_firstlineno), []))
    if not definitions:
        raise unreadable_error(f"{source.module}.{code.co_qualname}")
    return (
        definitions
        if len(definitions) == 1
        else [definition for definition in definitions if _is_in(code, definition)] or definitions
    )


def _is_in(code: types.CodeType, node: Any) -> bool:  # noqa: ANN401  a function or a lambda
    """Whether all of a function's instructions are within the source range of a lambda."""
    first, last = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    for line, end_line, column, end_column in code.co_positions():
        if None in (line, end_line, column, end_column) or (column, end_column) == (0, 0):
            continue
        if not first <= (line, column) <= (end_line, end_column) <= last:
            return False
    return True


def _set(draft: Draft, target: Target) -> Token:
    """Return a set's form: its members in the order of their forms."""
    at = target.at or (draft.module, "")
    members: list[tuple[str, Any]] = []
    for member in target.of:
        alone = Draft(draft.module, draft.check_package, draft.names)
        token = value_token(alone, member, at)
        forms = [build(other, draft.module, draft.check_package, draft.names).form.hex() for other in alone.targets]
        members.append((json.dumps([token, forms]), member))
    return [value_token(draft, member, at) for _, member in sorted(members, key=lambda pair: pair[0])]


def _module(draft: Draft, name: str) -> Token:
    """Return the form of a whole module: its text, the followed modules that it imports, and versions of the others."""
    source = source_of(name)
    others: set[str] = set()
    for node in ast.walk(source.tree):
        for _, module, attribute in imported_by(node, name):
            others |= {module, *([f"{module}.{attribute}"] if attribute is not None else [])}
    loaded = [other for other in sorted(others) if other in sys.modules]
    own = [draft.whole_module(module) for module in loaded if draft.follows(module)]
    named = sorted({version for module in loaded if not draft.follows(module) for version in versions(module)})
    files = draft.reads_files() if may_read_files(source) else None
    return ["module", hashlib.sha256(source.data).hexdigest(), own, named, files]
