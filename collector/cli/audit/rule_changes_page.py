"""`annexd replay --diff`: what the installed rules would change, check by check, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.page import Page, Styled
from collector.cli.terminal.resource_names import resource_name
from collector.core.checks import Status
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.report.periods.replay_rules import NotJudged
    from collector.report.periods.rule_changes_views import CheckChanges, RuleChanges, VerdictChange

_SUBJECTS = 3
_CONTROLS = 40


def show_rule_changes(shape: RuleChanges, out: Page) -> None:
    """Print the checks with other verdicts, then those that differ only in code or limits, then the controls."""
    out.line(
        Styled(f"As of {show_moment(shape.as_of)}", "bold"),
        f"what the enabled checks and limits of version {shape.version} would change",
    )
    out.paragraph("nothing was written, and no platform was asked", indent=2)
    _show_run(shape, out)
    out.line(f"{shape.same} of {plural(shape.judged, 'verdict')} are what was recorded", indent=2)
    flipped = [check for check in shape.checks if check.changes]
    out.head(f"Other verdicts: {plural(len(flipped), 'check')}")
    for check in flipped:
        _show_check(check, out)
    quiet = [check for check in shape.checks if not check.changes]
    if quiet:
        out.head(f"Another rule, the same verdicts: {plural(len(quiet), 'check')}")
        for check in quiet:
            out.line(Styled(check.check, "bold"), f"in {check.source}: {_what_changed(check)}", indent=2)
    _show_controls(shape, out)
    show_not_judged(shape.not_judged, out)


def show_not_judged(not_judged: Sequence[NotJudged], out: Page) -> None:
    """Print the checks that were not judged again, each with the reason; nothing where all were."""
    if not_judged:
        out.head("Not re-evaluated")
    for left in not_judged:
        out.line(
            Styled(left.check, "bold"), f"in {left.source}, {plural(left.findings, 'finding')} on record", indent=2
        )
        out.paragraph(left.why, indent=6)


def _show_run(shape: RuleChanges, out: Page) -> None:
    run = shape.run
    if run is None:
        out.line("nothing had been recorded by then", indent=2)
        return
    out.line(f"the newest run then was {run.run}, of version {run.version}", indent=2)
    if run.ended_at is None:
        out.paragraph(
            "it had not ended by then: what it had seen and not yet judged comes out otherwise below", indent=2
        )


def _show_check(check: CheckChanges, out: Page) -> None:
    out.line(Styled(check.check, "bold"), f"in {check.source}: {_what_changed(check)}", indent=2)
    if check.limits_changed and check.limits_recorded is not None:
        names = sorted({*check.limits_recorded, *check.limits_now})
        moved = [
            f"{name} = {check.limits_recorded.get(name, 'none')} then, {check.limits_now.get(name, 'none')} now"
            for name in names
            if check.limits_recorded.get(name) != check.limits_now.get(name)
        ]
        out.paragraph("; ".join(moved), indent=6)
    for change in check.changes:
        _show_change(check, change, out)


def _show_change(check: CheckChanges, change: VerdictChange, out: Page) -> None:
    out.line(Styled(_arrow(change), "bold"), str(change.count), indent=6)
    for subject in change.subjects[:_SUBJECTS]:
        name = resource_name(check.check, subject.scope, subject.subject)
        out.paragraph(
            f"{name} in {show_scope(subject.scope)}: {subject.judged_reason or subject.recorded_reason}", indent=8
        )
    if change.count > _SUBJECTS:
        out.line(f"and {change.count - _SUBJECTS} more: annexd replay --diff --json has them all", indent=8)


def _arrow(change: VerdictChange) -> str:
    """Name the change: `pass to fail`, `appeared as unknown`, `gone, was fail`."""
    if change.recorded is None:
        return f"appeared as {_word(change.judged)}"
    if change.judged is None:
        return f"gone, was {_word(change.recorded)}"
    return f"{_word(change.recorded)} to {_word(change.judged)}"


def _word(status: str | None) -> str:
    return WORDS[Status(status)]


def _what_changed(check: CheckChanges) -> str:
    """Say whether the code or the limits are others than when the verdicts were recorded."""
    if check.code_recorded is None:
        return "no verdict of it is on record"
    changed = [
        what for what, is_changed in (("code", check.code_changed), ("limits", check.limits_changed)) if is_changed
    ]
    return f"other {' and '.join(changed)} than recorded" if changed else "the same code and limits as recorded"


def _show_controls(shape: RuleChanges, out: Page) -> None:
    out.head(f"Controls: {len(shape.controls)} would stand otherwise")
    for control in shape.controls[:_CONTROLS]:
        role = f" ({control.role})" if control.role else ""
        out.line(
            Styled(f"{control.framework} {control.id}{role}", "bold"),
            f"{control.label_then} to {control.label_now}",
            indent=2,
        )
        for reason in control.reasons_now:
            out.paragraph(reason, indent=6)
    if len(shape.controls) > _CONTROLS:
        out.line(f"and {len(shape.controls) - _CONTROLS} more: annexd replay --diff --json has them all", indent=2)
