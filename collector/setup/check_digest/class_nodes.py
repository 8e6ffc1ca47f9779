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
from collector.setup.check_digest.names import of_class
from collector.setup.check_digest.origin import home_of, module_of, source_of
from collector.setup.check_digest.syntax import Form
from collector.setup.check_digest.values import type_token, value_token, wire_names


def class_token(draft: Draft, of: type) -> Token:
    """Return the form of a class that is no view: what it is made from, its text, and values that it holds."""
    at = (of.__module__, of.__qualname__)
    found = source_of(of.__module__).classes.get(of.__qualname__, [])
    if not found:
        return ["made", draft.whole_module(of.__module__)]
    form, bodies = _bodies(draft, of, found, frozenset())
    if issubclass(of, Enum):
        values = [[name, value_token(draft, one.value, at)] for name, one in of.__members__.items()]
    else:
        bound = {name for node in found for name in of_class(node, None, draft.module).bound}
        values = [
            [name, value_token(draft, value, at)]
            for name, value in vars(of).items()
            if name in bound and isinstance(value, _DATA)
        ]
    above = [[form.expression(one, None) for one in [*node.keywords, *node.decorator_list]] for node in found]
    return ["class", _bases(draft, of, at), above, bodies, values, _replaced(draft, of, found), _names(draft, of)]


def _replaced(draft: Draft, of: type, found: list[ast.ClassDef]) -> Token:
    """Return the members that are not what the class's own text says: decorated, or put there afterwards."""
    at = (of.__module__, of.__qualname__)
    bound = {name for node in found for name in of_class(node, None, draft.module).bound}
    made: list[Any] = []
    for name, member in vars(of).items():
        code = getattr(member, "fget", None) or getattr(member, "func", None) or getattr(member, "__func__", member)
        if isinstance(code, types.FunctionType):
            written = home_of(code) == of.__module__ and code.__code__.co_qualname == f"{of.__qualname__}.{name}"
            if (
                not written
                and not code.__code__.co_filename.startswith("<")
                and not _is_foreign(draft, code, bound, name)
            ):
                made.append([name, value_token(draft, member, at)])
        elif name not in bound and isinstance(member, _DATA) and not name.startswith("_"):
            made.append([name, value_token(draft, member, at)])
    return made


def _is_foreign(draft: Draft, code: types.FunctionType, bound: set[str], name: str) -> bool:
    """Whether the standard library put a member there, as it does with enumerations and named tuples."""
    return name not in bound and not draft.follows(home_of(code))


_DATA = (str, int, float, bytes, tuple, list, dict, set, frozenset, re.Pattern)
"""Values that may have been read from a file while the class was made."""


def _names(draft: Draft, of: type) -> Token:
    return [of.__module__, of.__qualname__] if draft.names >= Names.ALL else []


def _bases(draft: Draft, of: type, at: tuple[str, str]) -> Token:
    written = getattr(of, "__orig_bases__", of.__bases__) if "__orig_bases__" in vars(of) else of.__bases__
    bases = [type_token(draft, one, at) for one in written]
    kind = type(of)
    return [*bases, type_token(draft, kind, at)] if draft.follows(kind.__module__) else bases


def _bodies(draft: Draft, of: type, found: list[ast.ClassDef], left_out: frozenset[str]) -> tuple[Form, list[Token]]:
    held: dict[str, Any] = {}
    for member in vars(of).values():
        code = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if isinstance(code, types.FunctionType):
            cells = zip(code.__code__.co_freevars, code.__closure__ or (), strict=True)
            held |= {name: cell_content(cell) for name, cell in cells if name != "__class__"}
    form = Form(draft, vars(module_of(of.__module__)), held)
    bodies: list[Token] = []
    for node in found:
        inside = of_class(node, None, draft.module)
        form.own_class = of
        kept = [one for one in node.body if not (form.says_nothing(one) or _is_field(one, left_out))]
        bodies.append([form.statement(one, inside) for one in kept])
    return form, bodies


def _is_field(node: ast.stmt, names: frozenset[str]) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in names


def view_token(draft: Draft, of: type[Struct]) -> Token:
    """Return a view's form: the keys of the body, their types and defaults, and whatever code it has."""
    at = (of.__module__, of.__qualname__)
    wires = wire_names(of)
    draft.fields.update(wires)
    found = source_of(of.__module__).classes.get(of.__qualname__, [])
    if not found:
        return ["made", draft.whole_module(of.__module__)]
    form, bodies = _bodies(draft, of, found, frozenset(wires))
    # The order counts: it is that of positional arguments, of comparison and of arrays.
    keys = [
        [
            one.encode_name,
            one.name if draft.names >= Names.MEMBERS else "",
            type_token(draft, one.type, at),
            *_default(draft, one, at),
        ]
        for one in fields(of)
    ]
    config = of.__struct_config__
    said = [config.tag, config.tag_field, *(bool(getattr(config, name)) for name in _CONFIG)]
    above = [
        form.expression(one, None)
        for node in found
        for one in node.decorator_list
        if not _makes_a_kind(one, vars(module_of(of.__module__)))
    ]
    rest = [above, bodies, _replaced(draft, of, found), _names(draft, of)]
    return ["view", _bases(draft, of, at), _kind(of), keys, repr(said), *rest]


_CONFIG = ("frozen", "eq", "order", "array_like", "omit_defaults", "repr_omit_defaults", "forbid_unknown_fields")


def _default(draft: Draft, of: FieldInfo, at: tuple[str, str]) -> Iterator[Token]:
    for one in (of.default, of.default_factory):
        yield ["none"] if one is msgspec.NODEFAULT else value_token(draft, one, at)


def _makes_a_kind(node: ast.expr, names: Mapping[str, Any]) -> bool:
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Name):
        return names.get(func.id) is resource
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return getattr(names.get(func.value.id), func.attr, None) is resource
    return False


def _kind(of: type[Struct]) -> Token:
    """Return what a view's kind decides: what tells resources apart, what may be missing, what is made unreadable."""
    kind = next((one for one in vars(of).values() if isinstance(one, Kind)), None)
    if kind is None:
        return None
    redact = sorted([one.path, one.keep] for one in kind.redact)
    return [kind.name, list(kind.key), sorted(kind.volatile), redact, kind.event_time]


def cell_content(cell: types.CellType) -> Any:  # noqa: ANN401  whatever a closure holds
    """Return what a closure holds; None where nothing was put there yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
