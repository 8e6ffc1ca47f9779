"""Opening the store for an act: beside a run and a daemon, and signed at once where the key is at hand."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from collector.core.errors import StoreError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.web.site import Site
    from storage import SqlStore

logger = logging.getLogger(__name__)


@contextmanager
def acting(site: Site) -> Iterator[SqlStore]:
    """Open the store for writing, and sign the log hash afterwards.

    Where it cannot be signed the act stands, and its page says that no signature covers it yet.
    """
    with site.app.open_store(writer=True, alongside=True) as store:
        yield store
        try:
            store.checkpoints.checkpoint()
        except (StoreError, VerificationError) as error:
            logger.warning("an act was recorded and is not signed: %s", error.what)


@contextmanager
def looking(site: Site) -> Iterator[SqlStore]:
    """Open the store for reading as it is now, also where what an auditor reads of the evidence ended before."""
    with site.app.open_store(writer=False) as store:
        yield store
