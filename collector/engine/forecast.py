"""What a run will ask of each quota, said before it begins: by the last time, by its like, or by what is declared."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.engine.gates import identity_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.core.tasks import Observation, Task
    from collector.engine.gates import Identity
    from collector.engine.quota import Allowance
    from collector.engine.sources import Source


class Forecast(Struct, frozen=True):
    """What some sources will ask of one quota, which is full again after `span`.

    `takes` is the time that passes until the share has allowed all of it, 0 where it does at once.
    `requests` counts `guessed` tasks that were never run by their like, or by the calls that they declare: at least.
    """

    sources: tuple[str, ...]
    requests: int
    guessed: int
    allowed_now: int
    allowed_each: int
    span: timedelta
    takes: timedelta

    @property
    def exceeds(self) -> bool:
        """Whether the share has to be waited for."""
        return self.requests > self.allowed_now


def forecasts(
    tasks: Sequence[Task],
    sources: Mapping[str, Source],
    last: Mapping[Task, Observation],
    allowed: Mapping[Identity, Allowance],
) -> list[Forecast]:
    """Return a forecast for each quota whose platform said what is left of it."""
    like = _by_collection(last)
    requests: dict[Identity, int] = defaultdict(int)
    guessed: dict[Identity, int] = defaultdict(int)
    names: dict[Identity, set[str]] = defaultdict(set)
    for task in tasks:
        source = sources[task.source]
        identity = identity_of(source, task.scope)
        names[identity].add(source.name)
        seen = last.get(task)
        if seen is not None and seen.provenance.requests:
            requests[identity] += _cost(seen)
        else:
            guess = like.get((task.source, task.collection))
            requests[identity] += _declared(source, task.collection) if guess is None else guess
            guessed[identity] += 1
    made = []
    for identity, named in names.items():
        if (allowance := allowed.get(identity)) is None:
            continue
        span = sources[min(named)].connector.quota_span
        made.append(
            Forecast(
                sources=tuple(sorted(named)),
                requests=requests[identity],
                guessed=guessed[identity],
                allowed_now=allowance.now,
                allowed_each=allowance.each,
                span=span,
                takes=_takes(requests[identity] - allowance.now, allowance, span),
            )
        )
    return made


def _takes(over: int, allowance: Allowance, span: timedelta) -> timedelta:
    """Return when the last of so many calls may go out, if nobody else uses the share."""
    if over <= 0:
        return timedelta(0)
    return allowance.full_in + (ceil(over / allowance.each) - 1) * span


def _by_collection(last: Mapping[Task, Observation]) -> dict[tuple[str, str], int]:
    """Return what a task of each collection took elsewhere, on average."""
    took: dict[tuple[str, str], list[int]] = defaultdict(list)
    for task, seen in last.items():
        if seen.provenance.requests:
            took[task.source, task.collection].append(_cost(seen))
    return {which: ceil(sum(several) / len(several)) for which, several in took.items()}


def _cost(seen: Observation) -> int:
    """Return the requests that counted: an answer that had not changed was free, and will be again."""
    return seen.provenance.requests - sum(call.free for call in seen.provenance.calls)


def _declared(source: Source, collection: str) -> int:
    return 1 + len(source.connector.parts.get(collection, ()))
