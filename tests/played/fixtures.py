"""A company to scan, in a folder of its own, and nothing of the machine's own settings."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.cli.demo.demo_command import made_in
from tests.demo.demo_run import DemoRun
from tests.played import plugged
from tests.played.company import PLAYED, Company
from tests.played.platform import Platform


@pytest.fixture(autouse=True)
def nothing_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine has set for annexd is not for tests."""
    for name in ("ANNEXD_CONFIG", "ANNEXD_STORE_URL", "NO_COLOR"):
        # Set first, so that what a command itself sets is taken back too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def logs_end_with_the_test() -> Iterator[None]:
    """A handler of a test's own stderr must not outlive the test."""
    yield
    ours = logging.getLogger("collector")
    ours.handlers.clear()
    ours.propagate = True
    ours.setLevel(logging.NOTSET)


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution of somebody else's, which offers the played connector."""
    metadata = tmp_path / "site" / "annexd_played-1.2.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: annexd-played\nVersion: 1.2\n")
    (metadata / "entry_points.txt").write_text("[annexd.connectors]\nplayed = tests.played.plugged\n")
    monkeypatch.syspath_prepend(metadata.parent)
    return metadata


@pytest.fixture
def company(offered: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Company:
    """A company whose one source is played."""
    platform = Platform()
    monkeypatch.setitem(plugged.PLATFORMS, "acme", platform)
    folder = offered.parents[1] / "company"
    folder.mkdir()
    made = Company(folder, platform, capsys)
    made.write(PLAYED)
    return made


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The demo, run once, with nothing that could open a socket; its store is only to be read."""
    folder = tmp_path_factory.mktemp("acme")

    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("the demo opened a socket")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", no_socket)
        patch.setenv("AWS_PROFILE", "somebodys-own")
        before = dict(os.environ)
        shape = made_in(folder)
        after = dict(os.environ)
    return DemoRun(folder, shape, environment_kept=before == after)
