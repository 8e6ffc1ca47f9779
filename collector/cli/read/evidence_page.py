"""`annexd evidence`: one resource as it is stored, its provenance, and what is based on it."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import Any

from collector.cli.read.findings_page import show_finding
from collector.cli.terminal.page import Page, Styled
from collector.core.errors import ConfigError
from collector.core.plain_text import plural, show_moment
from collector.core.ports import Stored
from collector.core.scopes import show_scope
from collector.report.findings.evidence_views import EvidenceView, MatchesView


def write_raw(stored: Stored) -> None:
    """Write the stored bytes as they are. Raises ConfigError where they were erased."""
    if stored.blob is None:
        raise ConfigError(f"the body of {stored.key} was erased", mend=f"its digest is kept: {stored.digest}")
    sys.stdout.buffer.write(stored.blob)
    sys.stdout.buffer.flush()


def show_matches(shape: MatchesView, out: Page) -> None:
    """Print the resources that a name might mean."""
    out.rows((show_scope(entry.scope), entry.key) for entry in shape.matches)
    if shape.matched == 0:
        out.line("there is no such resource; --as-of looks at an earlier day")
        return
    out.line(Styled(plural(shape.matched, "resource"), "bold"), f"as of {show_moment(shape.at)}")
    if shape.matched > len(shape.matches):
        out.line(f"{shape.matched - len(shape.matches)} are not shown: write more of the key, or name the scope")


def show_evidence(shape: EvidenceView, out: Page) -> None:
    """Print one resource."""
    out.line(Styled(shape.kind, "bold"), Styled(shape.key, "bold"))
    out.rows(
        [
            ("in", f"{shape.source}:{show_scope(shape.scope)}"),
            ("digest", shape.digest),
            ("first seen", show_moment(shape.first_seen_at)),
        ]
    )
    out.head("As stored")
    if shape.body is None:
        out.line("the body was erased; its digest is kept", indent=2)
    else:
        out.verbatim(_lines(shape.body), indent=2)
    if shape.facts:
        out.head("Fields that change by themselves")
        out.verbatim(_lines(shape.facts), indent=2)
    if shape.unread:
        out.head("Parts that could not be read")
        out.rows((name, str(part)) for name, part in shape.unread.items())
    _show_provenance(shape, out)
    _show_history(shape, out)
    out.head("Findings based on it")
    if not shape.findings:
        out.line("none", indent=2)
    for check, of_check in groupby(shape.findings, key=lambda entry: entry.check):
        out.line(check, indent=2)
        for entry in of_check:
            show_finding(entry, out, indent=6)


def _show_provenance(shape: EvidenceView, out: Page) -> None:
    out.head("Provenance (IPE)")
    seen = shape.observation
    if seen is None:
        out.line("not known", indent=2)
        return
    made = seen.provenance
    total = "" if made.total is None else f"; the platform counts {made.total} ({made.total_from})"
    rows = [
        ("collection", f"{seen.task}: {seen.ended_as}, {plural(seen.listed, 'item')}{total}"),
        ("when", f"{show_moment(seen.started_at)} to {show_moment(seen.ended_at)}"),
        ("by", made.identity or "an identity that the platform did not name"),
        ("run", f"{seen.run}, log entry {shape.leaf}"),
        ("with", f"{made.connector}, code {made.code or 'unknown'}"),
        ("redacted by", made.redaction),
        ("asked", f"{plural(made.requests, 'request')}, {plural(made.pages, 'page')}"),
    ]
    if made.date is not None:
        rows.append(("platform's clock", show_moment(made.date)))
    if shape.inventory is not None:
        rows.append(("hash of the list", shape.inventory))
    if made.redacted:
        rows.append(("redacted", ", ".join(f"{rule} ({count})" for rule, count in made.redacted.items())))
    out.rows(rows)
    for call in made.calls:
        answers = ", ".join(f"{status}: {count}" for status, count in call.statuses.items())
        ids = " to ".join(dict.fromkeys(entry for entry in (call.first_id, call.last_id) if entry is not None))
        out.line(
            Styled(call.operation, "bold"),
            f"{plural(call.count, 'time')} ({answers})",
            f"request ids {ids}" if ids else "",
            indent=2,
        )
        if call.params:
            out.rows(call.params.items(), indent=6)


def _show_history(shape: EvidenceView, out: Page) -> None:
    out.head("History")
    if shape.history is None:
        out.line("this store does not list it; --as-of shows the resource as it was on a day", indent=2)
        return
    for entry in shape.history:
        unread = f", without {', '.join(entry.unread)}" if entry.unread else ""
        out.line(show_moment(entry.observed_at), f"{entry.change}{unread}", entry.digest or "", indent=2)


def _lines(body: dict[str, Any]) -> list[str]:
    return json.dumps(body, indent=2, ensure_ascii=False).splitlines()
