"""`annexd controls`: every control with its state and why, and everything about one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from collector.cli.read.status_page import STYLES
from collector.cli.terminal.page import Page, Styled, page
from collector.core.assess import RECORDS_ONLY, ControlStatus
from collector.core.controls import Shows
from collector.core.plain_text import plural, show_moment
from collector.core.tally import RecordState
from collector.report.controls.control_story import ActionOfControl, DecisionOfControl, EvidenceRequestView
from collector.report.controls.control_views import (
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
        for theme, in_theme in groupby(framework.controls, key=lambda control: control.theme):
            out.head(theme)
            for control in in_theme:
                _show_control(control, out)
        _show_not_addressed(framework, out)
        out.head("Controls by state")
        out.rows(
            (Styled(label, STYLES.get(state, "")), str(framework.states[state.value]))
            for state, label in LABELS.items()
        )
        _show_legend(framework, out)


def _show_edition(framework: FrameworkControls, at: datetime, out: Page) -> None:
    out.line(Styled(show_edition(framework.name, framework.edition), "bold"), framework.title)
    out.line(f"as of {show_moment(at)}; this framework version is {framework.status}", indent=2)
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


def _show_control(control: ControlView, out: Page) -> None:
    role = f" ({control.role})" if control.role is not None else ""
    out.rows([(Styled(f"{control.id:<5}", "bold"), f"{control.title}{role}")])
    out.line(_label(control), control.counts_text, indent=9)
    for reason in control.reasons[:1]:
        more = f" (and {plural(len(control.reasons) - 1, 'more reason')})" if len(control.reasons) > 1 else ""
        out.paragraph(f"{reason}{more}", indent=9)
    for against in control.contradictions:
        out.paragraph(f"inconsistent with the SoA: {against}", indent=9)


def _label(control: ControlView) -> Styled:
    return Styled(f"{control.label}:", STYLES.get(ControlStatus(control.status), ""))


def _show_legend(framework: FrameworkControls, out: Page) -> None:
    """Print what each label on this page means; a label without its sentence is read as more than it says."""
    said: dict[str, str] = {}
    for control in framework.controls:
        if control.status != ControlStatus.EXCLUDED.value:
            alone = control.records_only and control.status == ControlStatus.EVIDENCED.value
            said.setdefault(LABELS[ControlStatus(control.status)] + (RECORDS_ONLY if alone else ""), control.sentence)
    if said:
        out.head("What the labels mean")
        out.rows(said.items())


def show_stories(shape: ControlsView, out: Page) -> None:
    """Print one control, in each framework version that has it; notes on that version come last."""
    for number, framework in enumerate(shape.frameworks):
        if number:
            out.gap()
        edition = show_edition(framework.name, framework.edition)
        out.line(Styled(edition, "bold"), f"({framework.status}), as of {show_moment(shape.at)}")
        for item in framework.controls:
            _show_story(item, out)
        out.head(f"About {edition}")
        _show_about(framework, out)


def _show_story(control: ControlView, out: Page) -> None:
    role = "" if control.role is None else f", as {control.role}"
    out.head(f"{control.id} {control.title} ({control.theme}{role})")
    out.line(Styled(control.label, STYLES.get(ControlStatus(control.status), "bold") or "bold"), indent=2)
    out.paragraph(control.sentence, indent=2)
    out.paragraph(control.counts_text, indent=2)
    out.rows(_facts(control))

    out.head("Why")
    out.rows(("-", reason) for reason in _reasons(control))
    out.rows(("-", f"inconsistent with the SoA: {against}") for against in control.contradictions)

    out.head("Checks mapped to it")
    if not control.checks:
        out.line("none: it is based on records alone", indent=2)
    for check in control.checks:
        _show_check(check, out)

    out.head("Evidence requests")
    out.rows(
        (ask.state, f"{ask.id} ({ask.kind}, {_every(ask.every)}): {ask.text}{_filed(ask)}")
        for ask in control.evidence_requests
    )

    if control.risks:
        out.head("Risks that it treats")
        out.rows(("-", risk) for risk in control.risks)
    if control.actions:
        late = sum(action.late for action in control.actions)
        out.head(f"Corrective actions: {len(control.actions)}, {late} of them late")
        out.rows((action.state, f"{action.id}: {_action(action)}") for action in control.actions)


def _show_check(check: CheckOfControl, out: Page) -> None:
    origin = f", {check.origin}" if check.origin == OWN_LINK else ""
    out.line(Styled(check.strength, "bold"), check.check, f"({check.severity}{origin})", indent=2)
    out.paragraph(f"because {check.because}", indent=6)
    out.paragraph(_check_counts(check), indent=6)
    if check.risks:
        out.paragraph(f"affects {'; '.join(check.risks)}", indent=6)


def _facts(control: ControlView) -> Iterator[tuple[str, str]]:
    yield "applicability", _decided(control.decision)
    yield "based on", ", ".join(control.basis) or "nothing yet"
    yield (
        "systems in scope",
        f"{control.coverage} seen completely" if control.coverage[:1].isdigit() else control.coverage,
    )
    yield "oldest evidence", "none" if control.oldest_at is None else show_moment(control.oldest_at)
    yield "evidence can show", _SHOWS[Shows(control.shows)]
    yield "and cannot", control.cannot
    for name, values in control.attributes.items():
        yield name.replace("_", " "), ", ".join(values)
    if control.confidence is not None:
        yield "not certain", control.confidence
    if control.derived_from:
        yield "taken from", "; ".join(control.derived_from)


_SHOWS = {
    Shows.CONFIGURATION: "its technical substance, and not its governing document",
    Shows.PART: "a part of it",
    Shows.NONE: "nothing of it: only records do",
}
"""What technical evidence can show of a control at all."""


def _decided(control: DecisionOfControl | None) -> str:
    if control is None:
        return "not decided by a statement of applicability in force"
    owner = "" if control.owner is None else f"; owner {control.owner}"
    if not control.applicable:
        return f"excluded by SoA {control.version}: {control.because}{owner}"
    day = "" if control.planned_for is None else f" for {control.planned_for}"
    grounds = f" ({', '.join(control.grounds)})" if control.grounds else ""
    return (
        f"applies by SoA {control.version}, implemented: {control.implemented}{day}: {control.because}{grounds}{owner}"
    )


def _reasons(control: ControlView) -> Iterator[str]:
    """Yield the reasons; evidence requests have a list of their own below, and are counted here."""
    owed = tuple(f"{ask.id} {ask.state}: " for ask in control.evidence_requests)
    yield from (reason for reason in control.reasons if not (owed and reason.startswith(owed)))
    missing = [ask for ask in control.evidence_requests if ask.state != RecordState.VALID.value]
    if missing:
        asked = plural(len(control.evidence_requests), "record")
        yield f"{len(missing)} of {asked} {_verb(missing)} not answered: see below"


def _verb(missing: Sequence[object]) -> str:
    return "is" if len(missing) == 1 else "are"


def _action(control: ActionOfControl) -> str:
    late = ", late" if control.late else ""
    return f"{control.deviation} ({control.owner}, due {control.due}{late})"


def _filed(ask: EvidenceRequestView) -> str:
    return "" if ask.leaf is None else f" Record filed, log entry {ask.leaf}, valid until {ask.until}."


def _check_counts(check: CheckOfControl) -> str:
    if check.counts is None:
        return "was not run"
    words = ("pass", "fail", "accepted", "unknown")
    text = " / ".join(f"{check.counts[word]} {word}" for word in words)
    lost = f" / {check.counts['lost']} last seen failing" if check.counts["lost"] else ""
    disabled = "disabled; " if check.disabled else ""
    return f"{disabled}{text} / {check.counts['not_applicable']} no resources{lost}"


def _every(period: str | None) -> str:
    return "as needed" if period is None else f"every {period}"
