"""How a bundle shows names and reasons: in full, as pseudonyms, or withheld."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import WHOLE, FindingId
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.report.findings.finding_filter import level_of, show_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.report.findings.finding_views import FindingView


WITHHELD = "withheld"
"""Written in place of a name or a text that the bundle does not show."""


HIDDEN_REASON = "not shown: this text may contain names that the bundle withholds"
"""Written in place of a text that may contain names that are withheld or replaced by pseudonyms."""


class ShownNames:
    """Returns names and texts as the terms of the bundle allow; `withheld` counts the names that were left out."""

    def __init__(self, contents: BundleContents) -> None:
        self._contents = contents
        self._hides = bool(contents.terms.withheld)
        self._renames = contents.terms.pseudonymised
        self._kinds: dict[str, str] = {}
        self.withheld = 0

    @property
    def is_plain(self) -> bool:
        """Whether every name is shown as it is."""
        return not self._hides and not self._renames

    @property
    def renames(self) -> bool:
        """Whether names are replaced by pseudonyms."""
        return self._renames

    def hides(self, source: str, kind: str, scope: tuple[str, ...], key: str = "") -> bool:
        """Whether something is withheld; counts it in `withheld` if so."""
        if not self._hides or not self._contents.is_withheld(source, kind, scope, key):
            return False
        self.withheld += 1
        return True

    def name(self, text: str) -> str:
        """Return a name, or its pseudonym."""
        return self._contents.shown(text) if self._renames else text

    def text(self, text: str) -> str:
        """Return a text that a person wrote, or HIDDEN_REASON where pseudonyms are used: it may name people."""
        return HIDDEN_REASON if self._renames and text else text

    def reasons(self, reasons: Iterable[str]) -> str:
        """Return reasons that are based on many findings as one text, or HIDDEN_REASON: each may name any resource."""
        text = "; ".join(reasons)
        return HIDDEN_REASON if text and not self.is_plain else text

    def verdict(self, id_: FindingId, reason: str, *, is_ours: bool) -> tuple[str, str]:
        """Return the subject and the reason of a verdict; with `is_ours`, the reason names no other resource."""
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

    def resource(self, source: str, scope: tuple[str, ...], subject: str) -> str:
        """Return a shown subject as people read it: `(account)` where it stands for the whole account."""
        return show_subject(subject, level_of(self._contents.reading, source, scope))

    def finding(self, finding: FindingView) -> tuple[str, str]:
        """Return the subject and the reason of a finding, as far as they may be shown."""
        if self.is_plain:
            reason = finding.reason
            if finding.status == Status.NOT_APPLICABLE.value:
                reason = reason.replace("nothing to check", "no resources")  # as the log has it
            return finding.subject, reason
        # A reason that was given before, when it failed or was not too old, is the check's own.
        is_ours = finding.status == Status.UNKNOWN.value and not finding.stale and finding.failing_since is None
        return self.verdict(
            FindingId(finding.check, finding.source, finding.scope, finding.subject), finding.reason, is_ours=is_ours
        )

    def kind_of(self, check: str) -> str:
        """Return the kind of the resources that a check judges; empty where there is none, or it is not installed."""
        if check not in self._kinds:
            known = self._contents.reading.check(check)
            self._kinds[check] = "" if known is None or known.subject is None else known.subject.kind.name
        return self._kinds[check]


def asked_kinds(contents: BundleContents) -> frozenset[str] | None:
    """Return the kinds that the checks of the selected controls need; None for all kinds."""
    if contents.checks is None:
        return None
    known = contents.app.checks
    return frozenset(need.kind.name for id_ in contents.checks if id_ in known for need in known[id_].needs)


@lru_cache(maxsize=4096)
def moment(at: datetime | None, without: str = "") -> str:
    """Return a moment as every page shows it, or `without` where there is none."""
    return without if at is None else show_moment(at)


@lru_cache(maxsize=4096)
def place(scope: tuple[str, ...]) -> str:
    """Return a scope as every page shows it."""
    return show_scope(scope)


def pairs(named: Mapping[str, object]) -> str:
    """Return names with their values on one line: `a=1, b=2`."""
    return ", ".join(f"{name}={value}" for name, value in named.items()) if named else ""
