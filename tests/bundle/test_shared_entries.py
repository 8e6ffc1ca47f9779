"""Entries that unchanged collections share, in bundles: what a row of one refers to is there too."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collector.bundle.rendering.proven_store import shown_entries
from collector.bundle.verifying.members import opened
from tests.bundle.conftest import Office
from tests.played.platform import SETTINGS


@pytest.mark.parametrize("asked", [{}, {"withheld": ("m1",)}], ids=["whole", "withheld"])
def test_what_a_row_names_is_in_the_bundle(office: Office, asked: Any) -> None:
    """A collection has an entry of its own since then: what was observed before is what an older one says."""
    office.desk.world.run()  # in the period, and the same as on the days before
    office.desk.platform.deny(SETTINGS)
    office.desk.world.run()
    office.desk.platform.calm()
    office.desk.world.run()  # an entry of its own, which makes the older ones superfluous for the state at the end
    today = office.desk.clock.now().date()

    office.export(period=office.period(today, today), **asked)

    with opened(office.folder / "out.zip") as members:
        entries = {number: msgspec.json.decode(data) for number, data in shown_entries(members)}
    rows = [row for entry in entries.values() if entry["k"] == "tasks" for row in entry["rows"]]
    assert len(rows) > 3
    assert {entries[row[0]]["k"] for row in rows} == {"task"}
