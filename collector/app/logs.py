"""Logs: for people who look after annexd, and never evidence."""

from __future__ import annotations

import logging
import time
from typing import TextIO

from collector.app.output import safe


class _SafeFormatter(logging.Formatter):
    """Names from platforms reach the log, and never a terminal as they are."""

    converter = staticmethod(time.gmtime)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the standard library's name
        return safe(super().formatMessage(record))


def log_on(stream: TextIO, level: str) -> None:
    """Log what annexd itself says on a stream, from a level on; times are UTC."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_SafeFormatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
    ours = logging.getLogger("collector")
    ours.handlers[:] = [handler]
    ours.propagate = False
    ours.setLevel(level.upper())
