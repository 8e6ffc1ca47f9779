"""The end of a run: its checkpoint is signed, copied to places outside, and shown to a time-stamping authority.

An authority that does not answer never fails a run: the anchor is recorded as pending, and the next one covers it.
"""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from collector.actions.checkpoint_copies import copy_checkpoint
from collector.core.errors import VerificationError
from collector.core.facts import Anchored

if TYPE_CHECKING:
    import httpx

    from collector.setup.app import App
    from storage import SqlStore
    from storage.log.checkpoints import SignedHead

_logger = logging.getLogger(__name__)

_PATIENCE = 20.0  # seconds; an authority answers in one, and the run waits for it
_LARGEST = 1 << 20  # bytes of an answer; real ones have some thousand


def seal(app: App, store: SqlStore, *, transport: httpx.BaseTransport | None = None) -> SignedHead | None:
    """Sign the head of the record, copy and anchor it; return it, or None where nothing is new."""
    head = store.checkpoints.checkpoint()
    if head is not None:
        copy_checkpoint(app.config.store, head)
    if head is not None and app.config.store.anchor is not None:
        store.write([_anchored(app, head, app.config.store.anchor, transport)])
    return head


def _anchored(app: App, head: SignedHead, url: str, transport: httpx.BaseTransport | None) -> Anchored:
    # Late: a store without an anchor needs neither.
    import httpx

    from storage.log.anchors import KIND, MEDIA_TYPE, check_answer, read_roots, stamp_request

    roots = read_roots(app.config.store.anchor_ca)
    text = head.text
    request = stamp_request(text)
    token = why = None
    try:
        with httpx.Client(timeout=_PATIENCE, transport=transport, trust_env=transport is None) as client:
            answer = client.post(url, content=request.as_bytes(), headers={"Content-Type": MEDIA_TYPE})
        answer.raise_for_status()
        if len(answer.content) > _LARGEST:
            raise VerificationError(f"the authority's answer has {len(answer.content)} bytes")  # noqa: TRY301  told below
        check_answer(answer.content, text, request, roots)
        token = base64.b64encode(answer.content).decode("ascii")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"{type(error).__name__}: {error}"
    except VerificationError as error:
        why = error.what
    if why is not None:
        _logger.warning(
            "the checkpoint of %d log entries is not anchored, and will be with the next: %s", head.size, why
        )
    return Anchored(at=app.clock.now(), size=head.size, root=head.root, kind=KIND, where=url, token=token, why=why)
