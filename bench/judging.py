"""Bodies redacted, decoded and judged in a second, by one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from bench.played import Client, Settings, Thing, encrypted
from bench.played import things as list_things
from collector.core.canonical import encode
from collector.core.redaction import Redactor
from collector.core.resources import kind_of
from collector.core.views import decode

_COUNT = 20_000


class _NoWire:
    largest_answer = 0
    scope_facts: Mapping[str, Any] = MappingProxyType({})
    seconds_left = 60.0

    def before(self, call: object) -> None:
        """Let it pass."""

    def after(self, call: object, answer: object) -> None:
        """Let it pass."""

    def pause(self, seconds: float) -> None:
        """Do not wait."""


def _things(client: Client) -> Iterator[Any]:
    return cast("Iterator[Any]", list_things(client))


def run() -> None:
    """Print rates beside their goals."""
    bodies = list(_things(Client(Settings(things=_COUNT), ("place",), _NoWire())))
    kind = kind_of(Thing)
    redactor = Redactor(b"k" * 32, kind.redact, kind.plain)
    redacted: list[bytes] = []
    _rate("redact and canonicalise", 15_000, lambda: redacted.extend(encode(redactor.apply(body)) for body in bodies))
    stored = [b'{"body":' + body[:-1] + b',"Owner":null}}' for body in redacted]
    views: list[Thing] = []
    _rate("decode a body", 100_000, lambda: views.extend(decode(Thing, body) for body in stored))
    _rate("judge a decoded view", 200_000, lambda: [encrypted(view) for view in views])


def _rate(what: str, goal: int, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    rate = _COUNT / (time.perf_counter() - began)
    print(f"{what:<28} {rate:>10,.0f} a second   goal {goal:>8,}   {rate / goal:>5.1f} x")
