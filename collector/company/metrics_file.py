"""`metrics.toml`: what the company wants of each measure, and who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.company.built_in_measures import MEASURES
from collector.company.entries import entries, once
from collector.core.isms.measures import MeasureTarget

if TYPE_CHECKING:
    from collector.setup.toml_file import TomlFile

TABLE = "metric"


def read_targets(file: TomlFile) -> tuple[MeasureTarget, ...]:
    """Read the targets. Raises ConfigError that names file, line, key and the nearest value that would do."""
    for key in file.data:
        if key != TABLE:
            raise file.unknown_key((key,), (TABLE,))
    found: list[MeasureTarget] = []
    ids: set[str] = set()
    for entry in entries(file, TABLE):
        target = entry.take(MeasureTarget)
        entry.known("id", target.id, MEASURES, "metric")
        once(entry, "id", target.id, ids)
        if (target.at_least is None) == (target.at_most is None):
            raise entry.error("at_least", "a target has one side", mend="write at_least = ... or at_most = ...")
        wanted = target.at_least if target.at_least is not None else target.at_most
        if MEASURES[target.id].unit == "share" and wanted is not None and not 0 <= wanted <= 1:
            key = "at_most" if target.at_least is None else "at_least"
            raise entry.error(key, f"{wanted} is no share", mend="write a number from 0 to 1, such as 0.95")
        found.append(target)
    return tuple(found)
