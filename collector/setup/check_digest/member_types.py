"""Types of what objects and types have, and of what iterating, indexing and calling them gives."""

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
    """What nobody wrote down."""


UNKNOWN = Unknown()
Types = tuple[Any, ...]
"""The types that a value may have; never empty."""

NOWHERE: Types = (UNKNOWN,)


@dataclass(frozen=True, eq=False)
class Live:
    """The value itself is known: a class, a function, a module or a constant."""

    value: Any


@dataclass(frozen=True)
class Inner:
    """A function that is written inside, or a lambda, with the scope that it is written in."""

    node: Any
    scope: Any


_CONTAINERS = (list, set, frozenset, tuple)
_TEXT = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace", "join"})


def returned(value: Any) -> Types:  # noqa: ANN401  whatever is called
    """Return what a call of a live object gives."""
    if isinstance(value, type):
        return (value,)
    if isinstance(value, types.FunctionType):
        return flat(hints_of(value).get("return", UNKNOWN))
    if isinstance(value, types.MethodType):
        return returned(value.__func__)
    if typing.get_origin(value) is Callable:
        return flat(typing.get_args(value)[-1])
    return NOWHERE


def attribute(of: Any, name: str) -> Types:  # noqa: ANN401, PLR0911  a type, or a live object
    """Return the types of an attribute."""
    if isinstance(of, Live):
        value = getattr(of.value, name, UNKNOWN)
        return NOWHERE if value is UNKNOWN else (Live(value),)
    origin, arguments = typing.get_origin(of) or of, typing.get_args(of)
    if origin is All:
        inner = arguments[0]
        made = {"scoped": list[tuple[Place, inner]], "scopes": list[Place]}.get(name)  # type: ignore[valid-type]
        return NOWHERE if made is None else (Callable[[], made],)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:  # noqa: PLR2004
        key, value = arguments
        made = {"get": value, "pop": value, "items": list[tuple[key, value]]}.get(name)  # type: ignore[valid-type]
        made = {"keys": list[key], "values": list[value]}.get(name, made)  # type: ignore[valid-type]
        return NOWHERE if made is None else (Callable[[], made],)
    if not isinstance(origin, type):
        return NOWHERE
    if origin is str and name in _TEXT:
        return (Callable[[], str],)
    hints = hints_of(origin)
    if name in hints:
        return flat(hints[name])
    member = inspect.getattr_static(origin, name, None)
    match member:
        case property(fget=getter) if getter is not None:
            return returned(getter)
        case cached_property():
            return returned(member.func)
        case types.FunctionType():
            return (Live(member),)
        case staticmethod() | classmethod():
            return (Live(member.__func__),)
        case _:
            return NOWHERE


def elements(of: Types) -> Types:
    """Return what iterating gives."""
    return joined(_element(one) for one in of)


def _element(of: Any) -> Types:  # noqa: ANN401  a type, or a live object
    if isinstance(of, Live):
        value = of.value
        if isinstance(value, str):
            return (str,)
        if isinstance(value, (*_CONTAINERS, dict)):
            return joined((type(one),) for one in value)
        return (value,) if isinstance(value, type) and hasattr(value, "__members__") else NOWHERE
    if of is str:
        return (str,)
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if origin is tuple and arguments[1:] != (...,):
        return joined(flat(one) for one in arguments) if arguments else (typing.Never,)
    if arguments and (origin is All or (isinstance(origin, type) and issubclass(origin, Iterable))):
        return flat(arguments[0])
    return NOWHERE


def item(of: Any, at: ast.expr) -> Types:  # noqa: ANN401  a type, or a live object
    """Return what a subscript gives."""
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if isinstance(of, Live):
        return joined((type(one),) for one in of.value.values()) if isinstance(of.value, dict) else _element(of)
    if origin is tuple and isinstance(at, ast.Constant) and isinstance(at.value, int):
        return item_at(of, at.value)
    if isinstance(at, ast.Slice):
        return (of,)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:  # noqa: PLR2004
        return flat(arguments[1])
    return _element(of)


def item_at(of: Any, index: int) -> Types:  # noqa: ANN401  a type
    """Return what unpacking puts in one place."""
    arguments = typing.get_args(of)
    if typing.get_origin(of) is tuple and arguments[1:] != (...,):
        return flat(arguments[index]) if -len(arguments) <= index < len(arguments) else NOWHERE
    return _element(of)


def instance(of: Any) -> Types:  # noqa: ANN401  a type, or a live object
    """Return what is caught where a class, or a tuple of them, is named."""
    if isinstance(of, Live) and isinstance(of.value, type):
        return (of.value,)
    return joined(flat(one) for one in typing.get_args(of)) if typing.get_origin(of) is tuple else NOWHERE


def imported(module: str, name: str | None) -> Types:
    """Return what a late import brings in."""
    found = find_module(module)
    if found is None:
        return NOWHERE
    if name is None:
        return (Live(found),)
    value = getattr(found, name, UNKNOWN)
    if value is UNKNOWN:
        value = find_module(f"{module}.{name}") or UNKNOWN
    return NOWHERE if value is UNKNOWN else (Live(value),)


def flat(hint: Any) -> Types:  # noqa: ANN401  an annotation
    """Return the alternatives of an annotation; None is left out, because it has no attributes."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated or origin in (typing.ClassVar, typing.Final):
        return flat(typing.get_args(hint)[0])
    if origin is typing.Union or origin is types.UnionType:
        return joined(flat(one) for one in typing.get_args(hint))
    if origin is typing.Literal:
        return tuple(dict.fromkeys(type(one) for one in typing.get_args(hint)))
    if hint is None or hint is type(None):
        return (type(None),)
    if isinstance(hint, (str, typing.ForwardRef, typing.TypeVar)) or hint is Any or hint is object:
        return NOWHERE
    return (hint,)


def joined(several: Iterable[Types]) -> Types:
    """Return all alternatives once; None and what is never there are left out beside others."""
    found = [one for each in several for one in each]
    distinct: list[Any] = []
    for one in found:
        if not any(_is_same(one, other) for other in distinct):
            distinct.append(one)
    some = [one for one in distinct if one is not type(None) and one is not typing.Never]
    return tuple(some) or tuple(distinct) or NOWHERE


def _is_same(one: Any, other: Any) -> bool:  # noqa: ANN401  types, or live objects
    if isinstance(one, Live) or isinstance(other, Live):
        return isinstance(one, Live) and isinstance(other, Live) and one.value is other.value
    return one is other or (type(one) is type(other) and bool(one == other))


def only(of: Types) -> Any:  # noqa: ANN401  one annotation for several
    """Return one annotation for several types, Any where one is not known."""
    known = [Any if isinstance(one, (Unknown, Live, Inner)) else one for one in of]
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
