"""What workers need of the rest: a way to be spoken to, and what a worker is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from collector.core.ports import HandedItem, Item, RunStore
    from collector.core.tasks import Task
    from collector.engine.clock import Clock
    from collector.engine.rule import Rule
    from collector.engine.sources import Source


class ChannelClosed(Exception):
    """The other end is gone: its process has ended, or the network in between."""


class Channel(Protocol):
    """Two ways between two processes, each in order. Both may be used from any thread, one at a time each."""

    def send(self, data: bytes) -> None:
        """Send one message. Raises ChannelClosed."""

    def receive(self) -> bytes:
        """Wait for the next message. Raises ChannelClosed."""

    def close(self) -> None:
        """End it, and with it the other process where it was started for this channel."""


class Channels(Protocol):
    """Where workers come from."""

    count: int

    def open(self, number: int) -> Channel:
        """Return the channel to worker `number`, which is started where it does not run. Raises ChannelClosed."""

    def close(self) -> None:
        """End everything."""


class SealsItems(Protocol):
    """Seals the items of one attempt; see `storage.tables.sealing.Sealing`."""

    def seal(self, batch: Sequence[Item]) -> tuple[list[HandedItem], int]:
        """Return the items for the writer, and how many had the key of another one."""

    def are_current(self, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]) -> Sequence[bool]:
        """Return of each key and body whether the resource of the task with that key has this very body."""


@dataclass(frozen=True)
class WorkerParts:
    """What a worker is made of: its own configuration, read on its own machine, and a store that it can only read.

    `code`, `config`, `store` and `keys` are compared with the writer's; `tasks` and `parts` are how many at a time.
    """

    name: str
    code: str
    config: str
    store: str
    keys: str
    reader: RunStore
    sealing: Callable[[Task, str], SealsItems]
    redaction_key: bytes
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    clock: Clock
    tasks: int
    parts: int
