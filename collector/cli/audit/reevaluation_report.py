"""What judging a bundle again came to, for people: every verdict in one of four rows, and each reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.reevaluation.reevaluation import DifferingVerdict, ReplayedBundle
    from collector.cli.terminal.page import Page

_SCREENFUL = 20

_WHOSE = {
    "check": "the check's code is another one than then",
    "connector": "the connector's code is another one than then",
    "annexd": "annexd is another one than then",
    "not shown": "the bundle does not show with which code it was judged",
}


def show_replayed(replayed: ReplayedBundle, out: Page) -> None:
    """Print the comparison."""
    then = f"version {replayed.version_then}" if replayed.version_then else "a version that the bundle does not show"
    out.head("Re-evaluation")
    out.line(f"with version {replayed.version}, what {then} had evaluated", indent=2)
    out.rows(
        [
            ("The same", f"{replayed.same} of {plural(replayed.stated, 'verdict')}"),
            ("Otherwise", f"{replayed.differs}; {replayed.added} more come out that are not stated"),
            (
                "Other code",
                f"{replayed.by_other_code}, which proves nothing; {replayed.added_by_other_code} more are not stated",
            ),
            ("Not re-evaluated", f"{replayed.not_judged}; {plural(replayed.hidden, 'log entry')} show only a hash"),
        ]
    )
    if replayed.stated == 0:
        out.paragraph("The bundle states no verdict, so there was nothing to compare.", indent=2)
    _show("Otherwise", replayed.differs + replayed.added, replayed.differences, out)
    by_code = replayed.by_other_code + replayed.added_by_other_code
    _show("Otherwise, by other code", by_code, replayed.differences_by_other_code, out)
    if by_code:
        out.paragraph(f"To settle these, install {then} and re-evaluate with that.", indent=2)
    if replayed.left:
        out.head("Not re-evaluated")
        for left in replayed.left:
            out.line(f"{left.check} in {left.source}: {plural(left.findings, 'verdict')}", indent=2)
            out.paragraph(left.why, indent=6)


def _show(title: str, count: int, differences: Sequence[DifferingVerdict], out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.cli.terminal.resource_names import resource_name
    from collector.core.scopes import show_scope

    if not count:
        return
    out.head(f"{title}: {count}")
    for finding in differences[:_SCREENFUL]:
        out.line(
            Styled(finding.check, "bold"),
            Styled(resource_name(finding.check, finding.scope, finding.subject), "bold"),
            f"in {finding.source}:{show_scope(finding.scope)}",
            indent=2,
        )
        rows = [(f"{finding.first} stated", finding.stated), ("judged now", finding.judged)]
        out.rows(rows + ([("because", _WHOSE[finding.code])] if finding.code else []), indent=6)
    if count > _SCREENFUL:
        out.line(f"and {count - _SCREENFUL} more: --json has more of them", indent=2)
