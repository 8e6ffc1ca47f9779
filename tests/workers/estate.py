"""A platform for workers in processes of their own: it notes each call in a file, and ends the process where told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.checks import All, The, Verdict, check, failed, passed
from collector.core.connectors import Connector
from collector.core.errors import Denied
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.wire import Answer, Call, Wire
from collector.engine.rule import Rule
from collector.engine.sources import Source

_LONGEST_START = 60.0
"""Seconds that a process takes at most to start."""


class Settings(Struct, frozen=True, kw_only=True):
    """How many places there are, with how many things; what happens in some; and where calls are noted.

    `denied` places refuse their list, `deadly` ones end the process that asks them: as often as the file `deadly_file`
    has bytes left to take, and always where there is none. No process makes a call before so many are `together`.
    """

    calls: str
    places: int = 4
    things: int = 30
    day: int = 0
    latency: float = 0.0
    denied: tuple[int, ...] = ()
    deadly: tuple[int, ...] = ()
    deadly_file: str = ""
    concurrency: int = 64
    together: int = 1


@resource("estate.thing", key="Id", volatile=("LastUsed",))
class Thing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One resource, with a secret in its body."""

    id: str
    size: int
    encrypted: bool
    owner: str | None


@resource("estate.switch")
class Switch(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The one setting of a place."""

    on: bool


@dataclass(frozen=True)
class Client:
    """A client that notes when each call begins and ends: all processes of a machine have one monotonic clock."""

    settings: Settings
    scope: Scope
    wire: Wire

    @property
    def number(self) -> int:
        """The number of the place."""
        return int(self.scope[0].removeprefix("place-"))

    def call(self, operation: str, **params: object) -> None:
        """Make one call."""
        made = Call(operation, params)
        self._wait_for_others()
        self.wire.before(made)
        self._note("+")
        status = 403 if self.number in self.settings.denied and operation == "ListThings" else 200
        try:
            time.sleep(self.settings.latency)
        finally:
            self._note("-")
            self.wire.after(made, Answer(status, "request"))
        if status != 200:
            raise Denied("things:List is missing")

    def die_where_told(self) -> None:
        """End this process at once, as the kernel does where memory is short."""
        settings = self.settings
        if self.number not in settings.deadly:
            return
        if settings.deadly_file:
            file = Path(settings.deadly_file)
            left = file.read_bytes()
            if not left:
                return
            file.write_bytes(left[1:])
        os.kill(os.getpid(), signal.SIGKILL)

    def _wait_for_others(self) -> None:
        here = f"{self.settings.calls}.here"
        if self.settings.together > 1:
            self._note("+", here)
        until = time.monotonic() + _LONGEST_START
        while self.settings.together > 1 and time.monotonic() < until:
            if sum(_is_alive(int(pid)) for pid in callers(Path(here))) >= self.settings.together:
                return
            time.sleep(0.02)

    def _note(self, what: str, where: str = "") -> None:
        handle = os.open(where or self.settings.calls, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, f"{what}{os.getpid()}\n".encode())
        finally:
            os.close(handle)


estate: Connector[Settings, Client] = Connector(
    name="estate",
    title="Estate",
    settings=Settings,
    levels=("place",),
    roots=lambda settings: [(f"place-{number}",) for number in range(settings.places)],
    connect=Client,
    quota=lambda settings, *_: Bucket("one", concurrency=settings.concurrency),
    check_prefixes=("estate_",),
)


@estate.collects(Thing, at="place", call="ListThings", permissions="things:List")
def things(client: Client) -> Iterator[Body]:
    """List the things, in pages of ten."""
    settings = client.settings
    for start in range(0, settings.things, 10):
        client.call("ListThings", page=start)
        for number in range(start, min(start + 10, settings.things)):
            yield {
                "Id": f"{client.scope[0]}-{number}",
                "Size": number + (settings.day if number == 0 else 0),
                "Encrypted": number % 7 != 0,
                "LastUsed": f"2026-01-01T00:00:{number % 60:02d}Z",
                "Password": "correct horse battery staple",
            }
    client.die_where_told()


@estate.part(Thing, "Owner", call="GetOwner", permissions="things:GetOwner")
def owner(client: Client, thing: Body) -> str:
    """Return the owner; a call for the first thing only."""
    if thing["Id"].endswith("-0"):
        client.call("GetOwner", thing=thing["Id"])
    return "somebody"


@estate.collects(Switch, at="place", call="GetSwitch", permissions="things:GetSwitch")
def switch(client: Client) -> Iterator[Body]:
    """Return the one setting of a place."""
    client.call("GetSwitch")
    yield {"On": True}


@check("estate_thing_encrypted", title="The thing is encrypted", severity="high", fix="Encrypt it")
def encrypted(thing: Thing) -> Verdict:
    """Judge one resource."""
    return passed() if thing.encrypted else failed(f"{thing.id} is not encrypted")


@check("estate_thing_small", title="The thing is small", severity="low", fix="Make it smaller")
def small(thing: Thing, switch: The[Switch], *, max_size: int = 20) -> Verdict:
    """Judge a resource with the setting of its place."""
    return passed() if switch.on and thing.size <= max_size else failed(f"{thing.id} has {thing.size}")


@check("estate_things_few", title="There are not too many things", severity="low", fix="Remove some", over="place")
def few(every: All[Thing], *, max_count: int = 100) -> Verdict:
    """Judge a set of resources."""
    count = sum(1 for _ in every)
    return passed() if count <= max_count else failed(f"there are {count}")


RULES = tuple(Rule(each, each.limit_values({}), lambda _check: "code") for each in (encrypted, small, few))


def source(settings: Settings) -> Source:
    """Return the source of an estate."""
    return Source("estate", estate, settings, "sha256:code", timedelta(hours=24))


def busiest(calls: Path) -> int:
    """Return how many calls were under way at most, in all processes together."""
    now = most = 0
    for line in calls.read_text().splitlines():
        now += 1 if line.startswith("+") else -1
        most = max(most, now)
    return most


def callers(calls: Path) -> set[str]:
    """Return the processes that made calls."""
    return {line[1:] for line in calls.read_text().splitlines()}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
