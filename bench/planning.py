"""CPU seconds to plan and to sort out what is judged, for 8,000 scopes of one source, and what twice as many cost."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from collector.core.buckets import Bucket
from collector.core.checks import All, Check, The, Verdict, check, passed
from collector.core.connectors import Connector
from collector.core.resources import resource
from collector.engine.freshness import Freshness
from collector.engine.plan import ScopeTree
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.engine.units import Units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msgspec import Struct

    from collector.core.resources import Body

_SCOPES = 8_000
_KINDS = 20
_GOAL_SECONDS = 0.5
_SHAPES = {"one container": 1, "a container each": _SCOPES}
"""The containers that the scopes are found in."""


class _Settings(msgspec.Struct, frozen=True):
    """Nothing is connected."""


def _list(_client: object) -> Iterator[Body]:
    yield from ()


def _kind(name: str) -> type[Struct]:
    return resource(f"planned.{name}", key="name")(msgspec.defstruct(name, [("name", str)], frozen=True))


def _connector() -> tuple[Connector[Any, Any], list[Rule]]:
    made: Connector[Any, Any] = Connector(
        name="planned",
        title="Only planned",
        settings=_Settings,
        levels=("organization", "container", "project"),
        roots=lambda _settings: [("acme",)],
        connect=lambda _settings, _scope, _wire: None,
        quota=lambda *_: Bucket("planning"),
    )
    container, project = _kind("container"), _kind("project")
    for kind, at, below in ((container, "organization", "container"), (project, "container", "project")):
        listing = made.collects(kind, at=at, call="list")(_list)
        made.discovers(kind, level=below, below=lambda _settings, body: str(body["name"]))(listing)
    checks = [check for number in range(_KINDS) for check in _checks(made, number, container)]
    return made, [Rule(of, {}) for of in checks]


def _checks(connector: Connector[Any, Any], number: int, container: type[Struct]) -> Iterator[Check[...]]:
    kind = _kind(f"kind{number:02}")
    connector.collects(kind, at="project", call="list", every=timedelta(days=1))(_list)

    def each(thing: object) -> Verdict:  # noqa: ARG001  nothing is judged, here and below
        return passed()

    def beside(thing: object, around: object) -> Verdict:  # noqa: ARG001
        return passed()

    def of_all(things: object) -> Verdict:  # noqa: ARG001
        return passed()

    each.__annotations__ = {"thing": kind}
    beside.__annotations__ = {"thing": kind, "around": cast("Any", The)[container]}
    of_all.__annotations__ = {"things": cast("Any", All)[kind]}
    for judge in (each, beside, of_all):
        yield check(f"planned_{judge.__name__}_{number}", title="", severity="low", fix="")(judge)
    yield check(f"planned_whole_{number}", title="", severity="low", fix="", over="organization")(of_all)


def run() -> None:
    """Print CPU seconds beside the goal, and the ratio to half as many scopes."""
    connector, rules = _connector()
    source = Source("cloud", connector, _Settings())
    for shape, containers in _SHAPES.items():
        half = _measure(source, rules, _SCOPES // 2, max(1, containers // 2), lambda _step, _seconds: None)
        whole = _measure(source, rules, _SCOPES, containers, _print)
        print(
            f"{_SCOPES:,} scopes x {_KINDS} collections, {shape:<17}{whole:>8.2f} s CPU   goal {_GOAL_SECONDS} s"
            f"   {whole / half:.1f} x as much as for half of them"
        )


def seconds_to_plan(scopes: int) -> float:
    """Return the CPU seconds for so many scopes of one container, from discovery to the last unit of judging."""
    connector, rules = _connector()
    return _measure(Source("cloud", connector, _Settings()), rules, scopes, 1, lambda _step, _seconds: None)


def _print(step: str, seconds: float) -> None:
    print(f"  {step:<14}{seconds:>8.2f} s")


def _measure(
    source: Source, rules: list[Rule], scopes: int, containers: int, say: Callable[[str, float], None]
) -> float:
    began = before = time.process_time()

    def step(name: str) -> None:
        nonlocal before
        now = time.process_time()
        say(name, now - before)
        before = now

    tree = ScopeTree(source)
    each = scopes // containers
    for names, depth in (([f"c{number}" for number in range(containers)], 1), ([f"p{n}" for n in range(each)], 2)):
        for level, task in list(tree.discoveries(depth)):
            tree.add_discovered(level, task.scope, names, None)
    step("discovery")
    tasks = tree.tasks(lambda _task: True)
    step("tasks")
    freshness = Freshness(source, scopes=tree.scopes, incomplete_discoveries=(), latest=(), complete=())
    units = Units(rules, freshness)
    step("units")
    units.wait_for(tasks)
    for task in tasks:
        units.done(task)
    step("judging order")
    return time.process_time() - began
