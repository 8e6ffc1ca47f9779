"""The dictionary of bodies, from the store of a demo: `python -m tests.storage.body_dictionary annexd.db FILE`.

`annexd demo --dir FOLDER` makes that store. A dictionary that was shipped never changes; a better one gets a number and
a file of its own, and the old one stays to read with.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import msgspec
import zstandard

from storage.database.blobs import Decompressor
from storage.database.body_dictionary import NUMBER

_SIZE = 64 << 10
_MOST_OF_A_KIND = 60
"""So that a kind with very many resources does not fill the dictionary alone."""


class _Body(msgspec.Struct):
    kind: str


def trained(store: Path) -> bytes:
    """Return a dictionary trained on some bodies of each kind of a store."""
    by_kind: defaultdict[str, list[bytes]] = defaultdict(list)
    decompressor, rng = Decompressor(), random.Random(NUMBER)
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        for (body,) in database.execute("SELECT body FROM blob WHERE body IS NOT NULL ORDER BY digest"):
            data = decompressor.decompress(body)
            by_kind[msgspec.json.decode(data, type=_Body).kind].append(data)
    chosen: list[bytes | bytearray | memoryview] = [
        body for _, bodies in sorted(by_kind.items()) for body in rng.sample(bodies, min(len(bodies), _MOST_OF_A_KIND))
    ]
    rng.shuffle(chosen)
    return zstandard.train_dictionary(_SIZE, chosen, dict_id=NUMBER, level=3).as_bytes()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(trained(Path(sys.argv[1])))
