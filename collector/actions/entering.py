"""Try each account of a source: whether it can be entered, and which permissions are lacking in it.

Other than a dry run, which reads something, it asks the platform by a call or two in each scope, with all budgets of a
scan, so that an organization of a thousand accounts takes minutes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.actions.dry_calls import DryCalls
from collector.core.connectors import Collection, Lacking
from collector.core.resources import kind_of, resource
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.core.connectors import Probe
    from collector.core.scopes import Scope
    from collector.core.tasks import Observation
    from collector.engine.clock import Clock
    from collector.engine.run import Limits
    from collector.engine.sources import Source


class Entered(Struct, frozen=True):
    """What came of asking in one scope. `why` is empty where it was answered; `needs` is what asking takes.

    `closed`: the scope itself could not be entered, so that nothing at all was answered in it.
    """

    scope: Scope
    lacking: tuple[Lacking, ...] = ()
    why: str = ""
    needs: str = ""
    closed: bool = False


class Entering(Struct, frozen=True):
    """What came of asking in all scopes of a source. `unlisted` says why there may be more of them; empty: all."""

    level: str
    scopes: tuple[Entered, ...]
    unlisted: tuple[str, ...] = ()


@resource("annexd.lacking", key="Permission")
class _Lacking(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A permission that is lacking: an item of a list that is never kept."""

    permission: str


def enter(source: Source, permissions: Sequence[str], clock: Clock, limits: Limits) -> Entering | None:
    """Ask in every scope that a source has which permissions are lacking; None where the connector cannot ask.

    Scopes are those that the settings name and that discovery lists, at the level of the connector's probe, which is
    directly below the source.
    """
    connector = source.connector
    probe = connector.probe
    if probe is None or connector.depth(probe.level) != 1:
        return None
    found = dict.fromkeys(root for root in source.roots() if len(root) == 1)
    unlisted: list[str] = []
    with DryCalls(source, clock, limits) as calls:
        for collection in _discovering(source, probe.level):
            done = calls.whole(collection, ())
            found |= dict.fromkeys((scope.name,) for scope in done.discovered)
            if done.observation.outcome is not Outcome.COMPLETE:
                unlisted.append(done.observation.why)
        scopes = tuple(found)
        lacking: dict[Scope, list[Lacking]] = {}
        seen = calls.each(lambda scope: _asking(probe, permissions, lacking.setdefault(scope, [])), scopes)
        entered = tuple(
            _entered(scope, one, tuple(lacking[scope]), probe) for scope, one in zip(scopes, seen, strict=True)
        )
    return Entering(probe.level, entered, tuple(unlisted))


def _discovering(source: Source, level: str) -> Iterator[Collection[Any]]:
    for discovery in source.connector.discoveries.get(level, ()):
        if discovery.collection in source.collections:
            yield source.collections[discovery.collection]


def _asking(probe: Probe[Any], permissions: Sequence[str], lacking: list[Lacking]) -> Collection[Any]:
    """Return the probe of a scope as a list, so that it is done as any other: with budgets, retries and reasons."""

    def ask(client: Any) -> Iterator[dict[str, str]]:  # noqa: ANN401  each connector has its own client
        lacking[:] = probe.lacking(client, permissions)
        yield from ({"Permission": one.permission} for one in lacking)

    return Collection(
        kind=kind_of(_Lacking),
        level=probe.level,
        calls=probe.calls,
        permissions=probe.permissions,
        every=timedelta(0),
        list=ask,
        when=lambda _settings: True,
    )


def _entered(scope: Scope, seen: Observation, lacking: tuple[Lacking, ...], probe: Probe[Any]) -> Entered:
    if seen.outcome is Outcome.COMPLETE:
        return Entered(scope, lacking)
    # Where signing in was refused, the question itself was never sent.
    asked = any(call.operation in probe.calls for call in seen.provenance.calls)
    return Entered(scope, why=seen.why, needs=seen.permissions, closed=seen.outcome is Outcome.DENIED and not asked)


def permissions_of(source: Source, needed: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Return the permissions of what is read in the scopes below a source, of those that are needed by kind."""
    below = {id_ for id_, one in source.collections.items() if source.connector.depth(one.level) > 0}
    return tuple(sorted({one for id_, permissions in needed if id_ in below for one in permissions}))
