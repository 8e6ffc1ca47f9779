"""Make the items of a task from the bodies that it listed: redacted first, then encoded once.

A body that is byte for byte the one in the store needs no redaction: the same code made that one of a body in which it
replaced nothing, and what redaction does follows from code, kind and body alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.canonical import NotCanonicalError, encode, plain_bytes
from collector.core.errors import Unexpected
from collector.core.ports import Item
from collector.core.redaction import MARK, PAIR_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.core.redaction import Redactor
    from collector.core.resources import Body, Kind
    from collector.core.tasks import UnreadPart

    Read = tuple[Body, dict[str, UnreadPart]]

TOGETHER = 32
"""Bodies that the store is asked about at a time."""


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

    def make(self, reads: Sequence[Read]) -> Iterator[Item]:
        """Yield the item of each body, in order. Raises NotCanonicalError, or Unexpected for what is no object."""
        current = self._current([body for body, _ in reads]) if self._are_current is not None else {}
        for number, (body, unread) in enumerate(reads):
            item = current.get(number)
            yield self._redacted(body, unread) if item is None else self._as_stored(body, unread, *item)

    def _current(self, bodies: Sequence[Body]) -> Mapping[int, tuple[str, bytes]]:
        """Return key and canonical body of those that are in the store as they came, by their number."""
        asked: dict[int, tuple[str, bytes]] = {}
        for number, body in enumerate(bodies):
            if type(body) is dict and (known := self._plain(body)) is not None:
                asked[number] = known
        if not asked or self._are_current is None:
            return {}
        found = self._are_current(list(asked.values()))
        return {number: known for (number, known), is_current in zip(asked.items(), found, strict=True) if is_current}

    def _plain(self, body: Body) -> tuple[str, bytes] | None:
        volatile = self._kind.volatile
        kept = {name: inner for name, inner in body.items() if name not in volatile} if volatile else body
        data = plain_bytes(kept)
        if data is None or MARK in data:
            return None
        try:
            return _key(self._kind, body), data
        except NotCanonicalError:
            return None

    def _as_stored(self, body: Body, unread: dict[str, UnreadPart], key: str, data: bytes) -> Item:
        """Return the item of a body that is in the store already, with its volatile keys redacted."""
        volatile = self._kind.volatile
        if not volatile:
            return Item(kind=self._kind.name, key=key, body=data, facts=None, unread=unread)
        before = dict(self._redactor.replaced)
        facts = self._redactor.apply({name: body[name] for name in volatile if name in body})
        if self._redactor.replaced != before:
            # A secret among the volatile keys may say something of the others.
            self._redactor.replaced.clear()
            self._redactor.replaced.update(before)
            return self._redacted(body, unread)
        return Item(kind=self._kind.name, key=key, body=data, facts=encode(facts), unread=unread)

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
