"""The evidence in a bundle judged again, verdict by verdict beside those that the bundle states.

Needs no configuration and no store: the limits are in the findings, the sources in the observations, and what there is
of kinds and levels in the connectors that are installed. Every verdict that is stated is counted once: the same,
otherwise, otherwise by other code, or not to be judged here, with the reason.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector import __version__
from collector.bundle.reevaluation.bundle_store import BundleStore
from collector.bundle.reevaluation.reasons import Reasons, connector_of
from collector.bundle.verifying.members import opened
from collector.core.canonical import encode
from collector.core.errors import ConfigError, VerificationError
from collector.core.facts import CheckCounts
from collector.engine.replay import Replay, source_of_record
from collector.report.periods.rules_then import rule_then
from collector.setup import loading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from collector.core.checks import Check
    from collector.core.findings import Finding
    from collector.core.scopes import Scope
    from collector.engine.judge import Rule
    from collector.engine.replay import Replayed
    from collector.engine.sources import Source
    from collector.setup.loading import LoadedConnector

_MOST = 1000
"""Differences that are listed; all of them are counted."""


class Otherwise(Struct, frozen=True, kw_only=True):
    """A verdict that comes out otherwise: `first` is the first thing that differs, `stated` and `judged` say how.

    `code` says whose code is another one than then, which may be all there is to it; empty where none is.
    """

    check: str
    source: str
    scope: Scope
    subject: str
    first: str
    stated: str
    judged: str
    code: str


class NotReevaluated(Struct, frozen=True, kw_only=True):
    """Verdicts of a check in a source that cannot be judged here, and why."""

    check: str
    source: str
    why: str
    findings: int


class ReplayedBundle(Struct, frozen=True, kw_only=True):
    """What it came to. `stated` is the sum of `same`, `differs`, `by_other_code` and `not_judged`.

    `added` verdicts come out that are not stated at all, `added_by_other_code` those of which other code may be the
    reason. The lists are cut, the numbers are not. `hidden` leaves only show a hash.
    """

    stated: int
    same: int
    differs: int
    by_other_code: int
    not_judged: int
    added: int
    added_by_other_code: int
    hidden: int
    version: str
    version_then: str
    differences: list[Otherwise]
    differences_by_other_code: list[Otherwise]
    left: list[NotReevaluated]

    def prove(self) -> None:
        """Raise VerificationError where a verdict comes out otherwise, and no other code is there to explain that."""
        if self.differs + self.added == 0:
            return
        one = self.differences[0]
        where = f"{one.check} on {one.subject or 'its scope'} in {one.source}:{'/'.join(one.scope)}"
        raise VerificationError(
            f"judged again, {where} has another {one.first}: stated {one.stated}, judged {one.judged}",
            so=f"{self.differs} of {self.stated} verdicts do not follow from the evidence; {self.added} are missing",
            mend="ask whoever made the bundle; the same code has judged the same evidence",
        )


def replay_bundle(bundle: Path) -> ReplayedBundle:
    """Judge a bundle again that was verified before. Raises VerificationError where it cannot be read."""
    with opened(bundle) as members:
        try:
            return _Replaying(BundleStore(members)).result()
        except msgspec.DecodeError as error:
            raise VerificationError(f"something in the bundle does not read as it was written: {error}") from error


class _Variant(Struct):
    """Limits that findings of one check in one source were judged with: how many, and the newest leaf of them."""

    limits: dict[str, str]
    leaf: int = -1
    findings: int = 0


class _Replaying:
    def __init__(self, store: BundleStore) -> None:
        self._store = store
        self._connectors = {
            seen.observation.task.source: connector_of(seen.observation) for seen in store.observations()
        }
        self._loaded: dict[str, LoadedConnector] = {}
        self._lost: dict[str, str] = {}
        for name in sorted(set(self._connectors.values())):
            try:
                self._loaded[name] = loading.connector(name)
            except ConfigError as error:
                self._lost[name] = error.what
        self._reasons = Reasons(store, self._loaded)
        self._counts: Counter[str] = Counter()
        self._beside: Counter[tuple[str, str]] = Counter()
        self._left: Counter[tuple[str, str, str]] = Counter()
        self._told: dict[str, list[Otherwise]] = {"differs": [], "by_other_code": []}

    def result(self) -> ReplayedBundle:
        variants = {group: _variants(self._store, *group) for group in self._store.groups}
        # What stands can have been judged with limits of several times: each pass takes one set of them a check.
        for number in range(max(map(len, variants.values()), default=0)):
            self._pass({group: some[number] for group, some in variants.items() if number < len(some)}, number)
        for (check, source), some in variants.items():
            unpaired = sum(one.findings for one in some) - self._beside[check, source]
            if unpaired:
                self._left[check, source, "its scope is in no plan that the bundle shows"] += unpaired
        counts = self._counts
        return ReplayedBundle(
            stated=sum(one.findings for some in variants.values() for one in some),
            same=counts["same"],
            differs=counts["differs"],
            by_other_code=counts["by_other_code"],
            not_judged=sum(self._left.values()),
            added=counts["added differs"],
            added_by_other_code=counts["added by_other_code"],
            hidden=self._store.told.hidden,
            version=__version__,
            version_then=self._reasons.version_then,
            differences=self._told["differs"],
            differences_by_other_code=self._told["by_other_code"],
            left=[
                NotReevaluated(check=check, source=source, why=why, findings=count)
                for (check, source, why), count in sorted(self._left.items())
            ],
        )

    def _pass(self, variants: Mapping[tuple[str, str], _Variant], number: int) -> None:
        rules: dict[str, list[Rule]] = {}
        for (check, source), variant in variants.items():
            rule = self._rule(check, source, variant.limits)
            if isinstance(rule, str):
                self._left[check, source, rule] += variant.findings
                self._beside[check, source] += variant.findings
            else:
                rules.setdefault(source, []).append(rule)
        if not rules:
            return
        at = max(seen.observation.ended_at for seen in self._store.observations())
        for one in Replay(self._store, [self._source(name, at) for name in rules], rules, at).results():
            group = one.id.check, one.id.source
            if one.recorded is None:
                if number == 0:
                    self._unstated(one)
            elif one.recorded.finding.limits == variants[group].limits:
                self._beside[group] += 1
                self._compare(one, one.recorded.finding)

    def _source(self, name: str, at: datetime) -> Source:
        loaded = self._loaded[self._connectors[name]]
        return source_of_record(self._store, name, loaded.connector, at, loaded.code)

    def _rule(self, check_id: str, source: str, limits: dict[str, str]) -> Rule | str:
        """Return a check with the limits that are stated, or why it cannot be applied here."""
        name = self._connectors.get(source)
        if name is None:
            return "the bundle shows no observation of its source"
        if name in self._lost:
            return f"the connector {name} cannot be loaded here: {self._lost[name]}"
        check = self._loaded[name].checks.get(check_id)
        if check is None:
            return f"the connector {name} that is installed here has no such check"
        # That it may be other code is told where something differs.
        return rule_then(check, CheckCounts(check_id, source, loading.check_code(check), limits, {}))

    def _compare(self, one: Replayed, stated: Finding) -> None:
        if one.is_same:
            self._counts["same"] += 1
            return
        check = self._check(one)
        why = self._reasons.doubt(check, one.id)
        if why:
            self._left[check.id, one.id.source, why] += 1
            return
        self._counts[self._tell(one, stated, self._reasons.code(check, one.id))] += 1

    def _unstated(self, one: Replayed) -> None:
        check = self._check(one)
        # Where no run is known to have applied it, or its evidence is not all here, nothing had to be stated.
        if self._reasons.was_judged(check, one.id) and not self._reasons.doubt(check, one.id):
            how = self._tell(one, None, self._reasons.code(check, one.id))
            self._counts[f"added {how}"] += 1

    def _tell(self, one: Replayed, stated: Finding | None, code: str) -> str:
        how = "by_other_code" if code else "differs"
        if len(self._told[how]) < _MOST:
            first, was, now = _first(stated, one.judged)
            id_ = one.id
            self._told[how].append(
                Otherwise(
                    check=id_.check,
                    source=id_.source,
                    scope=id_.scope,
                    subject=id_.subject,
                    first=first,
                    stated=was,
                    judged=now,
                    code=code,
                )
            )
        return how

    def _check(self, one: Replayed) -> Check[...]:
        return self._loaded[self._connectors[one.id.source]].checks[one.id.check]


def _variants(store: BundleStore, check: str, source: str) -> list[_Variant]:
    """Return the sets of limits that stand, the newest first."""
    found: dict[bytes, _Variant] = {}
    for one in store.stated(check, source):
        variant = found.setdefault(encode(one.limits), _Variant(one.limits))
        variant.leaf = max(variant.leaf, one.leaf)
        variant.findings += 1
    return sorted(found.values(), key=lambda one: one.leaf, reverse=True)


def _first(stated: Finding | None, judged: Finding | None) -> tuple[str, str, str]:
    """Return the first thing in which two verdicts differ, and how it is in each."""
    if stated is None or judged is None:
        return "verdict", _said(stated), _said(judged)
    if stated.status is not judged.status:
        return "verdict", _said(stated), _said(judged)
    if stated.evidence != judged.evidence:
        return "evidence", ", ".join(stated.evidence) or "none", ", ".join(judged.evidence) or "none"
    return "reason", stated.reason, judged.reason


def _said(one: Finding | None) -> str:
    return "none" if one is None else f"{one.status.value} ({one.reason})"
