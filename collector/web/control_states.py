"""Controls counted by theme and state, and the bars of both."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from collector.pages.page_words import STATE_WORDS, VERDICT_WORDS
from collector.pages.web_charts import share_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from collector.report.controls.control_views import ControlView, FrameworkControls


class StateRow(NamedTuple):
    """Controls of one theme, or of a whole framework version where `theme` is empty, by state."""

    framework: str
    name: str
    theme: str
    states: Counter[str]

    @property
    def total(self) -> int:
        """The number of controls."""
        return self.states.total()

    @property
    def bar(self) -> Markup:
        """The states as a bar, in their order."""
        return share_bar(((state, word, self.states[state]) for state, word in STATE_WORDS.items()), self.name)


def state_rows(frameworks: Sequence[FrameworkControls]) -> list[StateRow]:
    """Return the rows of an overview: the first framework version by theme and whole, of the others one row each."""
    rows = []
    for number, framework in enumerate(frameworks):
        whole = f"{framework.name}:{framework.edition}"
        if number == 0:
            themes = dict.fromkeys(control.theme for control in framework.controls)
            rows += [StateRow(framework.id, theme, theme, _states(framework.controls, theme)) for theme in themes]
            whole = f"All of {whole}"
        rows.append(StateRow(framework.id, whole, "", _states(framework.controls)))
    return rows


def _states(controls: Iterable[ControlView], theme: str = "") -> Counter[str]:
    return Counter(control.status for control in controls if not theme or control.theme == theme)


def check_bar(control: ControlView) -> Markup:
    """Return the verdicts of the direct checks of a control as a bar; nothing where there is no finding."""
    counts = control.counts
    parts = (
        ("fail", counts.fails),
        ("accepted", counts.accepted),
        ("unknown", counts.not_established),
        ("pass", counts.passes),
    )
    return share_bar(((look, VERDICT_WORDS[look], count) for look, count in parts), control.id)
