"""Forecast before a run how many requests it will make against each quota.

A task is estimated by its last run, else by the average of its collection, else by the calls that it declares.
"""

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
    """The requests that some sources will make against one quota, which is full again after `span`.

    `takes` is the time until the share has allowed all of them, 0 where it allows them at once. `guessed` tasks never
    ran: their part of `requests` is an average, or a lower bound from the declared calls. `allowed_now` and
    `allowed_each` are requests: now, and in each later span.
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
        """Whether the requests exceed what the share allows now."""
        return self.requests > self.allowed_now


def forecasts(
    tasks: Sequence[Task],
    sources: Mapping[str, Source],
    last: Mapping[Task, Observation],
    allowed: Mapping[Identity, Allowance],
) -> list[Forecast]:
    """Return a forecast for each quota that has an allowance; `last` are the latest observations."""
    averages = _by_collection(last)
    requests: dict[Identity, int] = defaultdict(int)
    guessed: dict[Identity, int] = defaultdict(int)
    names: dict[Identity, set[str]] = defaultdict(set)
    for task in tasks:
        source = sources[task.source]
        identity = identity_of(source, task.scope)
        names[identity].add(source.name)
        observation = last.get(task)
        if observation is not None and observation.provenance.requests:
            requests[identity] += _cost(observation)
        else:
            average = averages.get((task.source, task.collection))
            requests[identity] += _declared(source, task.collection) if average is None else average
            guessed[identity] += 1
    result = []
    for identity, sources_of in names.items():
        if (allowance := allowed.get(identity)) is None:
            continue
        span = sources[min(sources_of)].connector.quota_span
        result.append(
            Forecast(
                sources=tuple(sorted(sources_of)),
                requests=requests[identity],
                guessed=guessed[identity],
                allowed_now=allowance.now,
                allowed_each=allowance.per_period,
                span=span,
                takes=_takes(requests[identity] - allowance.now, allowance, span),
            )
        )
    return result


def _takes(over: int, allowance: Allowance, span: timedelta) -> timedelta:
    """Return the time until `over` requests more than allowed now may be sent, if nobody else uses the quota."""
    if over <= 0:
        return timedelta(0)
    return allowance.full_in + (ceil(over / allowance.per_period) - 1) * span


def _by_collection(last: Mapping[Task, Observation]) -> dict[tuple[str, str], int]:
    """Return the average requests of a task by (source, collection), rounded up."""
    costs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for task, observation in last.items():
        if observation.provenance.requests:
            costs[task.source, task.collection].append(_cost(observation))
    return {key: ceil(sum(values) / len(values)) for key, values in costs.items()}


def _cost(observation: Observation) -> int:
    """Return the requests that cost quota: unchanged answers are free, and will be again."""
    return observation.provenance.requests - sum(call.free for call in observation.provenance.calls)


def _declared(source: Source, collection: str) -> int:
    return 1 + len(source.connector.parts.get(collection, ()))
