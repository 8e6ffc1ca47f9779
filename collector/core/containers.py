"""Walk containers that nest, such as folders, management groups or groups: each once, with its path from the root."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from collector.core.errors import ConnectorError, Denied, NotThere, NotUsed, Unexpected

T = TypeVar("T")

Path = tuple[str, ...]
"""The ids of the containers from the root down to a container, its own last."""

DEEPEST = 50
"""More levels than any platform documents (Google: 10 folders, Azure: 6 groups, GitLab: 20)."""

_NAMED = 5
"""Containers that an error names; the others are counted."""


def walk(
    roots: Iterable[T],
    children: Callable[[T], Iterable[T]],
    *,
    id_of: Callable[[T], str],
    explain: Callable[[Exception], ConnectorError | None] = lambda _error: None,
    deepest: int = DEEPEST,
) -> Iterator[tuple[Path, T]]:
    """Yield every container with its path, the roots first and then level by level.

    A container that is reached twice is yielded at the first place only, so that a cycle ends. `children` lists what is
    directly inside a container; `explain` is that of the connector, where the client raises the platform's own errors.

    Where the children of a container are refused or gone, and where containers nest deeper than `deepest`, the walk
    goes on, and raises after everything that can be read was yielded: the list that yields these containers then ends
    as partial. Raises Denied if one of them was refused, else NotThere or Unexpected. Any other error ends the walk.
    """
    seen: set[str] = set()
    waiting: deque[tuple[Path, T]] = deque()
    unopened: list[tuple[Path, ConnectorError]] = []

    def reach(path: Path, items: Iterable[T]) -> Iterator[tuple[Path, T]]:
        for item in items:
            id_ = id_of(item)
            if id_ not in seen:
                seen.add(id_)
                waiting.append(((*path, id_), item))
                yield waiting[-1]

    yield from reach((), roots)
    while waiting:
        path, container = waiting.popleft()
        try:
            inside = children(container)
            if len(path) >= deepest:
                if next(iter(inside), None) is not None:
                    unopened.append((path, Unexpected(f"it lies {len(path)} levels deep, and more are inside")))
                continue
            yield from reach(path, inside)
        except Exception as error:
            refusal = _refusal(error, explain)
            if refusal is None:
                raise
            if not isinstance(refusal, NotUsed):
                unopened.append((path, refusal))
    if unopened:
        raise _all_of(unopened)


def _refusal(error: Exception, explain: Callable[[Exception], ConnectorError | None]) -> ConnectorError | None:
    """Return the error if it speaks of one container only; an outage or a limit concerns them all."""
    explained = error if isinstance(error, ConnectorError) else explain(error)
    return explained if isinstance(explained, Denied | NotThere) else None


def _all_of(unopened: list[tuple[Path, ConnectorError]]) -> ConnectorError:
    said = "; ".join(f"{'/'.join(path)}: {error.what}" for path, error in unopened[:_NAMED])
    more = f"; and {len(unopened) - _NAMED} more" if len(unopened) > _NAMED else ""
    errors = [error for _, error in unopened]
    worst = min(errors, key=lambda error: (not isinstance(error, Denied), not isinstance(error, Unexpected)))
    kind = next(kind for kind in (Denied, Unexpected, NotThere) if isinstance(worst, kind))
    return kind(f"what is inside could not be listed: {said}{more}", code=worst.code, mend=worst.mend)
