"""A thread that reads the store after each run and now and then, for metrics and alerts; it holds up nobody."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

from collector.core.errors import AnnexdError
from collector.core.plain_text import one_line
from collector.daemon.watching.figures import read_figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.daemon.watching.figures import Figures
    from collector.daemon.watching.watch import Watch
    from collector.setup.app import App
    from storage import SqlStore

_logger = logging.getLogger(__name__)

LOOK_EVERY = 300.0
"""Seconds between two looks where nothing happened: evidence grows old by itself."""

_SHARE = 20
"""A look that took long is followed by a pause of so many times its length, so that it never takes a processor."""

_SHORTEST_PAUSE = 5.0


class Looks(Protocol):
    """Does something with what was read."""

    def look(self, app: App, store: SqlStore, figures: Figures) -> None:
        """Take in the state of the store. Raises AnnexdError."""
        ...


class Observer:
    """Reads the store when it is woken, and at intervals."""

    def __init__(self, app: Callable[[], App], watch: Watch, *looks: Looks) -> None:
        self._app = app
        self._watch = watch
        self._looks = looks
        self._wake = Event()
        self._is_over = False

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        Thread(target=self._run, name="annexd-observer", daemon=True).start()

    def wake(self) -> None:
        """Let it look soon."""
        self._wake.set()

    def end(self) -> None:
        """Let it end after the look under way."""
        self._is_over = True
        self._wake.set()

    def observe(self) -> None:
        """Read the store once; what cannot be read is told, and ends nothing."""
        app, watch = self._app(), self._watch
        try:
            with app.open_store(writer=False) as store:
                watch.figures = figures = read_figures(app, store)
                watch.figures_failed = None
                for each in self._looks:
                    each.look(app, store, figures)
        except AnnexdError as error:
            if watch.figures_failed is None:
                _logger.warning("the store could not be read for metrics and alerts: %s", one_line(error.what))
            watch.figures_failed = one_line(error.what)
        except Exception:
            watch.figures_failed = "a defect: what goes on could not be read; the log has more"
            _logger.exception("a defect: the store could not be read for metrics and alerts")

    def _run(self) -> None:
        took = 0.0
        while not self._is_over:
            began = time.monotonic()
            self.observe()
            # The shorter of two: the first one loads what later ones find loaded.
            before, took = took, time.monotonic() - began
            pause = max(min(before, took) * _SHARE, _SHORTEST_PAUSE)
            self._wake.wait(max(LOOK_EVERY, pause))
            self._wake.clear()
            # It may have been woken at once; a store of a million findings is not read over and over.
            left = began + pause - time.monotonic()
            if left > 0 and not self._is_over:
                time.sleep(min(left, LOOK_EVERY))
