"""Make the items of a task from the bodies that it listed: redacted first, then encoded once.

A body that is byte for byte the one in the store needs no redaction: the same code made that one of a body in which it
replaced nothing, and what redaction does follows from code, kind and body alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.canonical import NotCanonicalError, encode, plain_bytes
from collector.core.errors import Unexpected
from collector.core.ports import Item
from collector.core.redaction import MARK, PAIR_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collector.core.redaction import Redactor
    from collector.core.resources import Body, Kind
    from collector.core.tasks import UnreadPart

TOGETHER = 100
"""Bodies that the store is asked about at a time."""


class _Looked(NamedTuple):
    """What a body was when it was listed: key, canonical bytes without its volatile keys, and those keys redacted."""

    key: str
    data: bytes
    facts: bytes | None


class ReadBody(NamedTuple):
    """A body that was listed: its item, or what the store is asked about it first."""

    body: Body
    unread: dict[str, UnreadPart]
    made: Item | _Looked


class ItemMaker:
    """Makes the items of one task.

    `are_current` says of keys and canonical bodies which ones are in the store as the same bytes, redacted by this very
    code; None where nothing of the task is.
    """

    def __init__(
        self,
        kind: Kind,
        redactor: Redactor,
        are_current: Callable[[Sequence[tuple[str, bytes]]], Sequence[bool]] | None,
    ) -> None:
        self._kind = kind
        self._redactor = redactor
        # A volatile key that names the value beside it, or is one, cannot be looked at alone.
        self._are_current = are_current if PAIR_KEYS.isdisjoint(kind.volatile) else None
        self.together = TOGETHER if self._are_current is not None else 1

    def read(self, body: Body, unread: dict[str, UnreadPart]) -> ReadBody:
        """Return a body as it is now: it is the connector's, which goes on before the store is asked.

        Raises NotCanonicalError, or Unexpected for what is no object.
        """
        looked = self._looked(body) if self._are_current is not None and type(body) is dict else None
        return ReadBody(body, unread, self._redacted(body, unread) if looked is None else looked)

    def make(self, reads: Sequence[ReadBody]) -> Iterator[Item]:
        """Yield the item of each body, in order. Raises Unexpected where a body is another one than it was.

        Also what `read` raises.
        """
        asked = [read.made[:2] for read in reads if isinstance(read.made, _Looked)]
        found = iter(self._are_current(asked) if asked and self._are_current is not None else ())
        for body, unread, made in reads:
            if isinstance(made, Item):
                yield made
            elif next(found):
                yield Item(kind=self._kind.name, key=made.key, body=made.data, facts=made.facts, unread=unread)
            else:
                if self._looked(body) != made:
                    raise Unexpected(f"the connector changed an item of {self._kind.name} that it had listed")
                yield self._redacted(body, unread)

    def _looked(self, body: Body) -> _Looked | None:
        """Return what the store can be asked about a body; None where it has to be redacted."""
        volatile = self._kind.volatile
        kept = {name: inner for name, inner in body.items() if name not in volatile} if volatile else body
        data = plain_bytes(kept)
        if data is None or MARK in data:
            return None
        try:
            key = _key(self._kind, body)
            return _Looked(key, data, None) if not volatile else self._with_facts(body, key, data)
        except NotCanonicalError:
            return None

    def _with_facts(self, body: Body, key: str, data: bytes) -> _Looked | None:
        before = dict(self._redactor.replaced)
        volatile = {name: body[name] for name in self._kind.volatile if name in body}
        facts = encode(self._redactor.apply(volatile))
        if dict(self._redactor.replaced) == before:
            return _Looked(key, data, facts)
        # A secret among the volatile keys may say something of the others.
        self._redactor.replaced.clear()
        self._redactor.replaced.update(before)
        return None

    def _redacted(self, body: Body, unread: dict[str, UnreadPart]) -> Item:
        kind = self._kind
        if not isinstance(body, dict):
            raise Unexpected(f"an item of {kind.name} is no object but {type(body).__name__}")
        plain = self._redactor.apply(body)
        key = _key(kind, plain)
        facts = None
        if kind.volatile:
            facts = encode({name: plain.pop(name) for name in kind.volatile if name in plain})
        return Item(kind=kind.name, key=key, body=encode(plain), facts=facts, unread=unread)


def _key(kind: Kind, body: Body) -> str:
    try:
        return kind.key_of(body)
    except KeyError as error:
        message = f"an item of {kind.name} has no {error}, which tells it from the others"
        raise NotCanonicalError(message) from error
