"""`annexd controls`: every control with its state and why, and the whole story of one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from collector.cli.read.status_page import STYLES
from collector.cli.terminal.page import Page, Styled, page
from collector.core.assess import ControlStatus
from collector.core.controls import Shows
from collector.core.plain_text import plural, show_moment
from collector.core.tally import RecordState
from collector.report.controls.control_story import ActionOfControl, DecisionOfControl
from collector.report.controls.control_views import (
    AskView,
    CheckOfControl,
    ControlsView,
    ControlView,
    FrameworkControls,
    controls_view,
)
from collector.report.controls.status_view import LABELS, show_edition
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from collector.setup.own_links import OWN_LINK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.core.ports import Store
    from collector.setup.app import App


def print_controls(app: App, store: Store, at: datetime, *, frameworks: Iterable[str] = ()) -> None:
    """Print the control tables of the frameworks in use, or of some of them, as `annexd controls` does."""
    show_controls(controls_view(assessed(Reading(app, store, at)), frameworks=frameworks), page())


def show_controls(shape: ControlsView, out: Page) -> None:
    """Print the controls theme by theme, each with its label, all counts and the strongest reason."""
    for framework in shape.frameworks:
        _show_edition(framework, shape.at, out)
        for theme, in_theme in groupby(framework.controls, key=lambda one: one.theme):
            out.head(theme)
            for one in in_theme:
                _show_control(one, out)
        _show_not_addressed(framework, out)
        out.head("Controls by state")
        out.rows(
            (Styled(label, STYLES.get(state, "")), str(framework.states[state.value]))
            for state, label in LABELS.items()
        )
        _show_legend(framework, out)


def _show_edition(framework: FrameworkControls, at: datetime, out: Page) -> None:
    out.line(Styled(show_edition(framework.name, framework.edition), "bold"), framework.title)
    out.line(f"as of {show_moment(at)}; the edition is {framework.standing}", indent=2)
    _show_about(framework, out)


def _show_about(framework: FrameworkControls, out: Page) -> None:
    for amendment in framework.amendments:
        out.paragraph(f"amended by {amendment}", indent=2)
    out.paragraph(f"identifiers and titles: {framework.confidence}", indent=2)
    for note in (*framework.notes, *framework.counted):
        out.paragraph(note, indent=2)


def _show_not_addressed(framework: FrameworkControls, out: Page) -> None:
    for role, controls in framework.not_addressed.items():
        out.head(f"Not addressed to this role: {role}")
        out.rows((f"{id_:<5}", title) for id_, title in controls.items())


def _show_control(one: ControlView, out: Page) -> None:
    role = f" ({one.role})" if one.role is not None else ""
    out.rows([(Styled(f"{one.id:<5}", "bold"), f"{one.title}{role}")])
    out.line(_label(one), one.counts_text, indent=9)
    for reason in one.reasons[:1]:
        more = f" (and {plural(len(one.reasons) - 1, 'more reason')})" if len(one.reasons) > 1 else ""
        out.paragraph(f"{reason}{more}", indent=9)
    for against in one.contradictions:
        out.paragraph(f"contradiction: {against}", indent=9)


def _label(one: ControlView) -> Styled:
    return Styled(f"{one.label}:", STYLES.get(ControlStatus(one.status), ""))


def _show_legend(framework: FrameworkControls, out: Page) -> None:
    """Print what each label on this page means; a label without its sentence is read as more than it says."""
    said: dict[str, str] = {}
    for one in framework.controls:
        if one.status != ControlStatus.EXCLUDED.value:
            said.setdefault(one.status, one.sentence)
    if said:
        out.head("What the labels mean")
        out.rows((LABELS[ControlStatus(state)], sentence) for state, sentence in said.items())


def show_stories(shape: ControlsView, out: Page) -> None:
    """Print one control, in each edition that has it; what is to be said of the edition comes last."""
    for number, framework in enumerate(shape.frameworks):
        if number:
            out.gap()
        edition = show_edition(framework.name, framework.edition)
        out.line(Styled(edition, "bold"), f"({framework.standing}), as of {show_moment(shape.at)}")
        for one in framework.controls:
            _show_story(one, out)
        out.head(f"About {edition}")
        _show_about(framework, out)


def _show_story(one: ControlView, out: Page) -> None:
    role = "" if one.role is None else f", as {one.role}"
    out.head(f"{one.id} {one.title} ({one.theme}{role})")
    out.line(Styled(one.label, STYLES.get(ControlStatus(one.status), "bold") or "bold"), indent=2)
    out.paragraph(one.sentence, indent=2)
    out.paragraph(one.counts_text, indent=2)
    out.rows(_facts(one))

    out.head("Why it stands so")
    out.rows(("-", reason) for reason in _reasons(one))
    out.rows(("-", f"contradiction: {against}") for against in one.contradictions)

    out.head("Checks that speak about it")
    if not one.checks:
        rests = one.shows == Shows.NONE.value
        out.line("none: it rests on the records of people" if rests else "none of those that annexd has", indent=2)
    for check in one.checks:
        _show_check(check, out)

    out.head("Records asked of people")
    out.rows((ask.state, f"{ask.id} ({ask.kind}, {_every(ask.every)}): {ask.text}{_filed(ask)}") for ask in one.asks)

    if one.risks:
        out.head("Risks that it is to treat")
        out.rows(("-", risk) for risk in one.risks)
    if one.actions:
        late = sum(action.late for action in one.actions)
        out.head(f"Corrective actions: {len(one.actions)}, {late} of them late")
        out.rows((action.state, f"{action.id}: {_action(action)}") for action in one.actions)


def _show_check(check: CheckOfControl, out: Page) -> None:
    origin = f", {check.origin}" if check.origin == OWN_LINK else ""
    out.line(Styled(check.strength, "bold"), check.check, f"({check.severity}{origin})", indent=2)
    out.paragraph(f"counts because {check.because}", indent=6)
    out.paragraph(_check_counts(check), indent=6)
    if check.risks:
        out.paragraph(f"bears on {'; '.join(check.risks)}", indent=6)


def _facts(one: ControlView) -> Iterator[tuple[str, str]]:
    yield "applicability", _decided(one.decision)
    yield "basis", ", ".join(one.basis) or "nothing yet"
    yield "systems in scope", f"{one.coverage} seen completely" if one.coverage[:1].isdigit() else one.coverage
    yield "oldest evidence", "none" if one.oldest_at is None else show_moment(one.oldest_at)
    yield "evidence can show", _SHOWS[Shows(one.shows)]
    yield "and cannot", one.cannot
    if one.confidence is not None:
        yield "not certain", one.confidence
    if one.derived_from:
        yield "taken from", "; ".join(one.derived_from)


_SHOWS = {
    Shows.CONFIGURATION: "its technical substance, and not its governing document",
    Shows.PART: "a part of it",
    Shows.NONE: "nothing of it: it lives in the records of people",
}
"""What technical evidence can show of a control at all."""


def _decided(one: DecisionOfControl | None) -> str:
    if one is None:
        return "not decided by a statement of applicability in force"
    owner = "" if one.owner is None else f"; owner {one.owner}"
    if not one.applicable:
        return f"excluded by SoA {one.version}: {one.because}{owner}"
    day = "" if one.planned_for is None else f" for {one.planned_for}"
    grounds = f" ({', '.join(one.grounds)})" if one.grounds else ""
    return f"applies by SoA {one.version}, implemented: {one.implemented}{day}: {one.because}{grounds}{owner}"


def _reasons(one: ControlView) -> Iterator[str]:
    """Yield the reasons; records stand in a list of their own below, and are counted here."""
    owed = tuple(f"{ask.id} {ask.state}: " for ask in one.asks)
    yield from (reason for reason in one.reasons if not (owed and reason.startswith(owed)))
    missing = [ask for ask in one.asks if ask.state != RecordState.VALID.value]
    if missing:
        asked = plural(len(one.asks), "record")
        yield f"{len(missing)} of {asked} asked of people {_verb(missing)} not valid: see below"


def _verb(several: Sequence[object]) -> str:
    return "is" if len(several) == 1 else "are"


def _action(one: ActionOfControl) -> str:
    late = ", late" if one.late else ""
    return f"{one.deviation} ({one.owner}, due {one.due}{late})"


def _filed(ask: AskView) -> str:
    return "" if ask.leaf is None else f" On file at leaf {ask.leaf}, valid until {ask.until}."


def _check_counts(check: CheckOfControl) -> str:
    if check.counts is None:
        return "was not run"
    words = ("pass", "fail", "accepted", "unknown")
    text = " / ".join(f"{check.counts[word]} {word}" for word in words)
    lost = f" / {check.counts['lost']} last seen failing" if check.counts["lost"] else ""
    disabled = "disabled; " if check.disabled else ""
    return f"{disabled}{text} / {check.counts['not_applicable']} nothing to check{lost}"


def _every(period: str | None) -> str:
    return "when the occasion arises" if period is None else f"every {period}"
