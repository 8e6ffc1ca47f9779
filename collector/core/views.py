"""Decode stored evidence into the typed view of its kind; a key that could not be read raises Unread on access."""

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
    """The stored body does not match the view; the message has the path."""


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

    subclass = msgspec.defstruct(
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
    return subclass, attributes


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
            complete: V = _decoder(view).decode(data).body
            return complete
        subclass, _ = _with_unread(view, frozenset(reasons))
        with_unread = _decoder(subclass).decode(data).body
    except msgspec.DecodeError as error:
        message = f"{kind.name}: {error}"
        raise UndecodableError(message) from error
    names = {field.encode_name: field.name for field in fields(view)}
    force_setattr(with_unread, "annexd_unread", {names[key]: why for key, why in reasons.items() if key in names})
    decoded: V = with_unread
    return decoded


def unread_view(view: type[V], reason: str) -> V:
    """Return a view in which every field raises Unread with the reason, for a resource that could not be observed."""
    keys = frozenset(field.encode_name for field in fields(view))
    subclass, attributes = _with_unread(view, keys)
    view_of: Any = msgspec.convert({}, subclass)  # a subclass of V, made at run time
    force_setattr(view_of, "annexd_unread", dict.fromkeys(attributes, reason))
    unread: V = view_of
    return unread


def _splice(stored: bytes, facts: bytes | None) -> bytes:
    """Return the blob with the volatile keys put back into the body, its first key because keys are sorted."""
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
