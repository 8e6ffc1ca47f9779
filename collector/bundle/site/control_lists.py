"""Controls counted by state, for each framework version, role and theme, and the lists that these numbers lead to."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from collector.bundle.page_paths import state_page
from collector.report.controls.status_view import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.report.controls.control_views import ControlView


def labels() -> dict[str, str]:
    """Return the five states with the words for people, in their order."""
    return {state.value: word for state, word in LABELS.items()}


def states_of(controls: Iterable[ControlView]) -> Counter[str]:
    """Count controls by state."""
    return Counter(control.status for control in controls)


def roles(controls: Iterable[ControlView]) -> list[str | None]:
    """Return the roles for which there are rows; None where the framework version knows no roles."""
    return list(dict.fromkeys(control.role for control in controls))


def themes(controls: Iterable[ControlView]) -> list[tuple[str, list[ControlView]]]:
    """Return the controls by theme, in their order."""
    return [(theme, list(of_theme)) for theme, of_theme in groupby(controls, key=lambda control: control.theme)]


def write_control_lists(contents: BundleContents, pages: BundlePages) -> None:
    """Write for each framework version and state the controls that have it, by role and theme."""
    for framework in contents.frameworks:
        counted = states_of(framework.controls)
        for state, label in labels().items():
            chosen = [control for control in framework.controls if control.status == state]
            if chosen:
                pages.write(
                    state_page(framework.id, state),
                    "control_list.html",
                    framework=framework,
                    state=state,
                    label=label,
                    labels=labels,
                    counted=counted,
                    by_role=[
                        (role, themes([control for control in chosen if control.role == role]))
                        for role in roles(chosen)
                    ],
                )
