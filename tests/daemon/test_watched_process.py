"""The daemon as a process that is watched and alerts: over real sockets, and through a kill."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.daemon.test_senders import Desk as Hook
from tests.daemon.test_senders import desk as hook
from tests.daemon.test_serve import daemon, until
from tests.played.company import Company

__all__ = ["hook"]

CONFIG = """
[daemon]
listen = "127.0.0.1:{port}"

[alerts.targets.ops]
type = "slack"
url  = {{ env = "OPS_URL" }}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_a_process_is_watched_alerts_once_and_is_not_confused_by_a_kill(
    company: Company, offered: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it together, as a service manager runs it."""
    port = free_port()
    monkeypatch.setenv("OPS_URL", hook.url)
    company.add(CONFIG.format(port=port))
    with daemon(company, offered) as process:
        first = until(process.stderr, r"alerts: ops: 1 alert delivered")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            ready = json.load(answer)
        process.kill()
        process.wait(60)
    with daemon(company, offered) as process:
        until(process.stderr, r"acme: next run")
        status = company.run("status", "--json").json["daemon"]
        process.terminate()
        last = until(process.stderr, "ended")
        code = process.wait(60)

    assert f"watched at http://127.0.0.1:{port}" in first
    assert ready["not_ready"] == []
    assert [source["name"] for source in ready["sources"]] == ["acme"]
    assert status["process"] == process.pid
    assert "alerts: ops" not in last
    assert len(hook.got) == 1
    assert b"annexd tells changes from now on" in hook.got[0][2]
    assert code == 0
    assert company.run("status", "--json").json["daemon"] is None


def test_an_address_that_was_written_has_to_be_free(company: Company) -> None:
    """Who thinks that it is watched, and is not, learns it now and not at the next outage."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        company.add(f'[daemon]\nlisten = "127.0.0.1:{server.getsockname()[1]}"\n')
        said = company.run("serve")

    assert said.code == 3
    assert "daemon.listen" in said.err
