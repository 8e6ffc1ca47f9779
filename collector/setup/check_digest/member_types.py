"""Types of attributes, and of the results of iterating, indexing and calling."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from collector.core.checks import All
from collector.core.scopes import Scope as Place
from collector.setup.check_digest.origin import find_module


class Unknown:
    """The type of a value without an annotation."""


UNKNOWN = Unknown()
Types = tuple[Any, ...]
"""The types that a value may have; never empty."""

UNKNOWN_TYPES: Types = (UNKNOWN,)


@dataclass(frozen=True, eq=False)
class Live:
    """A known value: a class, a function, a module or a constant."""

    value: Any


@dataclass(frozen=True)
class Inner:
    """A nested function or a lambda, with its enclosing scope."""

    node: Any
    scope: Any


_CONTAINERS = (list, set, frozenset, tuple)
_TEXT = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace", "join"})


def return_types(value: Any) -> Types:  # noqa: ANN401  whatever is called
    """Return the types that a call of a live object returns."""
    if isinstance(value, type):
        return (value,)
    if isinstance(value, types.FunctionType):
        return alternatives(hints_of(value).get("return", UNKNOWN))
    if isinstance(value, types.MethodType):
        return return_types(value.__func__)
    if typing.get_origin(value) is Callable:
        return alternatives(typing.get_args(value)[-1])
    return UNKNOWN_TYPES


def attribute_types(of: Any, name: str) -> Types:  # noqa: ANN401, PLR0911  a type, or a live object
    """Return the types of an attribute."""
    if isinstance(of, Live):
        value = getattr(of.value, name, UNKNOWN)
        return UNKNOWN_TYPES if value is UNKNOWN else (Live(value),)
    origin, arguments = typing.get_origin(of) or of, typing.get_args(of)
    if origin is All:
        inner = arguments[0]
        made = {"scoped": list[tuple[Place, inner]], "scopes": list[Place]}.get(name)  # type: ignore[valid-type]
        return UNKNOWN_TYPES if made is None else (Callable[[], made],)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:  # noqa: PLR2004
        key, value = arguments
        made = {"get": value, "pop": value, "items": list[tuple[key, value]]}.get(name)  # type: ignore[valid-type]
        made = {"keys": list[key], "values": list[value]}.get(name, made)  # type: ignore[valid-type]
        return UNKNOWN_TYPES if made is None else (Callable[[], made],)
    if not isinstance(origin, type):
        return UNKNOWN_TYPES
    if origin is str and name in _TEXT:
        return (Callable[[], str],)
    hints = hints_of(origin)
    if name in hints:
        return alternatives(hints[name])
    member = inspect.getattr_static(origin, name, None)
    match member:
        case property(fget=getter) if getter is not None:
            return return_types(getter)
        case cached_property():
            return return_types(member.func)
        case types.FunctionType():
            return (Live(member),)
        case staticmethod() | classmethod():
            return (Live(member.__func__),)
        case _:
            return UNKNOWN_TYPES


def element_types(of: Types) -> Types:
    """Return the types that iterating gives."""
    return union(_element_types(kind) for kind in of)


def _element_types(of: Any) -> Types:  # noqa: ANN401  a type, or a live object
    if isinstance(of, Live):
        value = of.value
        if isinstance(value, str):
            return (str,)
        if isinstance(value, (*_CONTAINERS, dict)):
            return union((type(element),) for element in value)
        return (value,) if isinstance(value, type) and hasattr(value, "__members__") else UNKNOWN_TYPES
    if of is str:
        return (str,)
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if origin is tuple and arguments[1:] != (...,):
        return union(alternatives(argument) for argument in arguments) if arguments else (typing.Never,)
    if arguments and (origin is All or (isinstance(origin, type) and issubclass(origin, Iterable))):
        return alternatives(arguments[0])
    return UNKNOWN_TYPES


def item_types(of: Any, at: ast.expr) -> Types:  # noqa: ANN401  a type, or a live object
    """Return the types of a subscript."""
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if isinstance(of, Live):
        return (
            union((type(value),) for value in of.value.values()) if isinstance(of.value, dict) else _element_types(of)
        )
    if origin is tuple and isinstance(at, ast.Constant) and isinstance(at.value, int):
        return item_types_at(of, at.value)
    if isinstance(at, ast.Slice):
        return (of,)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:  # noqa: PLR2004
        return alternatives(arguments[1])
    return _element_types(of)


def item_types_at(of: Any, index: int) -> Types:  # noqa: ANN401  a type
    """Return the types of the item at an index, when a value is unpacked."""
    arguments = typing.get_args(of)
    if typing.get_origin(of) is tuple and arguments[1:] != (...,):
        return alternatives(arguments[index]) if -len(arguments) <= index < len(arguments) else UNKNOWN_TYPES
    return _element_types(of)


def instance_types(of: Any) -> Types:  # noqa: ANN401  a type, or a live object
    """Return the types of an instance of a class, or of one of a tuple of classes."""
    if isinstance(of, Live) and isinstance(of.value, type):
        return (of.value,)
    return (
        union(alternatives(argument) for argument in typing.get_args(of))
        if typing.get_origin(of) is tuple
        else UNKNOWN_TYPES
    )


def import_types(module: str, name: str | None) -> Types:
    """Return the types of what an import inside a function binds."""
    loaded = find_module(module)
    if loaded is None:
        return UNKNOWN_TYPES
    if name is None:
        return (Live(loaded),)
    value = getattr(loaded, name, UNKNOWN)
    if value is UNKNOWN:
        value = find_module(f"{module}.{name}") or UNKNOWN
    return UNKNOWN_TYPES if value is UNKNOWN else (Live(value),)


def alternatives(hint: Any) -> Types:  # noqa: ANN401  an annotation
    """Return the alternatives of an annotation."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated or origin in (typing.ClassVar, typing.Final):
        return alternatives(typing.get_args(hint)[0])
    if origin is typing.Union or origin is types.UnionType:
        return union(alternatives(argument) for argument in typing.get_args(hint))
    if origin is typing.Literal:
        return tuple(dict.fromkeys(type(argument) for argument in typing.get_args(hint)))
    if hint is None or hint is type(None):
        return (type(None),)
    if isinstance(hint, (str, typing.ForwardRef, typing.TypeVar)) or hint is Any or hint is object:
        return UNKNOWN_TYPES
    return (hint,)


def union(type_sets: Iterable[Types]) -> Types:
    """Return all types once, without None and Never where there are others."""
    all_types = [kind for types_ in type_sets for kind in types_]
    distinct: list[Any] = []
    for kind in all_types:
        if not any(_is_same(kind, other) for other in distinct):
            distinct.append(kind)
    present = [kind for kind in distinct if kind is not type(None) and kind is not typing.Never]
    return tuple(present) or tuple(distinct) or UNKNOWN_TYPES


def _is_same(first: Any, second: Any) -> bool:  # noqa: ANN401  types, or live objects
    if isinstance(first, Live) or isinstance(second, Live):
        return isinstance(first, Live) and isinstance(second, Live) and first.value is second.value
    return first is second or (type(first) is type(second) and bool(first == second))


def as_annotation(of: Types) -> Any:  # noqa: ANN401  an annotation
    """Return an annotation for several types, Any where one is not known."""
    known = [Any if isinstance(kind, (Unknown, Live, Inner)) else kind for kind in of]
    return Any if Any in known else typing.Union[tuple(known)]  # noqa: UP007  made at run time


@lru_cache(maxsize=4096)
def hints_of(of: Any) -> dict[str, Any]:  # noqa: ANN401  a class or a function
    """Return the evaluated annotations of a class or a function; empty where they cannot be evaluated."""
    if isinstance(of, type) and not issubclass(of, Struct) and of.__module__ in {"builtins", "datetime"}:
        return {}
    try:
        return typing.get_type_hints(of, include_extras=True)
    except Exception:  # noqa: BLE001  names for type checkers only, or anything else
        return {}
