"""The findings as they stood at the end, each with the leaf that stated it, for machines and for who judges again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import encode

if TYPE_CHECKING:
    from collector.bundle.bag import Bag
    from collector.bundle.withholding import Withholding
    from storage.tables.live_state import LiveState

FINDINGS = "data/state/findings.jsonl"


def write_findings(standing: LiveState, hiding: Withholding, bag: Bag) -> None:
    """Write them, ordered by check, source, scope and subject; those of tasks of which nothing is shown are not."""
    with bag.file(FINDINGS) as out:
        for one in standing.findings():
            if hiding.finding(one.check, one.source, one.scope):
                continue
            line = {
                "leaf": one.leaf,
                "check": one.check,
                "source": one.source,
                "scope": list(one.scope),
                "subject": one.subject,
                "status": one.status,
                "reason": one.reason,
                "limits": one.limits,
                "evidence": list(one.evidence),
                "observed_at": msgspec.to_builtins(one.observed_at),
            }
            out.write(encode(line) + b"\n")
