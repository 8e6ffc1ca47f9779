"""Logging, for operators only: logs are not evidence."""

from __future__ import annotations

import logging
import os
import time
from typing import TextIO

from collector.core.plain_text import safe
from collector.core.redaction import Redactor


class _SafeFormatter(logging.Formatter):
    """Formats entries without control characters and secrets, which names from platforms may have."""

    converter = staticmethod(time.gmtime)
    _redactor = Redactor(os.urandom(32))

    def format(self, record: logging.LogRecord) -> str:
        """Return an entry and its traceback, without control characters and secrets."""
        text = self._redactor.text(super().format(record))
        return "\n".join(safe(line) for line in text.split("\n"))


def log_on(stream: TextIO, level: str) -> None:
    """Log what annexd itself says on a stream, from a level on; times are UTC."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_SafeFormatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
    ours = logging.getLogger("collector")
    ours.handlers[:] = [handler]
    ours.propagate = False
    ours.setLevel(level.upper())
