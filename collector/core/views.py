"""Decode stored evidence into the typed view of its kind; what could not be read raises when it is touched."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import fields, force_setattr

from collector.core.errors import Unread
from collector.core.resources import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

V = TypeVar("V", bound=Struct)


class UndecodableError(Exception):
    """The stored body does not have the shape that the view demands; the message has the path."""


class _Envelope(Struct, Generic[V]):
    body: V


@lru_cache(maxsize=1024)
def _decoder(view: type[Struct]) -> msgspec.json.Decoder[Any]:
    envelope: Any = _Envelope  # subscribed at run time, with a view that no annotation can name
    return msgspec.json.Decoder(envelope[view])


@lru_cache(maxsize=1024)
def _with_unread(view: type[Struct], unread: frozenset[str]) -> tuple[type[Struct], frozenset[str]]:
    """Return a subclass of the view in which the unread fields may be missing and raise, with their attribute names."""
    missing = [field for field in fields(view) if field.encode_name in unread]
    attributes = frozenset(field.name for field in missing)

    def read(self: Struct, name: str) -> Any:  # noqa: ANN401  any field
        if name in attributes:
            reasons: Mapping[str, str] = object.__getattribute__(self, "annexd_unread")
            raise Unread(reasons[name])
        return object.__getattribute__(self, name)

    made = msgspec.defstruct(
        view.__name__,
        [
            *((field.name, Any, msgspec.field(name=field.encode_name, default=None)) for field in missing),
            ("annexd_unread", Any, None),
        ],
        bases=(view,),
        namespace={"__getattribute__": read},
        kw_only=True,
        frozen=True,
        module=view.__module__,
    )
    return made, attributes


def decode(view: type[V], stored: bytes, facts: bytes | None = None, unread: Mapping[str, str] | None = None) -> V:
    """Return the view of a stored body, with its volatile facts, in which each unread key raises Unread.

    `stored` is the blob, `facts` the JSON object of the volatile keys or None where there are none, `unread` maps the
    body's missing keys to the reason a person reads. Raises UndecodableError with the path of what does not fit.
    """
    kind = kind_of(view)
    reasons = dict(unread) if unread else {}
    data = _splice(stored, facts)
    try:
        if not reasons:
            whole: V = _decoder(view).decode(data).body
            return whole
        made, _ = _with_unread(view, frozenset(reasons))
        partly = _decoder(made).decode(data).body
    except msgspec.DecodeError as error:
        message = f"{kind.name}: {error}"
        raise UndecodableError(message) from error
    names = {field.encode_name: field.name for field in fields(view)}
    force_setattr(partly, "annexd_unread", {names[key]: why for key, why in reasons.items() if key in names})
    decoded: V = partly
    return decoded


def nothing_read(view: type[V], reason: str) -> V:
    """Return a view of which every field raises Unread with the reason: a resource that could not be looked for."""
    keys = frozenset(field.encode_name for field in fields(view))
    made, attributes = _with_unread(view, keys)
    empty: Any = msgspec.convert({}, made)  # a subclass of V, made at run time
    force_setattr(empty, "annexd_unread", dict.fromkeys(attributes, reason))
    nothing: V = empty
    return nothing


def _splice(stored: bytes, facts: bytes | None) -> bytes:
    """Put the volatile keys back into the body, which stands first in the blob because its keys are sorted."""
    if facts is None or facts == b"{}":
        return stored
    start = b'{"body":{'
    if not stored.startswith(start):
        _damaged()
    rest = stored[len(start) :]
    comma = b"" if rest.startswith(b"}") else b","
    return start + facts[1:-1] + comma + rest


def _damaged() -> NoReturn:
    message = "the stored body does not begin as annexd writes it"
    raise UndecodableError(message)
