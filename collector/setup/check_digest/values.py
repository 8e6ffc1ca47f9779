"""The form of constants and types: by value, without their names and modules."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import ipaddress
import logging
import operator
import re
import types
import typing
import uuid
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.checks import All, Check, The, check
from collector.core.errors import Unread
from collector.core.resources import resource
from collector.setup.check_digest.draft import Draft, Names, Target, Token
from collector.setup.check_digest.foreign import foreign_token, module_and_name
from collector.setup.check_digest.origin import home_module, module_of, package_folder, source_of

VOCABULARY = {
    id(of): word
    for word, of in {
        "view": Struct,
        "every": All,
        "nearest": typing.get_args(The[int])[1],
        "unread": Unread,
        "make a check": check,
        "make a kind": resource,
    }.items()
}
"""The vocabulary that checks are written with; each object has a fixed word as its form."""

_BY_TEXT = (
    *(decimal.Decimal, fractions.Fraction, uuid.UUID),
    *(ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network),
    *(dt.date, dt.time, dt.timedelta, dt.timezone, range, slice),
)
_DEEPEST = 50

INSIDE = -1
"""The depth at which a container is looked into, in place of being referred to."""


def value_token(draft: Draft, of: Any, at: tuple[str, str], depth: int = 0) -> Token:  # noqa: ANN401, C901, PLR0911, PLR0912
    """Return what a value comes to; `at` is the module and the name under which it was found."""
    if depth > _DEEPEST:
        return draft.whole_module(at[0])
    if id(of) in VOCABULARY:
        return ["word", VOCABULARY[id(of)]]
    match of:
        case None | bool() | int() | float() | complex() | bytes() if type(of).__module__ == "builtins":
            return ["is", type(of).__name__, repr(of)]
        case types.EllipsisType() | types.NotImplementedType():
            return ["is", repr(of)]
        case str() if type(of) is str:
            return _text(draft, of)
        case Check():
            return draft.ref(Target("check", of))
        case types.ModuleType():
            return _module(draft, of)
        case _ if is_type(of):
            return type_token(draft, of, at)
        case enum.Enum():
            return ["member", value_token(draft, type(of), at, depth + 1), of.name or repr(of.value)]
        case re.Pattern():
            return ["re", repr(of.pattern), of.flags]
        case list() | dict() | set() | collections.deque() if depth >= 0:
            # Mutable values count by identity, not only by content.
            return draft.ref(Target("value", of, at))
        case tuple() | list() | collections.deque() if type(of).__module__ in {"builtins", "collections"}:
            return [type(of).__name__, *(value_token(draft, item, at, depth + 1) for item in of)]
        case set() | frozenset():
            if all(
                isinstance(member, str | int | float | bytes | None) and not isinstance(member, enum.Enum)
                for member in of
            ):
                return ["set", sorted((value_token(draft, member, at, depth + 1) for member in of), key=repr)]
            return ["set", draft.ref(Target("set", of, at))]
        case dict() | types.MappingProxyType() if type(of).__module__ in {"builtins", "collections", "types"}:
            pairs = [[value_token(draft, item, at, depth + 1) for item in pair] for pair in of.items()]
            made = getattr(of, "default_factory", None)
            return ["dict", type(of).__name__, value_token(draft, made, at, depth + 1), *pairs]
        case PurePath():
            return [type(of).__name__, draft.reads_files(), _text(draft, str(of))]
        case _ if isinstance(of, _BY_TEXT) and type(of).__module__ in {"decimal", "fractions", "uuid", "ipaddress"}:
            return [type(of).__name__, str(of)]
        case _ if isinstance(of, _BY_TEXT):
            return ["is", repr(of)]
        case functools.partial():
            parts = (of.func, of.args, of.keywords)
            draft.keywords.update(of.keywords)
            return ["partial", *(value_token(draft, part, at, depth + 1) for part in parts)]
        case operator.attrgetter() | operator.methodcaller() | operator.itemgetter():
            draft.need(Names.NONE if isinstance(of, operator.itemgetter) else Names.MEMBERS)
            return [
                type(of).__name__,
                *(value_token(draft, argument, at, depth + 1) for argument in of.__reduce__()[1:]),
            ]
        case msgspec.json.Decoder() | msgspec.msgpack.Decoder():
            hook = value_token(draft, of.dec_hook, at, depth + 1)
            return ["decoder", _foreign_type(draft, of), type_token(draft, of.type, at), of.strict, hook]
        case types.FunctionType():
            return _function(draft, of, at)
        case types.MethodType():
            return ["method", *(value_token(draft, part, at, depth + 1) for part in (of.__func__, of.__self__))]
        case staticmethod() | classmethod():
            return [type(of).__name__, value_token(draft, of.__func__, at, depth + 1)]
        case property():
            return [
                "property",
                *(value_token(draft, accessor, at, depth + 1) for accessor in (of.fget, of.fset, of.fdel)),
            ]
        case functools.cached_property():
            return ["property", value_token(draft, of.func, at, depth + 1)]
        case logging.Logger():
            return ["logger"]
        case _:
            return _other(draft, of, at, depth)


def _other(draft: Draft, of: Any, at: tuple[str, str], depth: int) -> Token:  # noqa: ANN401
    wrapped = getattr(of, "__wrapped__", None)
    if wrapped is not None and callable(of):
        return ["wrapped", type(of).__name__, value_token(draft, wrapped, at, depth + 1)]
    own = getattr(of, "__self__", None)
    if isinstance(of, types.BuiltinMethodType | types.MethodWrapperType) and not isinstance(
        own, types.ModuleType | None
    ):
        return ["method", of.__name__, value_token(draft, own, at, depth + 1)]
    if type(of) is object:
        return draft.ref(Target("object", of))
    if draft.follows(type(of).__module__):
        return _instance(draft, of, at, depth) if depth == INSIDE else draft.ref(Target("value", of, at))
    if isinstance(of, types.BuiltinFunctionType) and (named := module_and_name(of)) is not None:
        return foreign_token(draft, *named)
    return unknown_token(draft, at)


def _remembered(of: Any) -> set[str]:  # noqa: ANN401
    """Return the fields that hold what was found out about an instance: not compared, not shown, empty at first."""
    fields = dataclasses.fields(of) if dataclasses.is_dataclass(of) else ()
    return {
        field.name
        for field in fields
        if not field.compare and not field.repr and field.default_factory is not dataclasses.MISSING
    }


def unknown_token(draft: Draft, at: tuple[str, str]) -> Token:
    """Return the form of an unsupported value: the name it was imported by, or its whole module."""
    module, name = at
    if not draft.follows(module):
        return foreign_token(draft, module, name)
    imports = source_of(module).imports
    if name in imports:
        origin, attribute = imports[name]
        if attribute is not None and origin != module:
            return unknown_token(draft, (origin, attribute))
    return draft.whole_module(module)


def _instance(draft: Draft, of: Any, at: tuple[str, str], depth: int) -> Token:  # noqa: ANN401
    kind = type(of)
    own = dict(getattr(of, "__dict__", {}))
    if isinstance(of, Struct):
        draft.fields.update(kind.__struct_fields__)
        own |= {wire: getattr(of, name) for name, wire in wire_names(kind).items()}
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        names = [slots] if isinstance(slots, str) else slots
        own |= {name: getattr(of, name) for name in names if not isinstance(of, Struct) and hasattr(of, name)}
        own = {
            name: value
            for name, value in own.items()
            if not isinstance(base.__dict__.get(name), functools.cached_property)
        }
    kept = sorted(own.keys() - _remembered(of))
    members = [[name, value_token(draft, own[name], at, depth + 1)] for name in kept]
    inherited = [list(of)] if isinstance(of, tuple | list) else [dict(of)] if isinstance(of, dict) else []
    if isinstance(of, str | int | float | bytes):
        inherited.append(kind.__mro__[-2](of))
    rest = [value_token(draft, value, at, depth + 1) for value in inherited]
    return ["instance", draft.ref(Target("class", kind)), members, rest]


def wire_names(view: type[Struct]) -> dict[str, str]:
    """Return the keys of the body by the names of a view's fields."""
    return dict(zip(view.__struct_fields__, view.__struct_encode_fields__, strict=True))


def _function(draft: Draft, of: types.FunctionType, at: tuple[str, str]) -> Token:
    home = home_module(of)
    if draft.follows(home):
        return draft.ref(Target("function", of))
    named: Token = foreign_token(draft, home, of.__code__.co_qualname)
    cells = [cell.cell_contents for cell in of.__closure__ or () if not _is_empty(cell)]
    wrapped = getattr(of, "__wrapped__", None)
    # A foreign function may contain one that is followed, such as a decorated one.
    followed = [function for function in [*cells, wrapped] if function is not None and function is not of]
    return ["carrying", named, *(value_token(draft, function, at, 1) for function in followed)] if followed else named


def _is_empty(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is None
    except ValueError:
        return True


def _module(draft: Draft, of: types.ModuleType) -> Token:
    if draft.follows(of.__name__):
        draft.need(Names.ALL)
        return draft.whole_module(of.__name__)
    return foreign_token(draft, of.__name__, "")


def _text(draft: Draft, of: str) -> Token:
    """Return the form of a text; in a path below the package, the package's files replace its folder."""
    folder = package_folder(draft.module)
    if folder is not None and str(folder) in of:
        return ["path", draft.reads_files(), plain_text(of.replace(str(folder), ""))]
    return ["is", "str", plain_text(of)]


def plain_text(of: str) -> str:
    """Return a text in ASCII, so that two of them can be joined."""
    return of.encode("unicode_escape").decode("ascii")


def is_type(of: Any) -> bool:  # noqa: ANN401  any value
    """Whether a value is a class or another type that annotations have."""
    return isinstance(of, type | types.GenericAlias | types.UnionType | typing.NewType | typing.TypeVar) or (
        getattr(type(of), "__module__", "") == "typing"
    )


def type_token(draft: Draft, of: Any, at: tuple[str, str]) -> Token:  # noqa: ANN401, PLR0911  a type
    """Return the form of a type: views by the keys of their bodies, others by their code."""
    if id(of) in VOCABULARY:
        return ["word", VOCABULARY[id(of)]]
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if of is None or of is type(None):
        return ["is", "None"]
    if origin is typing.Literal:
        return ["literal", *(value_token(draft, argument, at) for argument in arguments)]
    if origin is typing.Union or origin is types.UnionType:
        return ["union", *(type_token(draft, argument, at) for argument in arguments)]
    if origin is typing.Annotated:
        return ["annotated", *(_metadata(draft, argument, at) for argument in arguments)]
    if origin is not None and origin is not of:  # typing.Generic is its own origin
        parts = (list(argument) if isinstance(argument, tuple | list) else argument for argument in arguments)
        inner = [
            [type_token(draft, inner_argument, at) for inner_argument in part]
            if isinstance(part, list)
            else type_token(draft, part, at)
            for part in parts
        ]
        return ["of", type_token(draft, origin, at), *inner]
    if hasattr(of, "__value__"):
        return type_token(draft, of.__value__, at)
    if isinstance(of, typing.NewType):
        return ["new type", type_token(draft, of.__supertype__, at)]
    if isinstance(of, type):
        return draft.ref(Target("class", of)) if draft.follows(of.__module__) else _foreign_type(draft, of)
    if isinstance(of, typing.TypeVar | str | typing.ForwardRef) or of is ...:
        return ["is", "any type"]
    return ["is", repr(of)] if type(of).__module__ == "typing" else value_token(draft, of, at)


def _foreign_type(draft: Draft, of: Any) -> Token:  # noqa: ANN401  a class or an object of one
    kind = of if isinstance(of, type) else type(of)
    return foreign_token(draft, kind.__module__, kind.__qualname__)


def _metadata(draft: Draft, of: Any, at: tuple[str, str]) -> Token:  # noqa: ANN401
    if isinstance(of, msgspec.Meta):
        return ["meta", repr(of)]
    return type_token(draft, of, at) if is_type(of) else value_token(draft, of, at)


def lookup(names: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401  whatever a name stands for
    """Return the value of a global or a built-in name. Raises KeyError."""
    if name in names:
        return names[name]
    return vars(module_of("builtins"))[name]
