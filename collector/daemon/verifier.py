"""Verification in the background: a process of its own with low priority, which the daemon can end at any moment.

It reads one state of the store and holds up nobody. It is a process and no thread, because it takes a processor for as
long as it lasts, and a damaged database may keep it for ever.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from collector import __version__
from collector.core.errors import AnnexdError, StoreError, VerificationError
from collector.core.facts import Verified as VerifiedFact
from collector.daemon.due import SERVE
from collector.daemon.events import Verified
from collector.engine.clock import SystemClock
from collector.setup.opening import open_configured

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from collector.daemon.events import Event
    from collector.setup.config import StoreConfig

_logger = logging.getLogger(__name__)

_NICE = 15  # of 19: whatever else the machine has to do comes first


class Verifier:
    """Runs one verification at a time, and puts what it found among the events."""

    def __init__(self, put: Callable[[Event], None]) -> None:
        self._put = put
        self._process: BaseProcess | None = None

    def begin(self, config: StoreConfig) -> bool:
        """Begin a verification; return False where one is under way."""
        if self._process is not None and self._process.is_alive():
            return False
        # Nothing of this process, with its threads and its connections, is there in the other one.
        context = multiprocessing.get_context("spawn")
        theirs, ours = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(config, ours), name="annexd verify", daemon=True)
        self._process.start()
        ours.close()
        Thread(target=self._wait, args=(theirs,), daemon=True).start()
        return True

    def end(self) -> None:
        """End a verification that is under way; nothing is recorded of it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()

    def _wait(self, found: Connection) -> None:
        try:
            event = found.recv()
        except (EOFError, OSError):
            event = Verified(None, undone="the process that verifies ended before it was done")
        self._put(event)


def _run(config: StoreConfig, to: Connection) -> None:
    """Verify in this process, and send what was found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which ends this process itself
    with suppress(OSError):
        os.nice(_NICE)
    to.send(verified(config))
    to.close()


def verified(config: StoreConfig) -> Verified:
    """Verify the configured store, with all tables derived again, and return the event of it."""
    from collector.actions.checkpoint_copies import kept_copies
    from storage.log.anchors import read_roots
    from storage.verification import VerificationRequest, verify

    clock, begun = SystemClock(), time.monotonic()
    said = partial(VerifiedFact, trigger=SERVE, version=__version__)
    try:
        roots = read_roots(config.anchor_ca)
        asked = VerificationRequest(rebuild=True, copies=kept_copies(config))
        with open_configured(config, clock, writer=False) as store:
            report = verify(store, asked, roots=roots)
    except VerificationError as error:
        return Verified(said(at=clock.now(), took=_since(begun), wrong=error.what))
    except StoreError as error:
        if error.__cause__ is None:
            return Verified(None, undone=error.what)
        # The database cannot read its own file: that is what a verification is there to find.
        return Verified(said(at=clock.now(), took=_since(begun), wrong=error.what))
    except AnnexdError as error:
        return Verified(None, undone=error.what)
    return Verified(
        said(
            at=clock.now(),
            took=_since(begun),
            leaves=report.leaves,
            root=report.root,
            checkpoints=report.checkpoints,
            rows=report.rows,
        )
    )


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
