"""`annexd controls`: every control with its state and why, and the whole story of one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from collector.app.output import Mark, Page, page
from collector.app.reading.asking import show_moment, some
from collector.app.reading.assessment import assessed
from collector.app.reading.control_shapes import (
    AskShape,
    CheckOfControl,
    ControlShape,
    ControlsShape,
    FrameworkControls,
    controls_shape,
)
from collector.app.reading.known import Reading
from collector.app.reading.status import LABELS, STYLES, show_edition
from collector.core.assess import ControlStatus

if TYPE_CHECKING:
    from datetime import datetime

    from collector.app.wiring import App
    from collector.core.ports import Store


def print_controls(app: App, store: Store, at: datetime) -> None:
    """Print the control tables of the frameworks in use, as `annexd controls` does."""
    show_controls(controls_shape(assessed(Reading(app, store, at))), page())


def show_controls(shape: ControlsShape, out: Page) -> None:
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
            (Mark(label, STYLES.get(state, "")), str(framework.states[state.value])) for state, label in LABELS.items()
        )
        _show_legend(framework, out)


def _show_edition(framework: FrameworkControls, at: datetime, out: Page) -> None:
    out.line(Mark(show_edition(framework.name, framework.edition), "bold"), framework.title)
    out.line(f"as of {show_moment(at)}; the edition is {framework.standing}", indent=2)
    for amendment in framework.amendments:
        out.paragraph(f"amended by {amendment}", indent=2)
    out.paragraph(f"identifiers and titles: {framework.confidence}", indent=2)
    for note in (*framework.notes, *framework.counted):
        out.paragraph(note, indent=2)


def _show_not_addressed(framework: FrameworkControls, out: Page) -> None:
    for role, controls in framework.not_addressed.items():
        out.head(f"Not addressed to this role: {role}")
        out.rows((f"{id_:<5}", title) for id_, title in controls.items())


def _show_control(one: ControlShape, out: Page) -> None:
    role = f" ({one.role})" if one.role is not None else ""
    out.rows([(Mark(f"{one.id:<5}", "bold"), f"{one.title}{role}")])
    out.line(_label(one), one.counts_text, indent=9)
    for reason in one.reasons[:1]:
        more = f" (and {some(len(one.reasons) - 1, 'more reason')})" if len(one.reasons) > 1 else ""
        out.paragraph(f"{reason}{more}", indent=9)
    for against in one.contradictions:
        out.paragraph(f"contradiction: {against}", indent=9)


def _label(one: ControlShape) -> Mark:
    return Mark(f"{one.label}:", STYLES.get(ControlStatus(one.status), ""))


def _show_legend(framework: FrameworkControls, out: Page) -> None:
    """Print what each label on this page means; a label without its sentence is read as more than it says."""
    said: dict[str, str] = {}
    for one in framework.controls:
        if one.status != ControlStatus.EXCLUDED.value:
            said.setdefault(one.status, one.sentence)
    if said:
        out.head("What the labels mean")
        out.rows((LABELS[ControlStatus(state)], sentence) for state, sentence in said.items())


def show_stories(shape: ControlsShape, out: Page) -> None:
    """Print one control, in each edition that has it."""
    for number, framework in enumerate(shape.frameworks):
        if number:
            out.gap()
        _show_edition(framework, shape.at, out)
        for one in framework.controls:
            _show_story(one, out)


def _show_story(one: ControlShape, out: Page) -> None:
    role = "" if one.role is None else f", as {one.role}"
    out.head(f"{one.id} {one.title} ({one.theme}{role})")
    out.line(Mark(one.label, STYLES.get(ControlStatus(one.status), "bold") or "bold"), indent=2)
    out.paragraph(one.sentence, indent=2)
    out.paragraph(one.counts_text, indent=2)
    oldest = "none" if one.oldest_at is None else show_moment(one.oldest_at)
    facts = [("basis", ", ".join(one.basis) or "none"), ("systems in scope", one.coverage), ("oldest evidence", oldest)]
    facts += [("evidence can show", one.shows), ("and cannot", one.cannot)]
    if one.confidence is not None:
        facts.append(("not certain", one.confidence))
    if one.derived_from:
        facts.append(("taken from", "; ".join(one.derived_from)))
    out.rows(facts)

    out.head("Why it stands so")
    out.rows(("-", reason) for reason in one.reasons)
    out.rows(("-", f"contradiction: {against}") for against in one.contradictions)

    out.head("Checks that speak about it")
    if not one.checks:
        out.line("none: it rests on the records of people", indent=2)
    for check in one.checks:
        out.line(Mark(check.strength, "bold"), check.check, f"({check.severity})", indent=2)
        out.paragraph(f"counts because {check.because}", indent=6)
        out.paragraph(_check_counts(check), indent=6)

    out.head("Records asked of people")
    out.rows((ask.state, f"{ask.id} ({ask.kind}, {_every(ask.every)}): {ask.text}{_filed(ask)}") for ask in one.asks)


def _filed(ask: AskShape) -> str:
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
