"""The verdicts that tests have shown of each check, written into the coverage file of its connector.

Every verdict that a test of a check produces is kept in `tests/golden/reasons-PLATFORM.txt`, and compared there in each
run: what a line says is what a test has seen. `python -m tests.check_coverage`, a part of `make golden`, writes the
verdicts of these lines below the heading [shown].
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from collector.setup import loading
from collector.setup.check_coverage import VERDICTS
from tests.connectors.reasons import lines_of

if TYPE_CHECKING:
    from collector.setup.loading import LoadedConnector

HEAD = "[shown]\n"


def shown(loaded: LoadedConnector) -> dict[str, list[str]]:
    """Return the verdicts that tests have seen, by the checks of a connector."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines_of(loaded.connector.name):
        seen[line.check].add(line.status)
    return {check: [verdict for verdict in VERDICTS if verdict in seen[check]] for check in loaded.checks}


def with_shown(text: str, loaded: LoadedConnector) -> str:
    """Return the text of a coverage file with what tests show today."""
    above, head, _ = text.partition(HEAD)
    lines = (f"{check} = {json.dumps(seen)}\n" for check, seen in shown(loaded).items())
    return "".join([above, head or HEAD, *lines])


def write() -> None:
    """Write the coverage files of the connectors that come with annexd."""
    for name in loading.builtin():
        loaded = loading.connector(name)
        file = loaded.connector.coverage
        assert file is not None, f"{name} names no coverage file"
        file.write_text(with_shown(file.read_text(encoding="utf-8"), loaded), encoding="utf-8")


if __name__ == "__main__":
    write()
