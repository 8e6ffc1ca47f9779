"""Mail: plain text, over TLS, as one message for all alerts of a moment."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from collector.core.plain_text import one_line
from collector.daemon.alerts import message
from collector.daemon.alerts.senders.posting import NotDelivered, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import MailTarget

_PATIENCE = 20.0
_PERMANENT = 500
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SUBJECT = 150


def send_mail(target: MailTarget, alerts: Sequence[Alert], at: datetime) -> None:
    """Hand a message to the server. Raises NotDelivered where it does not take it for every recipient."""
    if target.tls == "none" and target.host not in _LOCAL:
        raise NotDelivered("mail goes without TLS to this machine only", is_final=True)
    made = mail_of(target, alerts, at)
    context = ssl.create_default_context()
    try:
        if target.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(target.host, target.port, timeout=_PATIENCE, context=context)
        else:
            server = smtplib.SMTP(target.host, target.port, timeout=_PATIENCE)
        with server:
            if target.tls == "starttls":
                server.starttls(context=context)
            if target.user is not None and target.password is not None:
                server.login(target.user, revealed(target.password))
            refused = server.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotDelivered("no recipient was taken", is_final=all(code >= _PERMANENT for code in codes)) from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotDelivered(f"user and password were refused ({error.smtp_code})") from error
    except smtplib.SMTPResponseException as error:
        why = one_line(error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else "")
        is_final = error.smtp_code >= _PERMANENT
        raise NotDelivered(f"the server answered {error.smtp_code} {why}"[:200], is_final=is_final) from error
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        raise NotDelivered(f"the server cannot be used: {one_line(str(error))[:200]}") from error
    if refused:
        raise NotDelivered(f"{len(refused)} of {len(target.to)} recipients were not taken", is_final=True)


def mail_of(target: MailTarget, alerts: Sequence[Alert], at: datetime) -> EmailMessage:
    """Return the message; its id is the same for the same alerts, so that a second try is one message to a reader."""
    made = EmailMessage()
    made["Subject"] = one_line(message.title(alerts))[:_SUBJECT]
    made["From"] = target.sender
    made["To"] = ", ".join(target.to)
    made["Date"] = format_datetime(at)
    ids = hashlib.sha256(" ".join(alert.id for alert in alerts).encode()).hexdigest()[:32]
    made["Message-ID"] = f"<{ids}@{target.sender.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(message.text(alerts))
    return made
