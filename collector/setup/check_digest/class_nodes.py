"""The normal form of classes: views by the keys of their bodies, others by their text."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from collector.core.resources import Kind, resource
from collector.setup.check_digest.draft import Draft, Names, Token
from collector.setup.check_digest.names import class_scope
from collector.setup.check_digest.origin import home_module, module_of, source_of
from collector.setup.check_digest.syntax import Form
from collector.setup.check_digest.values import type_token, value_token, wire_names


def class_token(draft: Draft, of: type) -> Token:
    """Return the form of a class that is not a view: its bases, its text, and the values of its attributes."""
    at = (of.__module__, of.__qualname__)
    definitions = source_of(of.__module__).classes.get(of.__qualname__, [])
    if not definitions:
        return ["made", draft.whole_module(of.__module__)]
    form, bodies = _bodies(draft, of, definitions, frozenset())
    if issubclass(of, Enum):
        values = [[name, value_token(draft, member.value, at)] for name, member in of.__members__.items()]
    else:
        bound = {name for node in definitions for name in class_scope(node, None, draft.module).bound}
        values = [
            [name, value_token(draft, value, at)]
            for name, value in vars(of).items()
            if name in bound and isinstance(value, _DATA)
        ]
    above = [
        [form.expression(expression, None) for expression in [*node.keywords, *node.decorator_list]]
        for node in definitions
    ]
    return [
        "class",
        _bases(draft, of, at),
        above,
        bodies,
        values,
        _replaced_members(draft, of, definitions),
        _names(draft, of),
    ]


def _replaced_members(draft: Draft, of: type, definitions: list[ast.ClassDef]) -> Token:
    """Return the members that differ from the class's own text: decorated ones, and those that were set afterwards."""
    at = (of.__module__, of.__qualname__)
    bound = {name for node in definitions for name in class_scope(node, None, draft.module).bound}
    replaced: list[Any] = []
    for name, member in vars(of).items():
        code = getattr(member, "fget", None) or getattr(member, "func", None) or getattr(member, "__func__", member)
        if isinstance(code, types.FunctionType):
            as_written = home_module(code) == of.__module__ and code.__code__.co_qualname == f"{of.__qualname__}.{name}"
            if (
                not as_written
                and not code.__code__.co_filename.startswith("<")
                and not _is_foreign(draft, code, bound, name)
            ):
                replaced.append([name, value_token(draft, member, at)])
        elif name not in bound and isinstance(member, _DATA) and not name.startswith("_"):
            replaced.append([name, value_token(draft, member, at)])
    return replaced


def _is_foreign(draft: Draft, code: types.FunctionType, bound: set[str], name: str) -> bool:
    """Whether the standard library added a member, as it does with enumerations and named tuples."""
    return name not in bound and not draft.follows(home_module(code))


_DATA = (str, int, float, bytes, tuple, list, dict, set, frozenset, re.Pattern)
"""Types of attributes whose values may have been read from a file when the class was created."""


def _names(draft: Draft, of: type) -> Token:
    return [of.__module__, of.__qualname__] if draft.names >= Names.ALL else []


def _bases(draft: Draft, of: type, at: tuple[str, str]) -> Token:
    written = getattr(of, "__orig_bases__", of.__bases__) if "__orig_bases__" in vars(of) else of.__bases__
    bases = [type_token(draft, base, at) for base in written]
    kind = type(of)
    return [*bases, type_token(draft, kind, at)] if draft.follows(kind.__module__) else bases


def _bodies(
    draft: Draft, of: type, definitions: list[ast.ClassDef], left_out: frozenset[str]
) -> tuple[Form, list[Token]]:
    closure: dict[str, Any] = {}
    for member in vars(of).values():
        code = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if isinstance(code, types.FunctionType):
            cells = zip(code.__code__.co_freevars, code.__closure__ or (), strict=True)
            closure |= {name: cell_content(cell) for name, cell in cells if name != "__class__"}
    form = Form(draft, vars(module_of(of.__module__)), closure)
    bodies: list[Token] = []
    for node in definitions:
        inside = class_scope(node, None, draft.module)
        form.own_class = of
        kept = [
            statement
            for statement in node.body
            if not (form.has_no_effect(statement) or _is_field(statement, left_out))
        ]
        bodies.append([form.statement(statement, inside) for statement in kept])
    return form, bodies


def _is_field(node: ast.stmt, names: frozenset[str]) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in names


def view_token(draft: Draft, of: type[Struct]) -> Token:
    """Return a view's form: the keys of the body, their types and defaults, and its code."""
    at = (of.__module__, of.__qualname__)
    wires = wire_names(of)
    draft.fields.update(wires)
    definitions = source_of(of.__module__).classes.get(of.__qualname__, [])
    if not definitions:
        return ["made", draft.whole_module(of.__module__)]
    form, bodies = _bodies(draft, of, definitions, frozenset(wires))
    # The order counts: it is that of positional arguments, of comparison and of arrays.
    keys = [
        [
            field.encode_name,
            field.name if draft.names >= Names.MEMBERS else "",
            type_token(draft, field.type, at),
            *_default(draft, field, at),
        ]
        for field in fields(of)
    ]
    config = of.__struct_config__
    settings = [config.tag, config.tag_field, *(bool(getattr(config, name)) for name in _CONFIG)]
    above = [
        form.expression(decorator, None)
        for node in definitions
        for decorator in node.decorator_list
        if not _is_resource_decorator(decorator, vars(module_of(of.__module__)))
    ]
    rest = [above, bodies, _replaced_members(draft, of, definitions), _names(draft, of)]
    return ["view", _bases(draft, of, at), _kind_token(of), keys, repr(settings), *rest]


_CONFIG = ("frozen", "eq", "order", "array_like", "omit_defaults", "repr_omit_defaults", "forbid_unknown_fields")


def _default(draft: Draft, field: FieldInfo, at: tuple[str, str]) -> Iterator[Token]:
    for default in (field.default, field.default_factory):
        yield ["none"] if default is msgspec.NODEFAULT else value_token(draft, default, at)


def _is_resource_decorator(node: ast.expr, names: Mapping[str, Any]) -> bool:
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Name):
        return names.get(func.id) is resource
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return getattr(names.get(func.value.id), func.attr, None) is resource
    return False


def _kind_token(of: type[Struct]) -> Token:
    """Return the form of a view's kind: its name, key, volatile fields, redactions and event time; None without one."""
    kind = next((member for member in vars(of).values() if isinstance(member, Kind)), None)
    if kind is None:
        return None
    redact = sorted([redaction.path, redaction.keep] for redaction in kind.redact)
    return [kind.name, list(kind.key), sorted(kind.volatile), redact, kind.event_time]


def cell_content(cell: types.CellType) -> Any:  # noqa: ANN401  any value
    """Return the content of a cell of a closure; None where it is empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
