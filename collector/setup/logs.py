"""Logging, for operators only: logs are not evidence."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

from collector.core.plain_text import safe
from collector.core.redaction import Redactor
from collector.core.streams import discard


class _SafeFormatter(logging.Formatter):
    """Formats entries without control characters and secrets, which names from platforms may have."""

    converter = staticmethod(time.gmtime)
    _redactor = Redactor(os.urandom(32))

    def format(self, record: logging.LogRecord) -> str:
        """Return an entry and its traceback, without control characters and secrets."""
        text = self._redactor.text(super().format(record))
        return "\n".join(safe(line) for line in text.split("\n"))


class _JsonFormatter(_SafeFormatter):
    """Formats an entry as one line of JSON. `event` is its text before names and numbers are put in."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, without control characters and secrets."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": self._redactor.text(record.getMessage()),
            "event": self._redactor.text(str(record.msg)),
            "logger": record.name,
            "thread": record.threadName,
        }
        if record.exc_info:
            entry["traceback"] = self._redactor.text(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=True)


class _StreamHandler(logging.StreamHandler[TextIO]):
    """Writes entries; when whoever read them went away, the next ones go nowhere."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Let the stream go nowhere where its pipe broke; report any other error as logging does."""
        if isinstance(sys.exception(), BrokenPipeError):
            discard(self.stream.fileno())
        else:
            super().handleError(record)


def log_on(stream: TextIO, level: str, *, as_json: bool = False) -> None:
    """Log what annexd itself says on a stream, from a level on; times are UTC."""
    handler = _StreamHandler(stream)
    form = "%(asctime)s %(levelname)s %(message)s"
    handler.setFormatter(_JsonFormatter() if as_json else _SafeFormatter(form, "%Y-%m-%dT%H:%M:%SZ"))
    ours = logging.getLogger("collector")
    ours.handlers[:] = [handler]
    ours.propagate = False
    ours.setLevel(level.upper())


class Logged(NamedTuple):
    """From which level on annexd logs, and whether as JSON."""

    level: int
    as_json: bool


def logged() -> Logged:
    """Return how this process logs, for those that it starts."""
    ours = logging.getLogger("collector")
    return Logged(ours.getEffectiveLevel(), any(isinstance(each.formatter, _JsonFormatter) for each in ours.handlers))
