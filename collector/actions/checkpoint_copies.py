"""Copies of checkpoints outside: kept after each signature, and read back when the store is verified.

A place that is away never fails a run: the next checkpoint covers what the missing copy would have.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from collector.core.copies import CopyName, copy_name
from collector.core.errors import ConfigError, StoreError
from collector.setup.copy_places import open_place
from storage.database.columns import digest_bytes
from storage.database.unavailable import StoreUnavailable

if TYPE_CHECKING:
    from collector.setup.config import StoreConfig
    from storage.log.checkpoints import SignedHead
    from storage.verifying.copies_check import CheckpointCopy

_logger = logging.getLogger(__name__)


def copy_checkpoint(config: StoreConfig, head: SignedHead) -> None:
    """Keep a copy of a signed checkpoint at each place that is configured; say where that failed."""
    name = str(CopyName(head.size, digest_bytes(head.root).hex()))
    for address in config.copies:
        try:
            open_place(address).keep(name, head.note)
        except (StoreError, ConfigError) as error:
            _logger.warning("the checkpoint of %d log entries has no copy outside: %s", head.size, error.what)


def kept_copies(config: StoreConfig) -> tuple[CheckpointCopy, ...]:
    """Return every copy at the places that are configured.

    Raises StoreUnavailable where a place cannot be looked at, or has none: nothing is known of the store by it then.
    """
    from storage.verifying.copies_check import CheckpointCopy

    found: list[CheckpointCopy] = []
    for address in config.copies:
        try:
            place = open_place(address)
            names = [name for name in map(copy_name, place.names()) if name is not None]
        except (StoreError, ConfigError) as error:
            raise StoreUnavailable(error.what, so="the store was not compared with them", mend=error.mend) from None
        if not names:
            raise StoreUnavailable(
                f"copies of checkpoints: there is none at {address}",
                so="the store was not compared with any",
                mend="scan once, which copies its checkpoint there; if there were copies, find out who removed them",
            )
        found += [CheckpointCopy(name, address, partial(place.read, str(name))) for name in names]
    return tuple(found)
