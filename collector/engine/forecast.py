"""Forecast before a run how much it will take of each quota, in the unit that the platform counts.

What a quota allows is what its platform reported; where platforms report nothing, the rate that its connector declares.
A task is estimated by its last run, else by the average of its collection, else by the calls that it declares.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from collector.core.wire import Call
from collector.engine.gates import declared, identity_of
from collector.engine.quota import Allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from collector.core.buckets import Bucket
    from collector.core.scopes import Scope
    from collector.core.tasks import Calls, Observation, Task
    from collector.engine.gates import Identity
    from collector.engine.sources import Source


class Forecast(Struct, frozen=True):
    """What some sources will take of one quota, the `bucket`, which is full again after `span`.

    `requests`, `allowed_now` and `allowed_each` are in its `unit`: needed, allowed now, and in each later span. `takes`
    is the time until the share has allowed all of them, 0 where it allows them at once. `guessed` tasks never ran:
    their part of `requests` is an average, or a lower bound from the declared calls.
    """

    sources: tuple[str, ...]
    requests: int
    guessed: int
    allowed_now: int
    allowed_each: int
    span: timedelta
    takes: timedelta
    bucket: str = ""
    unit: str = "requests"

    @property
    def exceeds(self) -> bool:
        """Whether the requests exceed what the share allows now."""
        return self.requests > self.allowed_now


@dataclass
class _Need:
    """What the tasks of a run need of one bucket."""

    bucket: Bucket
    amount: int = 0
    guessed: int = 0
    sources: set[str] = field(default_factory=set)


def forecasts(
    tasks: Sequence[Task],
    sources: Mapping[str, Source],
    last: Mapping[Task, Observation],
    allowed: Mapping[Identity, Allowance],
    bucket_of: Callable[[Source, Scope, Call], Bucket] = declared,
) -> list[Forecast]:
    """Return a forecast for each quota that has an allowance, or whose rate makes calls wait.

    `last` are the latest observations.
    """
    averages = _averages(last)
    needs: dict[Identity, _Need] = {}
    for task in tasks:
        source = sources[task.source]
        observation = last.get(task)
        if observation is not None and observation.provenance.requests:
            costs, is_guess = _costs(observation.provenance.calls), False
        else:
            costs = averages.get((task.source, task.collection)) or _declared_costs(source, task.collection)
            is_guess = True
        amounts: dict[Identity, float] = defaultdict(float)
        for operation, cost in costs.items():
            bucket = bucket_of(source, task.scope, Call(operation))
            identity = identity_of(source, bucket)
            needs.setdefault(identity, _Need(bucket)).sources.add(source.name)
            amounts[identity] += cost
        for identity, amount in amounts.items():
            needs[identity].amount += ceil(amount)
            needs[identity].guessed += is_guess
    known = ((need, allowed.get(identity) or _by_rate(need)) for identity, need in needs.items())
    return [_forecast(need, allowance) for need, allowance in known if allowance is not None]


def _by_rate(need: _Need) -> Allowance | None:
    """Return what the declared rate of a bucket allows; None where it declares none, or where nothing has to wait."""
    if need.bucket.per_second is None:
        return None
    each = max(1, int(need.bucket.per_second * need.bucket.span.total_seconds()))
    return Allowance(each, each, need.bucket.span) if need.amount > each else None


def _forecast(need: _Need, allowance: Allowance) -> Forecast:
    span = need.bucket.span
    return Forecast(
        sources=tuple(sorted(need.sources)),
        requests=need.amount,
        guessed=need.guessed,
        allowed_now=allowance.now,
        allowed_each=allowance.per_period,
        span=span,
        takes=_takes(need.amount - allowance.now, allowance, span),
        bucket=str(need.bucket),
        unit=need.bucket.unit,
    )


def _takes(over: int, allowance: Allowance, span: timedelta) -> timedelta:
    """Return the time until `over` more than allowed now may be taken, if nobody else uses the quota."""
    if over <= 0:
        return timedelta(0)
    return allowance.full_in + (ceil(over / allowance.per_period) - 1) * span


def _averages(last: Mapping[Task, Observation]) -> dict[tuple[str, str], dict[str, float]]:
    """Return the average costs of a task by (source, collection), each by operation."""
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    tasks: dict[tuple[str, str], int] = defaultdict(int)
    for task, observation in last.items():
        if observation.provenance.requests:
            key = task.source, task.collection
            tasks[key] += 1
            for operation, cost in _costs(observation.provenance.calls).items():
                sums[key][operation] += cost
    return {key: {operation: cost / tasks[key] for operation, cost in costs.items()} for key, costs in sums.items()}


def _costs(calls: Iterable[Calls]) -> dict[str, float]:
    """Return what calls took of their quotas, by operation: unchanged answers are free, and will be again."""
    return {call.operation: call.count - call.free if call.cost is UNSET else call.cost for call in calls}


def _declared_costs(source: Source, collection: str) -> dict[str, float]:
    """Return one call for the list and for each part, by operation."""
    costs: dict[str, float] = defaultdict(float)
    parts = source.connector.parts.get(collection, ())
    for calls in (source.collections[collection].calls, *(part.calls for part in parts)):
        for call in calls[:1]:  # a collection without a call of its own has none
            costs[call] += 1
    return costs
