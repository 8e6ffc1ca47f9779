"""Connectors: the collections, parts and discoveries that one platform offers, declared by decorators."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from collector.core.answers import AnswerBasis
from collector.core.buckets import Bucket
from collector.core.errors import ConnectorError
from collector.core.published import Published, unpublished
from collector.core.resources import Body, Kind, kind_of
from collector.core.rights import OwnRights, ReadRights
from collector.core.roll_out import WriteRollOut
from collector.core.scopes import Scope
from collector.core.wire import Call, Total, Wire

S = TypeVar("S", bound=Struct)
C = TypeVar("C")

Listed = Iterator[Body | Total]
"""What the function of a collection returns: an iterator of bodies, with the platform's own count where it has one."""

WritePermissions = Callable[[Mapping[str, Iterable[str]]], str]
"""Writes permissions, each with the kinds and parts that it is for, in the form in which the platform grants them."""

DAILY = timedelta(hours=24)


class Found(Struct, frozen=True):
    """A scope that a discovery names, with what the platform says of it: enabled APIs, plan, project number.

    `facts` are JSON-like and hold for the run that found them. They must come from a list that is consistent when it
    answers: what a lagging list does not name may still be there.
    """

    name: str
    facts: Mapping[str, Any] = {}


Below = str | Found | None
"""What a discovery says of one body: the name of the next scope, the same with facts, or that it names none."""

Unused = Callable[[Mapping[str, Any]], str | None]
"""From the facts of a scope to the platform's documented reason why a kind cannot exist there; None: it may."""


@dataclass(frozen=True)
class Collection(Generic[C]):
    """How the resources of one kind are listed in a scope of one level.

    `eventual`: the platform documents that the list may lag, so what it does not show may exist.
    """

    kind: Kind
    level: str
    calls: tuple[str, ...]
    permissions: tuple[str, ...]
    every: timedelta
    list: Callable[[C], Listed]
    when: Callable[[Any], bool]
    unused: Unused | None = None
    eventual: bool = False

    @property
    def id(self) -> str:
        """The name of the kind; a kind has one collection."""
        return self.kind.name

    @property
    def call(self) -> str:
        """The operations that listing calls, joined by commas."""
        return ", ".join(self.calls)


@dataclass(frozen=True)
class Part(Generic[C]):
    """A top-level key of a body that needs a call, and a permission, of its own."""

    kind: Kind
    name: str
    calls: tuple[str, ...]
    permissions: tuple[str, ...]
    absent: frozenset[str]
    read: Callable[[C, Body], Any]

    @property
    def call(self) -> str:
        """The operations that reading the part calls, joined by commas."""
        return ", ".join(self.calls)


@dataclass(frozen=True)
class Discovery(Generic[S]):
    """How scopes are discovered from a collection: `below` returns the next scope for a body, or None."""

    collection: str
    level: str
    below: Callable[[S, Body], Below]


class Lacking(Struct, frozen=True):
    """A permission that the caller lacks in a scope. `why` is the platform's reason, the same text for the same reason.

    `certain`: False where it depends on what the platform did not say.
    """

    permission: str
    why: str = ""
    certain: bool = True


@dataclass(frozen=True)
class Probe(Generic[C]):
    """How a platform is asked in one scope which permissions the caller lacks, without reading anything with them.

    `mend` says what mends it for these scopes, in the platform's own commands: where they cannot be entered, with no
    permissions, else where those permissions are lacking.
    """

    level: str
    calls: tuple[str, ...]
    permissions: tuple[str, ...]
    lacking: Callable[[C, Sequence[str]], Iterator[Lacking]]
    mend: Callable[[Any, Sequence[str], Sequence[str]], str]


@dataclass
class Connector(Generic[S, C]):
    """The declaration of one platform. Collections, parts and discoveries are added by the decorators below.

    `levels` names the levels of a scope from the outermost, such as ("account", "region"). `roots` returns the scopes
    that the settings name. `connect` returns a client for one scope, with the wire hooked into the SDK; the client is
    shared by the tasks of its scope, used from several threads, and passed to `close` after the last task. `explain`
    returns the ConnectorError for a platform's error, or None; without one the error is reported as unexpected. A
    client that raises ConnectorError itself, as that of the HTTP kit does, needs no `explain`.
    `quota` returns the bucket that a call in a scope counts against; it is asked once for each client and operation, so
    it may depend on the operation and not on the parameters. `named_below` returns the scopes directly below one that
    the settings name: they are looked at where the list that discovers them is not complete. `identity` asks the
    platform for the identity of the caller, once for each scope, or once for each value of `identity_of`. `published`
    returns what the platform's published description says of the answers to an operation, so that a recording can keep
    it.

    `check_prefixes` are the beginnings of the ids of its checks, own checks of an operator included; a connector that
    names none can have no check. `permissions_document` writes what is to be granted in the platform's own form;
    without it permissions are listed one a line; `roll_out` writes what makes the access itself. `docs` is the page
    about the connector: a path below the repository, or an address. `answers` says by call how sure its answers are; a
    call that is not named is only described. `coverage` is the file that says which verdicts the tests of its checks
    show (docs/connector-coverage.md).

    All functions are plain ones: an `async def` raises TypeError, here and in the decorators.
    """

    name: str
    title: str
    settings: type[S]
    levels: tuple[str, ...]
    roots: Callable[[S], Sequence[Scope]]
    connect: Callable[[S, Scope, Wire], C]
    quota: Callable[[S, Scope, Call], Bucket]
    explain: Callable[[Exception], ConnectorError | None] = lambda _error: None
    identity: Callable[[C], str] | None = None
    identity_call: str = ""
    identity_of: Callable[[S, Scope], object] = lambda _settings, scope: scope
    close: Callable[[C], None] | None = None
    named_below: Callable[[S, Scope], Sequence[str]] = lambda _settings, _scope: ()
    version: str = "1"
    published: Callable[[str], Published] = unpublished
    check_prefixes: tuple[str, ...] = ()
    permissions_document: WritePermissions | None = None
    roll_out: WriteRollOut | None = None
    docs: str = ""
    answers: Mapping[str, AnswerBasis] = field(default_factory=dict)
    coverage: Path | None = None
    collections: dict[str, Collection[C]] = field(default_factory=dict)
    parts: dict[str, list[Part[C]]] = field(default_factory=dict)
    discoveries: dict[str, list[Discovery[S]]] = field(default_factory=dict)
    probe: Probe[C] | None = None
    own_rights: OwnRights | None = None

    def __post_init__(self) -> None:
        for name in ("roots", "connect", "explain", "quota", "identity", "identity_of", "named_below", "close"):
            _require_plain(getattr(self, name), f"{self.name}: {name}")

    def collects(  # noqa: PLR0913  keywords of a declaration
        self,
        of: type[Struct],
        *,
        at: str,
        call: str | tuple[str, ...],
        permissions: str | tuple[str, ...] = (),
        every: timedelta = DAILY,
        when: Callable[[S], bool] = lambda _settings: True,
        unused: Unused | None = None,
        eventual: bool = False,
    ) -> Callable[[Callable[[C], Listed]], Callable[[C], Listed]]:
        """Declare a function that lists the resources of a kind in one scope of level `at`, and does nothing else.

        `call` is the platform's operation or operations, `permissions` the smallest ones that they need, both in the
        platform's words. A source whose settings `when` returns false for does not have the collection. `unused` is
        asked where discovery has said facts of the scope: a reason ends the list as not used, without a call. Say
        `eventual` where the platform documents that the list may lag: nothing passes then because it is not listed.
        Raises TypeError on a second collection of a kind, on a level that does not exist, and on an async function.
        """
        kind = kind_of(of)

        def mark(listing: Callable[[C], Listed]) -> Callable[[C], Listed]:
            if kind.name in self.collections:
                message = f"{kind.name} has two collections"
                raise TypeError(message)
            self.depth(at)
            _require_plain(listing, f"{self.name}: the list of {kind.name}")
            _require_plain(when, f"{self.name}: when of {kind.name}")
            self.collections[kind.name] = Collection(
                kind, at, _as_tuple(call), _as_tuple(permissions), every, listing, when, unused, eventual
            )
            return listing

        return mark

    def discovers(
        self, of: type[Struct], *, level: str, below: Callable[[S, Body], Below]
    ) -> Callable[[Callable[[C], Listed]], Callable[[C], Listed]]:
        """Declare that the resources of a kind name the scopes of `level`, one level below where they are listed.

        Goes above `collects` on the same function: a discovery is an ordinary collection, recorded like any other.
        A level may have several discoveries; `when` of each collection decides which of them a source uses. Raises
        TypeError where `level` is not directly below the level of the collection, and where the list may lag: a scope
        that it does not show would be closed.
        """
        kind = kind_of(of)

        def mark(listing: Callable[[C], Listed]) -> Callable[[C], Listed]:
            collection = self.collections[kind.name]
            if self.depth(level) != self.depth(collection.level) + 1:
                message = f"{kind.name} is listed at {collection.level!r} and cannot discover {level!r}"
                raise TypeError(message)
            if collection.eventual:
                message = f"{kind.name} is eventually consistent and cannot discover {level!r}"
                raise TypeError(message)
            _require_plain(below, f"{self.name}: below of {level}")
            self.discoveries.setdefault(level, []).append(Discovery(kind.name, level, below))
            return listing

        return mark

    def part(
        self,
        of: type[Struct],
        name: str,
        *,
        call: str | tuple[str, ...],
        permissions: str | tuple[str, ...] = (),
        absent: str | tuple[str, ...] = (),
    ) -> Callable[[Callable[[C, Body], Any]], Callable[[C, Body], Any]]:
        """Declare a function that reads one top-level key of a body with a call of its own.

        `absent` holds the platform's error codes for "there is none"; they make the key null. Any other error makes
        the key unread. Raises TypeError on an async function.
        """
        kind = kind_of(of)

        def mark(read: Callable[[C, Body], Any]) -> Callable[[C, Body], Any]:
            _require_plain(read, f"{self.name}: {kind.name}.{name}")
            self.parts.setdefault(kind.name, []).append(
                Part(kind, name, _as_tuple(call), _as_tuple(permissions), frozenset(_as_tuple(absent)), read)
            )
            return read

        return mark

    def probes(
        self,
        *,
        at: str,
        call: str | tuple[str, ...],
        permissions: str | tuple[str, ...],
        mend: Callable[[S, Sequence[str], Sequence[str]], str],
    ) -> Callable[[Callable[[C, Sequence[str]], Iterator[Lacking]]], Callable[[C, Sequence[str]], Iterator[Lacking]]]:
        """Declare a function that asks the platform, in a scope of level `at`, which of some permissions are lacking.

        The doctor asks it in each scope of a source, so it should be a call or two. `mend` is given the settings, names
        of scopes and permissions. Raises TypeError on a second one, and on an async function.
        """

        def mark(
            lacking: Callable[[C, Sequence[str]], Iterator[Lacking]],
        ) -> Callable[[C, Sequence[str]], Iterator[Lacking]]:
            if self.probe is not None:
                message = f"{self.name} has two probes"
                raise TypeError(message)
            self.depth(at)
            _require_plain(lacking, f"{self.name}: the probe")
            self.probe = Probe(at, _as_tuple(call), _as_tuple(permissions), lacking, mend)
            return lacking

        return mark

    def reads_own_rights(self, of: type[Struct]) -> Callable[[ReadRights], ReadRights]:
        """Declare what the stored resources of a kind say of annexd's own rights. Raises TypeError on a second one."""

        def mark(read: ReadRights) -> ReadRights:
            if self.own_rights is not None:
                message = f"{self.name} reads its own rights twice"
                raise TypeError(message)
            self.own_rights = OwnRights(kind_of(of).name, read)
            return read

        return mark

    def calls(self) -> tuple[str, ...]:
        """Return every declared call, that for the identity too, sorted; text in parentheses stands for no call."""
        listed = {call for collection in self.collections.values() for call in collection.calls}
        read = {call for parts in self.parts.values() for part in parts for call in part.calls}
        probed = () if self.probe is None else self.probe.calls
        every = {*listed, *read, *probed, self.identity_call}
        return tuple(sorted(call for call in every if call and call[0] != "("))

    def answer_basis(self, call: str) -> AnswerBasis:
        """Return how sure the answers of a call are."""
        return self.answers.get(call, AnswerBasis.DESCRIBED)

    def depth(self, level: str) -> int:
        """Return the length of the scopes of a level; 0 for "source". Raises TypeError on an unknown level."""
        if level == "source":
            return 0
        if level not in self.levels:
            message = f"{self.name} has no level {level!r}, only {', '.join(self.levels)}"
            raise TypeError(message)
        return self.levels.index(level) + 1

    def level_of_set(self, level: str, over: str | None) -> str:
        """Return the level of the scope that a set covers for a rule judged `over` a level; `level` is its list's.

        Of what is listed above the rule's level, as the accounts of an organization, the set is all that is listed.
        """
        return level if over is None else min(level, over, key=self.depth)

    def set_depth(self, level: str, over: str | None) -> int:
        """Return the length of the scopes of `level_of_set`."""
        return self.depth(self.level_of_set(level, over))


def _require_plain(function: object, what: str) -> None:
    """Raise TypeError for an async function: nobody would await it, and its result would look like an answer."""
    for called in (function, type(function).__call__ if callable(function) else None):
        if inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called):
            message = f"{what} is an async function; the functions of a connector are plain ones"
            raise TypeError(message)


def _as_tuple(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words
