"""What is foretold where a platform reports nothing of its quotas, and the connector declares a rate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from collector.core.buckets import Bucket
from collector.core.connectors import Connector
from collector.core.resources import Body, resource
from collector.core.tasks import Task
from collector.engine.forecast import forecasts
from collector.engine.quota import Allowance
from collector.engine.sources import Source


class _Settings(msgspec.Struct, frozen=True):
    """Nothing is connected."""


@resource("rated.thing", key="name")
class Thing(msgspec.Struct, frozen=True):
    """Something that is listed by one call."""

    name: str


def _source(bucket: Bucket) -> Source:
    rated: Connector[_Settings, None] = Connector(
        name="rated",
        title="Rated",
        settings=_Settings,
        levels=("project",),
        roots=lambda _settings: [(f"p{number}",) for number in range(300)],
        connect=lambda _settings, _scope, _wire: None,
        quota=lambda *_: bucket,
    )

    @rated.collects(Thing, at="project", call="list")
    def things(_client: None) -> Iterator[Body]:
        yield from ()

    return Source("cloud", rated, _Settings())


TASKS = [Task("cloud", "rated.thing", (f"p{number}",)) for number in range(300)]


def test_a_declared_rate_says_how_long_a_run_takes() -> None:
    """Google reports no rest of its quotas: 300 calls at two a second are 120 now, and the rest in two minutes."""
    bucket = Bucket("slow", per_second=2.0, span=timedelta(minutes=1))

    (forecast,) = forecasts(TASKS, {"cloud": _source(bucket)}, {}, {})

    assert (forecast.requests, forecast.allowed_now, forecast.allowed_each) == (300, 120, 120)
    assert forecast.takes == timedelta(minutes=2)


def test_what_a_platform_reports_comes_before_what_is_declared() -> None:
    """It knows what others have used."""
    source = _source(Bucket("slow", per_second=2.0, span=timedelta(minutes=1)))
    reported = {("rated", "", "slow"): Allowance(0, 30, timedelta(minutes=1))}

    (forecast,) = forecasts(TASKS, {"cloud": source}, {}, reported)

    assert forecast.takes == timedelta(minutes=10)


def test_nothing_is_foretold_of_what_nobody_knows_or_what_does_not_wait() -> None:
    """Neither a report nor a rate, or a rate that is enough at once."""
    assert forecasts(TASKS, {"cloud": _source(Bucket("fast", per_second=99.0))}, {}, {}) == []
    assert forecasts(TASKS, {"cloud": _source(Bucket("open"))}, {}, {}) == []
