"""The arguments that evidence fills for one rule in one scope, and which evidence the rule used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.checks import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from msgspec import Struct

    from collector.core.canonical import Digest
    from collector.core.checks import Need
    from collector.core.resources import Kind
    from collector.core.scopes import Scope
    from collector.engine.rule import Rule
    from collector.engine.stored_evidence import StoredEvidence


class _Set:
    """A set parameter of a check. Iterating raises Unread where the set is not complete."""

    def __init__(self, inputs: Inputs, kind: Kind, under: Scope) -> None:
        self._inputs = inputs
        self._kind = kind
        self._under = under

    def __iter__(self) -> Iterator[Any]:
        return (view for _, view in self.scoped())

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each view with the scope that it was seen in."""
        return self._inputs.stream(self._kind, self._under)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes of the set."""
        return self._inputs.scopes_of_set(self._kind, self._under)


class Inputs:
    """The arguments that evidence fills for one rule in one scope, and which evidence the rule used.

    `at` is when the evidence was observed, `touched` has the sets that the rule iterated, with the scopes they cover.
    """

    def __init__(self, stored: StoredEvidence, rule: Rule, scope: Scope, at: datetime) -> None:
        self._stored = stored
        self._rule = rule
        self._scope = scope
        self.at = at
        self._nearest: dict[str, tuple[Struct, tuple[Digest, ...]]] = {}
        self.touched: list[tuple[Kind, Scope]] = []
        self._each = [need.parameter for need in rule.check.needs if need.shape is Extent.EACH]
        # What is the same for every resource that the rule is judged on.
        self._filled: dict[str, Any] | None = None

    def filled(self, view: Struct | None) -> dict[str, Any]:
        """Return the arguments for the parameters that evidence fills."""
        if self._filled is None:
            self._filled = {need.parameter: self._argument(need) for need in self._rule.check.needs}
        filled = self._filled.copy()
        for parameter in self._each:
            filled[parameter] = view
        return filled

    def _argument(self, need: Need) -> Any:  # noqa: ANN401  a view or a set, as the check declares it
        match need.shape:
            case Extent.EACH:
                return None
            case Extent.THE:
                return self._nearest_resource(need)[0]
            case Extent.ALL:
                return _Set(self, *self._stored.set_of(need, self._rule.check.over, self._scope))

    def _nearest_resource(self, need: Need) -> tuple[Struct, tuple[Digest, ...]]:
        if need.parameter not in self._nearest:
            self._nearest[need.parameter] = self._stored.nearest(need.kind, self._scope, self.at)
        return self._nearest[need.parameter]

    def stream(self, kind: Kind, under: Scope) -> Iterator[tuple[Scope, Any]]:
        """Stream a set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._stored.members(kind, under, self.at)

    def scopes_of_set(self, kind: Kind, under: Scope) -> Iterator[Scope]:
        """Yield the scopes of a complete set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._stored.scopes_of_set(kind, under, self.at)

    def moments(self) -> tuple[datetime, ...]:
        """Return when the newest evidence of a rule about sets was observed; empty where there is none.

        Two moments where clocks disagree: by this machine's clock, and by the platform's.
        """
        times: list[tuple[datetime, datetime]] = []
        for need in self._rule.check.needs:
            if need.shape is Extent.ALL:
                times += self._stored.observation_times(*self._stored.set_of(need, self._rule.check.over, self._scope))
            else:
                times += self._stored.observation_times(need.kind, self._scope)
        return tuple(dict.fromkeys(max(by_clock) for by_clock in zip(*times, strict=True)))

    def evidence(self) -> tuple[Digest, ...]:
        """Return the digests that the verdict is based on besides its subject."""
        if not self._nearest and not self.touched:
            return ()
        nearest = [digest for _, digests in self._nearest.values() for digest in digests]
        sets = [digest for kind, under in self.touched for digest in self._stored.inventories(kind, under)]
        return tuple(dict.fromkeys([*nearest, *sets]))
