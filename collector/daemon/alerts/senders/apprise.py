"""Apprise: one of the services that it knows, by the address that it has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from collector.daemon.alerts import message
from collector.daemon.alerts.senders.posting import NotDelivered, revealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import AppriseTarget

_PATIENCE = 20.0
_SHORTEST = 4
_LONGEST = 200
_URGENCY = {"critical": "failure", "high": "failure", "medium": "warning", "low": "info"}


def send_apprise(target: AppriseTarget, alerts: Sequence[Alert]) -> None:
    """Send a message by the service that the address names. Raises NotDelivered; the address is in no message."""
    # Late: it is an extra, and who uses none of its services needs none of it.
    try:
        import apprise
    except ImportError as error:
        raise NotDelivered("apprise is not installed: pip install 'annexd[apprise]'") from error
    url = revealed(target.url)
    # No redirect is followed, and no key is made or kept on disk.
    asset = apprise.AppriseAsset(app_id="annexd", app_desc="annexd", app_url="", secure_logging=True)
    asset.http_redirects = asset.pgp_autogen = asset.pem_autogen = False
    service = apprise.Apprise(asset=asset)
    if not service.add(url):  # it tells this by its answer only
        raise NotDelivered("its address names no service that Apprise knows, or is not whole")
    answer = service.notify(
        title=message.title(alerts),
        body=message.text(alerts),
        notify_type=urgency(alerts),
        body_format=apprise.NotifyFormat.TEXT,
        interpret_escapes=False,
        timeout=_PATIENCE,
    )
    if not answer:
        raise NotDelivered(_why(answer, url))


def urgency(alerts: Sequence[Alert]) -> str:
    """Return the type of a notification in Apprise's words: by the worst alert, or that all are over."""
    open_ = [alert for alert in alerts if not alert.over]
    return _URGENCY[message.worst(open_)] if open_ else "success"


def _why(answer: Any, url: str) -> str:  # noqa: ANN401  results have no types that hold in all versions
    """Return what Apprise says of a try, without any line that repeats a piece of the address."""
    status = str(getattr(answer.status, "name", answer.status)).lower()
    said = first_clean((str(entry.message) for entry in answer.logs()), url)
    return f"Apprise: {status}{f': {said}' if said else ''}"


def first_clean(lines: Iterable[str], url: str) -> str:
    """Return the first line in which no part of an address stands, but its host; empty where there is none."""
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?]", rest.rpartition("@")[2], maxsplit=1)[0]
    secrets = {
        piece
        for part in (rest, unquote(rest))
        for piece in re.split(r"[/?&=@:#]", part)
        if len(piece) >= _SHORTEST and piece not in {scheme, host, host.partition(":")[0]}
    }
    return next((line[:_LONGEST] for line in lines if line and not any(piece in line for piece in secrets)), "")
