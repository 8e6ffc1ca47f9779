"""What is kept of an answer that has more than any check reads, and requests for many things at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from collector.core.resources import Body

T = TypeVar("T")


def only(answer: Mapping[str, Any], *names: str) -> Body:
    """Return these members of an answer, as the platform has them; what it leaves out is left out."""
    return {name: answer[name] for name in names if name in answer}


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of so many items, the last one of fewer, for operations that take many at once."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
