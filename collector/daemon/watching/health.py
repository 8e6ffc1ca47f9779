"""Whether a daemon is alive and ready, and what it does now."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from collector import __version__
from collector.report.state.daemon_views import DaemonView, SourceNow

if TYPE_CHECKING:
    from collector.daemon.watching.watch import Watch


def daemon_view(watch: Watch) -> DaemonView:
    """Return what the daemon does now."""
    return DaemonView(
        at=watch.now(),
        version=__version__,
        process=os.getpid(),
        host=socket.gethostname(),
        began_at=watch.began_at,
        alive=watch.is_alive,
        not_ready=not_ready(watch),
        sources=[
            SourceNow(
                name=name,
                running_since=known.began_at,
                last_result=known.result,
                last_ended_at=known.ended_at,
                next_at=known.next_at,
            )
            for name, known in watch.sources().items()
        ],
        waiting=list(watch.waits()),
        alerts_undelivered=watch.undelivered,
    )


def not_ready(watch: Watch) -> list[str]:
    """Return why the daemon does not do its work now."""
    reasons = []
    if not watch.is_alive:
        reasons.append("its loop has had no turn for three minutes")
    if not watch.is_planned:
        reasons.append("it has not planned its sources yet, or stands by")
    if watch.is_ending:
        reasons.append("it is ending")
    if watch.figures_failed is not None:
        reasons.append(watch.figures_failed)
    if watch.alerts_failed is not None:
        reasons.append(f"alerts: {watch.alerts_failed}")
    return reasons
