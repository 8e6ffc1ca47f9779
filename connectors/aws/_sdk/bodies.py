"""What is kept of an answer that has more than any check reads, and requests for many things at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from collector.core.resources import Body

T = TypeVar("T")


def only(answer: Mapping[str, Any], *names: str) -> Body:
    """Return these members of an answer, as the platform has them; what it leaves out is left out."""
    return {name: answer[name] for name in names if name in answer}


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of so many items, the last one of fewer, for operations that take many at once.

    Where listing the items fails, what came before is yielded first, so that half a list stays half a list.
    """
    batch: list[T] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except GeneratorExit:
        raise
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
