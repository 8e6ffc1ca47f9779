"""Values that redaction takes from recorded answers of vendors, and seconds for texts that are made to take long.

`ANNEXD_BENCH_ANSWERS` names a folder of JSON files; `TRUE` is what is a secret in those that this project has recorded.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.core.redaction import Redactor
from tests.core.test_bounded_work import HOSTILE

_KEY = b"k" * 32
_GOAL = 0.1
_LONGEST = 2.0
_SHOWN = 3
TRUE = frozenset({"userData", "runners_token", "sharedSecret", "client_secret"})
"""Keys whose text in the recorded answers is a secret, or stands for one."""


def run() -> None:
    """Print the hostile texts that take longest, how many values are taken, and each that is no secret."""
    _hostile()
    folder = os.environ.get("ANNEXD_BENCH_ANSWERS")
    if folder is None:
        print("ANNEXD_BENCH_ANSWERS is not set: there are no recorded answers to look at")
        return
    total, false = 0, []
    began = time.process_time()
    for file in sorted(Path(folder).rglob("*.json")):
        body = {"answer": json.loads(file.read_bytes())}
        clean = Redactor(_KEY).apply(body)
        for (path, before), (_, after) in zip(leaves(body), leaves(clean), strict=True):
            total += isinstance(before, str)
            if before != after and not is_true(path, str(before)):
                false.append((f"{file.name} {'.'.join(path)}", before))
    took = time.process_time() - began
    share = 100 * len(false) / max(total, 1)
    for where, before in false:
        print(f"  {where[-90:]}: {str(before)[:60]}")
    print(f"{len(false)} of {total:,} values taken that are no secrets: {share:.3f} %   goal {_GOAL} %")
    print(f"{took / max(total, 1) * 1e6:.1f} us a value")


def _hostile() -> None:
    took = sorted(((_seconds(made()), name) for name, made in HOSTILE.items()), reverse=True)
    slowest = ", ".join(f"{name} {seconds:.2f}" for seconds, name in took[:_SHOWN])
    print(f"{len(took)} hostile texts of 1 MB, CPU seconds of the slowest: {slowest}   goal under {_LONGEST:.0f} each")


def _seconds(text: str) -> float:
    redactor, began = Redactor(_KEY), time.thread_time()
    redactor.apply({"Description": text})
    return time.thread_time() - began


def is_true(path: tuple[str, ...], before: str) -> bool:
    """Whether a value that was taken is a secret: by the key, or as the value of a masked variable."""
    return path[-1] in TRUE or (path[-1] == "value" and before == "TEST_1")


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401  JSON
    """Yield each single value of a document with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, str(at)))
    else:
        yield path, value
