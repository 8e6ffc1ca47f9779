"""Record which fields of its evidence a check reads, and which sets it iterates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from collector.core.checks import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.core.checks import All, Check, Need
    from collector.core.scopes import Scope


@dataclass(frozen=True)
class TouchedEvidence:
    """What a check read of one parameter.

    `fields` are the paths of the keys in the body, in the order in which they were first read; "hooks[].tls" is the
    key `tls` of members of `hooks`. `members` is how many members of a set were read in one go, None of a single
    resource. `is_read` is true for a set that was iterated, whatever it has.
    """

    parameter: str
    kind: str
    is_read: bool
    fields: tuple[str, ...]
    members: int | None


@dataclass
class _Reads:
    paths: dict[str, None] = field(default_factory=dict)
    members: int = 0
    is_iterated: bool = False


class Recording:
    """Records one call of a check."""

    def __init__(self, check: Check[...]) -> None:
        self._needs = check.needs
        self._reads = {need.parameter: _Reads() for need in check.needs}

    def of(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """Return the evidence by parameter as views and sets that record."""
        return {
            need.parameter: _RecordedSet(evidence[need.parameter], self._reads[need.parameter])
            if need.shape is Extent.ALL
            else _recorded(evidence[need.parameter], self._reads[need.parameter], "")
            for need in self._needs
        }

    def touched(self) -> tuple[TouchedEvidence, ...]:
        """Return what was read so far, by parameter."""
        return tuple(self._of_parameter(need, self._reads[need.parameter]) for need in self._needs)

    def _of_parameter(self, need: Need, reads: _Reads) -> TouchedEvidence:
        members = reads.members if need.shape is Extent.ALL else None
        is_read = reads.is_iterated or bool(reads.paths)
        return TouchedEvidence(need.parameter, need.kind.name, is_read, tuple(reads.paths), members)


class _RecordedSet:
    """A set whose iterations and members record."""

    def __init__(self, of: All[Any], reads: _Reads) -> None:
        self._of = of
        self._reads = reads

    def __iter__(self) -> Iterator[Any]:
        self._reads.is_iterated = True
        for number, view in enumerate(self._of, 1):
            self._reads.members = max(self._reads.members, number)
            yield _recorded(view, self._reads, "")

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each view with the scope that it was seen in."""
        self._reads.is_iterated = True
        for number, (scope, view) in enumerate(self._of.scoped(), 1):
            self._reads.members = max(self._reads.members, number)
            yield scope, _recorded(view, self._reads, "")

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes of the set."""
        self._reads.is_iterated = True
        yield from self._of.scopes()


class _EvidencePath:
    """Where in the evidence a recording view is. All are equal, so that two equal views are."""

    __slots__ = ("path", "reads")

    def __init__(self, reads: _Reads, path: str) -> None:
        self.reads = reads
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _EvidencePath)

    def __hash__(self) -> int:
        return hash(_EvidencePath)


def _recorded(value: Any, reads: _Reads, path: str) -> Any:  # noqa: ANN401  any field of a view
    """Return a value in which reading a field of a view adds its path; other values as they are."""
    if isinstance(value, Struct):
        own = {field.name: object.__getattribute__(value, field.name) for field in fields(value)}
        return _recording(type(value))(**own, annexd_path=_EvidencePath(reads, path))
    if type(value) in {list, tuple}:
        return type(value)(_recorded(member, reads, f"{path}[]") for member in value)
    if type(value) is dict:
        return {key: _recorded(member, reads, f"{path}[]") for key, member in value.items()}
    return value


@lru_cache(maxsize=1024)
def _recording(view: type[Struct]) -> type[Struct]:
    """Return a subclass of a view that records each field that is read of it."""
    keys = {field.name: field.encode_name for field in fields(view)}
    keys.pop("annexd_unread", None)

    def read(self: Struct, name: str) -> Any:  # noqa: ANN401  any field
        if name not in keys:
            return view.__getattribute__(self, name)
        place: _EvidencePath = object.__getattribute__(self, "annexd_path")
        path = f"{place.path}.{keys[name]}" if place.path else keys[name]
        place.reads.paths[path] = None
        return _recorded(view.__getattribute__(self, name), place.reads, path)

    return msgspec.defstruct(
        view.__name__,
        [("annexd_path", Any)],
        bases=(view,),
        namespace={"__getattribute__": read},
        kw_only=True,
        frozen=view.__struct_config__.frozen,
        module=view.__module__,
    )
