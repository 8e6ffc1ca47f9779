"""Judges the evidence in a bundle again, and compares each verdict with the one that the bundle states.

Needs no configuration and no store: the limits are in the findings, the sources in the observations, the kinds and
levels in the connectors that are installed. Every stated verdict is counted once: as the same, as different, as
different by other code, or as not judged, with the reason.
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
    from collector.engine.replay import Replayed
    from collector.engine.rule import Rule
    from collector.engine.sources import Source
    from collector.setup.loading import LoadedConnector

_MOST_LISTED = 1000
"""How many differences are listed; all of them are counted."""


class DifferingVerdict(Struct, frozen=True, kw_only=True):
    """A verdict that differs. `first` is the first thing that differs, `stated` and `judged` are its two values.

    `code` is whose code is another one than then, which may be the only cause; empty where no code is.
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
    """How many verdicts of a check in a source cannot be judged here, and why."""

    check: str
    source: str
    why: str
    findings: int


class ReplayedBundle(Struct, frozen=True, kw_only=True):
    """The counts and lists of a comparison. `stated` is the sum of `same`, `differs`, `by_other_code` and `not_judged`.

    `added` counts judged verdicts that the bundle does not state, `added_by_other_code` those that other code may
    explain. The lists are cut, the numbers are not. `hidden` counts the leaves of which only the hash is shown.
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
    differences: list[DifferingVerdict]
    differences_by_other_code: list[DifferingVerdict]
    left: list[NotReevaluated]

    def prove(self) -> None:
        """Raise VerificationError where a verdict differs that other code does not explain."""
        if self.differs + self.added == 0:
            return
        verdict = self.differences[0]
        where = f"{verdict.check} on {verdict.subject or 'its scope'} in {verdict.source}:{'/'.join(verdict.scope)}"
        raise VerificationError(
            f"judged again, {where} has another {verdict.first}: stated {verdict.stated}, judged {verdict.judged}",
            so=f"{self.differs} of {self.stated} verdicts do not follow from the evidence; {self.added} are missing",
            mend="ask whoever made the bundle; the same code has judged the same evidence",
        )


def replay_bundle(bundle: Path) -> ReplayedBundle:
    """Judge the evidence of a bundle again that was verified before. Raises VerificationError if it cannot be read."""
    with opened(bundle) as members:
        try:
            return _BundleReplay(BundleStore(members)).result()
        except msgspec.DecodeError as error:
            raise VerificationError(f"something in the bundle does not read as it was written: {error}") from error


class _Variant(Struct):
    """Limits that findings of one check in one source were judged with: how many, and the newest leaf of them."""

    limits: dict[str, str]
    leaf: int = -1
    findings: int = 0


class _BundleReplay:
    def __init__(self, store: BundleStore) -> None:
        self._store = store
        self._connectors = {
            seen.observation.task.source: connector_of(seen.observation) for seen in store.observations()
        }
        self._loaded: dict[str, LoadedConnector] = {}
        self._not_loaded: dict[str, str] = {}
        for name in sorted(set(self._connectors.values())):
            try:
                self._loaded[name] = loading.connector(name)
            except ConfigError as error:
                self._not_loaded[name] = error.what
        self._reasons = Reasons(store, self._loaded)
        self._counts: Counter[str] = Counter()
        self._paired: Counter[tuple[str, str]] = Counter()
        self._not_judged: Counter[tuple[str, str, str]] = Counter()
        self._differences: dict[str, list[DifferingVerdict]] = {"differs": [], "by_other_code": []}

    def result(self) -> ReplayedBundle:
        variants = {group: _variants(self._store, *group) for group in self._store.groups}
        # Findings of one check can have been judged with different limits: each pass takes one set of limits a check.
        for number in range(max(map(len, variants.values()), default=0)):
            self._pass({group: sets[number] for group, sets in variants.items() if number < len(sets)}, number)
        for (check, source), sets in variants.items():
            unpaired = sum(variant.findings for variant in sets) - self._paired[check, source]
            if unpaired:
                self._not_judged[check, source, "its scope is in no plan that the bundle shows"] += unpaired
        counts = self._counts
        return ReplayedBundle(
            stated=sum(variant.findings for sets in variants.values() for variant in sets),
            same=counts["same"],
            differs=counts["differs"],
            by_other_code=counts["by_other_code"],
            not_judged=sum(self._not_judged.values()),
            added=counts["added differs"],
            added_by_other_code=counts["added by_other_code"],
            hidden=self._store.leaves.hidden,
            version=__version__,
            version_then=self._reasons.version_then,
            differences=self._differences["differs"],
            differences_by_other_code=self._differences["by_other_code"],
            left=[
                NotReevaluated(check=check, source=source, why=why, findings=count)
                for (check, source, why), count in sorted(self._not_judged.items())
            ],
        )

    def _pass(self, variants: Mapping[tuple[str, str], _Variant], number: int) -> None:
        rules: dict[str, list[Rule]] = {}
        for (check, source), variant in variants.items():
            rule = self._rule(check, source, variant.limits)
            if isinstance(rule, str):
                self._not_judged[check, source, rule] += variant.findings
                self._paired[check, source] += variant.findings
            else:
                rules.setdefault(source, []).append(rule)
        if not rules:
            return
        at = max(seen.observation.ended_at for seen in self._store.observations())
        for replayed in Replay(self._store, [self._source(name, at) for name in rules], rules, at).results():
            group = replayed.id.check, replayed.id.source
            if replayed.recorded is None:
                if number == 0:
                    self._count_unstated(replayed)
            elif replayed.recorded.finding.limits == variants[group].limits:
                self._paired[group] += 1
                self._compare(replayed, replayed.recorded.finding)

    def _source(self, name: str, at: datetime) -> Source:
        loaded = self._loaded[self._connectors[name]]
        return source_of_record(self._store, name, loaded.connector, at, loaded.code)

    def _rule(self, check_id: str, source: str, limits: dict[str, str]) -> Rule | str:
        """Return a check with the limits that are stated, or why it cannot be applied here."""
        name = self._connectors.get(source)
        if name is None:
            return "the bundle shows no observation of its source"
        if name in self._not_loaded:
            return f"the connector {name} cannot be loaded here: {self._not_loaded[name]}"
        check = self._loaded[name].checks.get(check_id)
        if check is None:
            return f"the connector {name} that is installed here has no such check"
        # Whether the code is another one is only looked at where a verdict differs.
        return rule_then(check, CheckCounts(check_id, source, loading.check_code(check), limits, {}))

    def _compare(self, replayed: Replayed, stated: Finding) -> None:
        if replayed.is_same:
            self._counts["same"] += 1
            return
        check = self._check(replayed)
        why = self._reasons.doubt(check, replayed.id)
        if why:
            self._not_judged[check.id, replayed.id.source, why] += 1
            return
        self._counts[self._list_difference(replayed, stated, self._reasons.code(check, replayed.id))] += 1

    def _count_unstated(self, replayed: Replayed) -> None:
        check = self._check(replayed)
        # If no run is known to have applied the check, or its evidence is incomplete, no verdict had to be stated.
        if self._reasons.was_judged(check, replayed.id) and not self._reasons.doubt(check, replayed.id):
            how = self._list_difference(replayed, None, self._reasons.code(check, replayed.id))
            self._counts[f"added {how}"] += 1

    def _list_difference(self, replayed: Replayed, stated: Finding | None, code: str) -> str:
        how = "by_other_code" if code else "differs"
        if len(self._differences[how]) < _MOST_LISTED:
            first, was, now = _first_difference(stated, replayed.judged)
            id_ = replayed.id
            self._differences[how].append(
                DifferingVerdict(
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

    def _check(self, replayed: Replayed) -> Check[...]:
        return self._loaded[self._connectors[replayed.id.source]].checks[replayed.id.check]


def _variants(store: BundleStore, check: str, source: str) -> list[_Variant]:
    """Return the sets of limits that findings of a check in a source were judged with, the newest first."""
    found: dict[bytes, _Variant] = {}
    for finding in store.stated(check, source):
        variant = found.setdefault(encode(finding.limits), _Variant(finding.limits))
        variant.leaf = max(variant.leaf, finding.leaf)
        variant.findings += 1
    return sorted(found.values(), key=lambda variant: variant.leaf, reverse=True)


def _first_difference(stated: Finding | None, judged: Finding | None) -> tuple[str, str, str]:
    """Return the name of the first thing in which two verdicts differ, and its value in each."""
    if stated is None or judged is None:
        return "verdict", _verdict_text(stated), _verdict_text(judged)
    if stated.status is not judged.status:
        return "verdict", _verdict_text(stated), _verdict_text(judged)
    if stated.evidence != judged.evidence:
        return "evidence", ", ".join(stated.evidence) or "none", ", ".join(judged.evidence) or "none"
    return "reason", stated.reason, judged.reason


def _verdict_text(finding: Finding | None) -> str:
    return "none" if finding is None else f"{finding.status.value} ({finding.reason})"
