"""How a bundle names resources, places and reasons: in full, as pseudonyms, or withheld."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import WHOLE, FindingId
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.report.findings.finding_views import FindingView


WITHHELD = "withheld"
"""Stands where the bundle does not say something."""


HIDDEN_REASON = "not shown: this text may name what the bundle does not say"
"""Stands for a text of which nobody can tell whom it names; what it is about stands beside it."""


class ShownNames:
    """Writes names the way the terms of the bundle want them, and counts what it left out."""

    def __init__(self, dossier: BundleContents) -> None:
        self._dossier = dossier
        self._hides = bool(dossier.terms.withheld)
        self._renames = dossier.terms.pseudonymised
        self._kinds: dict[str, str] = {}
        self.withheld = 0

    @property
    def is_plain(self) -> bool:
        """Whether every name is shown as it is."""
        return not self._hides and not self._renames

    def hides(self, source: str, kind: str, scope: tuple[str, ...], key: str = "") -> bool:
        """Whether something is withheld; each time that it is counts."""
        if not self._hides or not self._dossier.is_withheld(source, kind, scope, key):
            return False
        self.withheld += 1
        return True

    def name(self, text: str) -> str:
        """Return a name, or what stands for it."""
        return self._dossier.shown(text) if self._renames else text

    def text(self, text: str) -> str:
        """Return what somebody wrote; it may name people."""
        return HIDDEN_REASON if self._renames and text else text

    def reasons(self, several: Iterable[str]) -> str:
        """Return the reasons of something that rests on many findings; each may name any of their subjects."""
        told = "; ".join(several)
        return HIDDEN_REASON if told and not self.is_plain else told

    def verdict(self, id_: FindingId, reason: str, *, is_ours: bool) -> tuple[str, str]:
        """Return the subject and the reason of a verdict. `is_ours`: the engine wrote it, and names no other."""
        subject = id_.subject
        if self.is_plain:
            return subject, reason
        if self.hides(id_.source, self.kind_of(id_.check), id_.scope, subject):
            return WITHHELD, WITHHELD
        shown = self.name(subject)
        if is_ours:
            return shown, reason.replace(subject, shown) if subject else reason
        # A reason about a set may name any member of it.
        return shown, HIDDEN_REASON if self._renames or subject == WHOLE else reason

    def finding(self, one: FindingView) -> tuple[str, str]:
        """Return the subject and the reason of a finding."""
        if self.is_plain:
            return one.subject, one.reason
        ours = one.status == Status.UNKNOWN.value and not one.stale
        return self.verdict(FindingId(one.check, one.source, one.scope, one.subject), one.reason, is_ours=ours)

    def kind_of(self, check: str) -> str:
        """Return the kind that a check judges one by one; empty where it judges none, or is not installed."""
        if check not in self._kinds:
            known = self._dossier.reading.check(check)
            self._kinds[check] = "" if known is None or known.subject is None else known.subject.kind.name
        return self._kinds[check]


def asked_kinds(dossier: BundleContents) -> frozenset[str] | None:
    """Return the kinds that the controls asked for rest on; None for all."""
    if dossier.checks is None:
        return None
    known = dossier.app.checks
    return frozenset(need.kind.name for id_ in dossier.checks if id_ in known for need in known[id_].needs)


@lru_cache(maxsize=4096)
def moment(at: datetime | None, without: str = "") -> str:
    """Write a moment as every page does; `without` stands where there is none."""
    return without if at is None else show_moment(at)


@lru_cache(maxsize=4096)
def place(scope: tuple[str, ...]) -> str:
    """Write a scope as every page does."""
    return show_scope(scope)


def pairs(named: Mapping[str, object]) -> str:
    """Write names with their values on one line."""
    return ", ".join(f"{name}={value}" for name, value in named.items()) if named else ""
