"""The findings at the end of the period for machines, each with the log entry that stated it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import encode

if TYPE_CHECKING:
    from collector.bundle.bag import Bag
    from collector.bundle.withholding import Withholding
    from storage.tables.live_state import LiveState

FINDINGS = "data/state/findings.jsonl"


def write_findings(state: LiveState, withholding: Withholding, bag: Bag) -> None:
    """Write them, ordered by check, source, scope and subject; those of tasks of which nothing is shown are not."""
    with bag.file(FINDINGS) as out:
        for finding in state.findings():
            if withholding.finding(finding.check, finding.source, finding.scope):
                continue
            line = {
                "leaf": finding.leaf,
                "check": finding.check,
                "source": finding.source,
                "scope": list(finding.scope),
                "subject": finding.subject,
                "status": finding.status,
                "reason": finding.reason,
                "limits": finding.limits,
                "evidence": list(finding.evidence),
                "observed_at": msgspec.to_builtins(finding.observed_at),
            }
            out.write(encode(line) + b"\n")
