"""Whether copies of checkpoints can be kept and read at the places outside, and whether they last there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.actions.doctor_items import DoctorItem, DoctorState
from collector.core.copies import copy_name
from collector.core.errors import ConfigError, StoreError
from collector.core.plain_text import plural
from collector.setup.copy_places import open_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.setup.config import StoreConfig

_ABOUT = "copies"


def copies(config: StoreConfig) -> Iterator[DoctorItem]:
    """Yield a point for each place that is configured; nothing is written there."""
    for address in config.copies:
        try:
            place = open_place(address)
            there = plural(sum(copy_name(name) is not None for name in place.names()), "checkpoint")
            why = place.lasting()
        except (StoreError, ConfigError) as error:
            yield DoctorItem(_ABOUT, DoctorState.PROBLEM, error.what, error.mend)
            continue
        if why is None:
            yield DoctorItem(_ABOUT, DoctorState.OK, f"{there} at {address}, locked there")
        else:
            yield DoctorItem(
                _ABOUT,
                DoctorState.NOTE,
                f"{there} at {address}: {why}",
                "a bucket with Object Lock and a default retention in compliance mode keeps them from everybody",
            )
