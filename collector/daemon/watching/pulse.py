"""The pulse of a daemon: with each turn of its loop, its service manager and a file beside the store hear of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from collector.core.plain_text import plural
from collector.daemon.watching.health import daemon_view
from collector.report.state.daemon_views import write_daemon_view

if TYPE_CHECKING:
    from pathlib import Path

    from collector.daemon.watching.service_manager import ServiceManager
    from collector.daemon.watching.watch import Watch


class Pulse:
    """Tells that the daemon goes on, and what it does."""

    def __init__(self, watch: Watch, manager: ServiceManager, file: Path | None = None) -> None:
        self._watch = watch
        self._manager = manager
        self._file = file

    def beat(self) -> None:
        """Tell that the loop has a turn."""
        self._watch.turn()
        self._manager.goes_on(self._status())
        # Where another one serves, the file is that one's.
        if self._file is not None and self._watch.is_planned:
            write_daemon_view(self._file, daemon_view(self._watch))

    def wait(self, longest: float) -> float:
        """Return how many seconds the loop may sleep: so long, or as long as the service manager allows."""
        every = self._manager.turns_every
        return longest if every is None else min(longest, every)

    def ready(self) -> None:
        """Tell that the daemon serves, or does so again after its configuration was read."""
        self.beat()
        self._manager.ready(self._status())

    def standing_by(self) -> None:
        """Tell that the daemon waits for another one; that is all that is asked of it."""
        self._manager.ready("stands by")

    def stands_by(self, *, another_serves: bool) -> None:
        """Note whether another daemon serves, as of the last try to take over."""
        self._watch.is_standing_by = another_serves

    def reloading(self) -> None:
        """Tell that the configuration is read again; `ready` follows."""
        self._manager.reloading()

    def stopping(self, why: str) -> None:
        """Tell that the daemon ends."""
        self._watch.is_ending = True
        self._manager.stopping(why)

    def ended(self) -> None:
        """Take the file away: nobody serves any more."""
        if self._file is not None and self._watch.is_planned:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _status(self) -> str:
        running = [name for name, source in self._watch.sources().items() if source.began_at is not None]
        waiting = plural(sum(wait.tasks for wait in self._watch.waits()), "collection waits", "collections wait")
        if not self._watch.is_planned:
            return "stands by"
        return f"looks at {', '.join(running)}; {waiting}" if running else "waits for the next slot"
