"""Systematic forgeries: well-formed log entries with their rows, put behind the end of the log without a key."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import partial

from tests.attacks.edit import Edit
from tests.attacks.targets import Target
from tests.storage.intruder import SHAPES, intruder

_HASH_SIZE = 32
_LAST_MAC = "SELECT mac FROM log_leaf ORDER BY idx DESC LIMIT 1"


def edits(rng: random.Random) -> Iterator[Edit[Target]]:
    """Yield every edit there is, in random order: each kind of entry, one and two of it, with each kind of MAC."""
    made = [
        Edit(f"forged: {number} x {kind} with {mac}", partial(_forge, kind, number, mac))
        for kind in SHAPES
        for number in (1, 2)
        for mac in ("no MAC", "a made-up MAC", "the MAC of the last entry", "an empty MAC")
    ]
    rng.shuffle(made)
    yield from made


def _forge(kind: str, number: int, mac: str, target: Target) -> None:
    with intruder(target.url, mac=_mac(mac, target)) as somebody:
        for _ in range(number):
            somebody.add(kind)


def _mac(mac: str, target: Target) -> bytes | None:
    match mac:
        case "no MAC":
            return None
        case "a made-up MAC":
            return os.urandom(_HASH_SIZE)
        case "an empty MAC":
            return b""
        case _:
            ((last,),) = target.rows(_LAST_MAC)
            assert isinstance(last, bytes)
            return last
