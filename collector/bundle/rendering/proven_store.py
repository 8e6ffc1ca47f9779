"""A store made from what a bundle proves: its log entries, lists, bodies and payloads."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import msgspec

from collector.bundle.verifying.contents import ABSENT
from collector.bundle.verifying.log import Document
from storage.partial_store import partial_store
from storage.tables.partial_log import Listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.verifying.members import Members
    from storage import SqlStore
    from storage.tables.partial_log import PartialLog

LEAVES = "proof/leaves/"
_BODIES = ("data/evidence/", "data/facts/")
_PAYLOADS = "data/payloads/"

_line = msgspec.json.Decoder(Listed).decode


def proven_store(members: Members) -> AbstractContextManager[SqlStore]:
    """Return a store that holds what the bundle shows of its log. Entries of which it has only a hash are not there.

    The bundle has to be verified before; nothing is proven here.
    """
    return partial_store(_name_of(members), lambda log: _fill(log, members))


def shown_entries(members: Members) -> Iterator[tuple[int, bytes]]:
    """Yield the log entries that the bundle shows, in their order, as the bytes that are hashed."""
    for path in members.paths():
        if path.startswith(LEAVES):
            with members.open(path) as file:
                for line in file:
                    number, _, data = line.rstrip(b"\n").partition(b" ")
                    if not data.startswith(b"sha256:"):
                        yield int(number), data


def _name_of(members: Members) -> str:
    _, first = next(shown_entries(members))
    return msgspec.json.decode(first, type=Document).store


def _fill(log: PartialLog, members: Members) -> None:
    paths = set(members.paths())
    for path in sorted(paths):
        if path.startswith(_BODIES):
            log.add_body(_read(members, path))
        elif path.startswith(_PAYLOADS):
            log.add_payload(_read(members, path))
    with members.open(ABSENT) as file:
        for line in file:
            digest, why, _ = msgspec.json.decode(line, type=tuple[str, str, int | None])
            if why == "erased":
                log.add_absent_body(digest)
    for index, data in shown_entries(members):
        path = f"data/inventory/{index}.jsonl"
        log.add_leaf(index, data, _listed(members, path) if path in paths else None)


def _listed(members: Members, path: str) -> Iterator[Listed]:
    with members.open(path) as file:
        for line in file:
            yield _line(line)


def _read(members: Members, path: str) -> bytes:
    with members.open(path) as file:
        return file.read()
