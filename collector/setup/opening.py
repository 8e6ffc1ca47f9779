"""Opens the configured store, and waits while another process writes to it."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from collector.core.spans import show_span
from collector.setup.clock_watch import WatchedClock

if TYPE_CHECKING:
    from collector.engine.clock import Clock
    from collector.setup.config import StoreConfig
    from storage import SqlStore
    from storage.log.mac_beginning import Acknowledgement


def open_configured(
    config: StoreConfig,
    dated_by: Clock,
    *,
    writer: bool,
    restoring: bool = False,
    wait: timedelta = timedelta(0),
    acknowledged: Acknowledgement | None = None,
    alongside: bool = False,
) -> SqlStore:
    """Open the store, whose leaves are dated by a clock.

    A writer waits up to `wait` for another one to end, which is named on stderr. Raises StoreError, and ConfigError on
    an invalid address.
    """
    # Imported here, because many commands need no store.
    import storage
    from storage.database.lease import WrittenByAnother
    from storage.verifying.clock_check import newest_at

    clock = WatchedClock(dated_by)
    opened = partial(
        storage.open_store,
        config.url,
        writer=writer,
        key_file=config.key,
        signing_key=config.signing_key,
        origin=config.origin,
        restoring=restoring,
        acknowledged=acknowledged,
        alongside=alongside,
        clock=clock.now,
    )
    try:
        store = opened()
    except WrittenByAnother as error:
        if not wait:
            raise
        sys.stderr.write(f"{error.what}; waiting up to {show_span(wait)}\n")
        store = opened(wait=wait)
    if writer:
        with store.reading() as connection:
            clock.compare(newest_at(connection))
    return store
