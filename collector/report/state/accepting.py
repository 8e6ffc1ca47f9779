"""Failing findings that exceptions speak of. Only findings of checks that an exception names are read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from collector.core.isms.exceptions import AcceptedExceptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.findings import FindingId
    from collector.core.isms.exceptions import Acceptance
    from collector.report.state.known import CurrentFinding, Reading


def failing_by_exception(reading: Reading, exceptions: Iterable[Acceptance]) -> Mapping[str, int]:
    """Count the failing resources that match each exception; a pattern that matches too many covers none."""
    failing: Counter[str] = Counter()
    for _, matching in _matched(reading, tuple(exceptions)):
        failing.update(exception.id for exception in matching)
    return failing


def accepted_findings(reading: Reading) -> Mapping[FindingId, tuple[CurrentFinding, Acceptance]]:
    """Return the failing findings that an exception in effect covers. Raises ConfigError on an invalid company file."""
    files = reading.files(reading.app.frameworks())
    exceptions = files.company.exceptions
    failing = failing_by_exception(reading, exceptions)
    accepting = AcceptedExceptions(exceptions, reading.at.date(), failing, files.logged)
    found: dict[FindingId, tuple[CurrentFinding, Acceptance]] = {}
    for current, _ in _matched(reading, tuple(exceptions)):
        covering = accepting.covers(current.id)
        if covering is not None:
            found[current.id] = current, covering
    return found


def _matched(
    reading: Reading, exceptions: tuple[Acceptance, ...]
) -> Iterator[tuple[CurrentFinding, tuple[Acceptance, ...]]]:
    """Yield the failing findings that an exception matches, with all that do, check by check."""
    for check in sorted({exception.check for exception in exceptions}):
        of_check = tuple(exception for exception in exceptions if exception.check == check)
        for current in reading.failing(check):
            matching = tuple(exception for exception in of_check if exception.matches(current.id))
            if matching:
                yield current, matching
