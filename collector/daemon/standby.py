"""A daemon that stands by: it takes over when the one that serves has ended, or gives no sign of life any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from storage.serving import ServedByAnother, Serving, end_stalled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from collector.daemon.watching.pulse import Pulse
    from collector.setup.app import App

_logger = logging.getLogger(__name__)

TRY_EVERY = 5.0
"""Seconds between two tries to take over."""


def require_memory(app: App) -> None:
    """Raise StoreError where this machine does not have what was signed last: it could sign a second history.

    A store that nobody has signed yet needs none.
    """
    try:
        with app.open_store(writer=False) as store:
            head, file = store.checkpoints.last(), store.checkpoints.memory_file
    except StoreError:
        return  # there is none yet, or it cannot be reached: taking over will say so
    if head is not None and not file.exists():
        raise StoreError(
            f"signer's memory: there is no {file}, and the store was signed up to {head.size} log entries",
            so="this one does not stand by: it could sign another history of the same size",
            mend="let both share one file, by signer_memory in [store] on a volume that both mount",
        )


def stand_by(app: App, now: Callable[[], datetime], stop: Event, pulse: Pulse) -> Serving | None:
    """Wait until the store is served by nobody else, and return the right to serve it; None where `stop` is set.

    The pulse has a beat at each try, and hears whether another daemon serves.
    """
    said = ""
    url = app.config.store.url
    while not stop.is_set():
        pulse.beat()
        try:
            serving = Serving(url, now())
        except ServedByAnother as error:
            pulse.stands_by(another_serves=True)
            said = _say(error, said, "stands by")
        except StoreError as error:
            pulse.stands_by(another_serves=False)
            said = _say(error, said, "the store cannot be reached")
        else:
            pulse.stands_by(another_serves=False)
            _logger.info("takes over")
            return serving
        try:
            ended = end_stalled(url)
        except StoreError:
            ended = None  # the next try says so
        if ended is not None:
            _logger.warning("%s gave no sign of life: its sessions were ended", ended)
            continue
        stop.wait(TRY_EVERY)
    return None


def _say(error: StoreError, said: str, what: str) -> str:
    """Log what is waited for, once until it is something else."""
    if error.what != said:
        _logger.info("%s: %s", what, one_line(error.what))
    return error.what
