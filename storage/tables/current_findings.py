"""The parts of statements that say which event of a finding counts, now or as of a leaf."""

from __future__ import annotations

CURRENT_FINDINGS = (
    "finding f JOIN finding_event e ON e.id ="
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id AND p.leaf <= ?"
    " ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
)
"""Each finding f with its latest event e up to a leaf; one that ended has no status."""

LAST_DECIDED = (
    "SELECT q.id FROM finding_event q WHERE q.finding = f.id AND q.leaf <= ?"
    " AND (q.status IS NULL OR q.status <> 'unknown') ORDER BY q.leaf DESC, q.id DESC LIMIT 1"
)
"""Of a finding f the latest event up to a leaf that is not unknown: a verdict, or an end."""

LAST_FAIL = (
    f" LEFT JOIN finding_event d ON d.id = CASE WHEN e.status = 'unknown' THEN ({LAST_DECIDED}) END"
    " AND d.status = 'fail'"
)
"""Join to event e the fail d that an unknown finding had last; the CASE has it looked for only there."""

ALIKE = "check_id, source, scope, status, was_failing, began, since, observed_at, since_run"
"""The columns in which findings are alike that `finding_count` counts together."""

COUNTED = (
    "SELECT f.check_id, f.source, f.scope, e.status, d.id IS NOT NULL AS was_failing,"  # noqa: S608  our own words
    " coalesce(d.since, e.since) AS began, e.since, e.observed_at, e.since_run, {more}"
    f" FROM {CURRENT_FINDINGS}{LAST_FAIL} WHERE e.status IS NOT NULL"
)
"""Of each current finding as of a leaf these columns, and `more`; the leaf is the value of both placeholders."""
