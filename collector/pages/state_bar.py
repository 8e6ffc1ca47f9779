"""The bar of the five states of controls: always in the same order, each with a look and a word of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.pages.charts import Part, share_bar
from collector.report.controls.status_view import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup


def state_bar(states: Mapping[str, int]) -> Markup:
    """Return the bar of controls counted by state; nothing where there is none."""
    return share_bar(Part(f"s-{state.value}", word, states.get(state.value, 0)) for state, word in LABELS.items())
