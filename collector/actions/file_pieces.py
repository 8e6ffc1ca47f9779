"""A file that is kept beside a log entry: its bytes in pieces, and how large it may be."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_FILE = 64 << 20
"""Bytes of a file; what is longer belongs into a place of its own, and its digest into a record."""

_PIECE = 384 << 10


def pieces_of(data: bytes) -> Iterator[str]:
    """Yield the pieces of a file in base64, as a log entry keeps them."""
    for at in range(0, len(data), _PIECE):
        yield b64encode(data[at : at + _PIECE]).decode("ascii")
