"""A webhook: a CloudEvent an alert, signed as Standard Webhooks has it, so that the receiver can tell who sent it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import msgspec

from collector.daemon.alerts.senders.posting import NotDelivered, post, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import WebhookTarget

_PREFIX = "whsec_"
_FEWEST, _MOST = 24, 64  # bytes of a secret, by the specification
_TYPE = "io.annexd.alert"


def send_webhook(target: WebhookTarget, alerts: Sequence[Alert], at: datetime, origin: str) -> None:
    """Post an event for each alert. Raises NotDelivered, with those that were taken before."""
    url, secret = revealed(target.url), secret_of(revealed(target.secret))
    taken: list[str] = []
    for alert in alerts:
        body = json.dumps(event_of(alert, origin), separators=(",", ":")).encode()
        try:
            post(url, body, headers_of(alert.id, at, body, secret), private=target.private)
        except NotDelivered as error:
            raise NotDelivered(error.why, is_final=error.is_final, after=error.after, taken=tuple(taken)) from error
        taken.append(alert.id)


def event_of(alert: Alert, origin: str) -> dict[str, object]:
    """Return the CloudEvent of an alert."""
    return {
        "specversion": "1.0",
        "id": alert.id,
        "source": f"/annexd/{origin}",
        "type": f"{_TYPE}.{'over' if alert.over else 'raised'}",
        "time": alert.at.isoformat(),
        "subject": alert.key,
        "datacontenttype": "application/json",
        "data": msgspec.to_builtins(alert),
    }


def headers_of(id_: str, at: datetime, body: bytes, secret: bytes) -> dict[str, str]:
    """Return the headers of a delivery. The id is the same for each try, so that the receiver takes it once."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((id_.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }


def secret_of(text: str) -> bytes:
    """Return the bytes of a secret, `whsec_` and base64. Raises NotDelivered on another form."""
    try:
        found = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not text.startswith(_PREFIX) or not _FEWEST <= len(found) <= _MOST:
        raise NotDelivered("its secret is not whsec_ and 24 to 64 bytes in base64", is_final=True)
    return found
