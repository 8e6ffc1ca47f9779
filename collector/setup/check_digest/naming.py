"""The form of names: numbers for local ones, the form of their values for others."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Never

from msgspec import Struct

from collector.setup.check_digest.draft import Draft, Names, Token
from collector.setup.check_digest.foreign import ALL, FILES, MEMBERS, REACHES_OUT, foreign_token
from collector.setup.check_digest.member_types import UNKNOWN, Inner, Live, import_types
from collector.setup.check_digest.values import VOCABULARY, lookup, value_token, wire_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.setup.check_digest.names import Scope


class Naming:
    """The names of a target. `rebound` are globals that functions assign to."""

    def __init__(self, draft: Draft, names: Mapping[str, Any], closure: Mapping[str, Any], rebound: set[str]) -> None:
        self._draft = draft
        self._names = names
        self._closure = closure
        self._rebound = rebound
        self._count = 0

    def local(self, name: str, scope: Scope | None) -> Token:
        """Return the form of a name that is bound here: its number, or the name for a member of a class."""
        owner = None if scope is None else scope.find(name)
        if owner is None:
            return self.name(name, scope)
        if name in owner.limits:
            return ["limit", name]
        if owner.kind == "class":
            return ["member", name]
        if name not in owner.numbers:
            owner.numbers[name] = self._count
            self._count += 1
        return (
            ["local", owner.numbers[name], name] if self._draft.names >= Names.ALL else ["local", owner.numbers[name]]
        )

    def name(self, name: str, scope: Scope | None) -> Token:
        """Return the form of a name where it is used."""
        owner = None if scope is None else scope.find(name)
        if owner is None:
            return self._global(name)
        own = self.local(name, scope)
        if owner.kind == "class" and (name in self._names or name in self._closure):
            return ["either", own, self._global(name)]
        ways = owner.bound[name]
        if len(ways) == 1 and ways[0].how == "import":
            known = import_types(*ways[0].of)
            if known and isinstance(known[0], Live):
                return self.live(known[0].value, name, ways[0].of)
        return own

    def _global(self, name: str) -> Token:
        if name in FILES:
            return ["file", self._draft.reads_files()]
        if name in {"__doc__", "__name__"} or name in self._rebound:
            return ["global", name, self._draft.whole_module(self._draft.module)]
        if name in self._closure:
            return self.live(self._closure[name], name, None)
        try:
            return self.live(lookup(self._names, name), name, None)
        except KeyError:
            return ["undefined", name]

    def live(self, value: Any, name: str, origin: tuple[str, str | None] | None) -> Token:  # noqa: ANN401
        """Return the form of the live object that a name stands for."""
        if self._draft.names >= Names.ALL:
            return [name, self._value(value, name, origin)]
        return self._value(value, name, origin)

    def _value(self, value: Any, name: str, origin: tuple[str, str | None] | None) -> Token:  # noqa: ANN401
        if isinstance(value, types.BuiltinFunctionType) and getattr(value, "__self__", None) is not None:
            owner = value.__self__
            if isinstance(owner, types.ModuleType):
                return foreign_token(self._draft, owner.__name__, value.__name__)
        at = (self._draft.module, name) if origin is None or origin[1] is None else (origin[0], origin[1])
        return value_token(self._draft, value, at)

    def foreign_member(self, module: types.ModuleType, name: str, value: Any) -> Token:  # noqa: ANN401
        """Return the form of a member of a foreign module."""
        named = foreign_token(self._draft, module.__name__, name)
        if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType) or id(value) in VOCABULARY:
            return self.live(value, name, (module.__name__, name))
        return named

    def member(self, of: Iterable[Any], name: str) -> Token:
        """Return the form of a member's name: the key of the body for a field of a view."""
        if name in MEMBERS or name in FILES:
            self._draft.need(Names.MEMBERS)
        if name in ALL:
            self._draft.need(Names.ALL)
        if name in FILES:
            return ["member", name, self._draft.reads_files()]
        if name in REACHES_OUT:
            return ["member", name, self._draft.whole_module(self._draft.module), self._draft.reads_files()]
        tokens: list[Token] = []
        for owner in of:
            wire = _wire(owner, name)
            if owner is UNKNOWN or (wire is None and not _has_no_fields(owner)):
                self._draft.attributes.add(name)
            kept = wire is None or self._draft.names >= Names.MEMBERS
            token: Token = ["field", wire, name if kept else ""] if wire is not None else ["member", name]
            if token not in tokens:
                tokens.append(token)
        return tokens[0] if len(tokens) == 1 else ["one of", *sorted(tokens, key=repr)]


def _has_no_fields(of: Any) -> bool:  # noqa: ANN401  a type, or a live object
    """Whether a type is certainly not a view, so that its members are not fields."""
    if isinstance(of, Live):
        return not isinstance(of.value, types.ModuleType)
    if isinstance(of, Inner) or of in (UNKNOWN, object, type(None), Never, Any):
        return False
    kind = of if isinstance(of, type) else getattr(of, "__origin__", None)
    # A value annotated with a protocol, or with a base class of views, may be a view.
    return not (isinstance(kind, type) and (getattr(kind, "_is_protocol", False) or _has_view_subclass(kind)))


def _has_view_subclass(kind: type) -> bool:
    below = type.__subclasses__(kind) if not issubclass(kind, Struct) else []
    return any(issubclass(subclass, Struct) or _has_view_subclass(subclass) for subclass in below)


def _wire(of: Any, name: str) -> str | None:  # noqa: ANN401  a type, or a live object
    kind = of if isinstance(of, type) else getattr(of, "__origin__", None)
    if isinstance(of, Live):
        kind = of.value if isinstance(of.value, type) else type(of.value)
    if not isinstance(kind, type) or not issubclass(kind, Struct):
        return None
    return wire_names(kind).get(name)
