"""The commands about workers: a scan by processes from a configuration, and the key that other machines need."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.cli.main import main
from storage import SqlStore, open_store
from storage.database.keys import WorkerKey

CONFIG = """\
[store]
url = "sqlite:///evidence.db"

[execution]
engine  = "processes"
workers = 1

[limits]
deadline = "1s"

[sources.code]
connector     = "github"
organizations = ["acme"]
url           = "http://127.0.0.1:1"
token         = { env = "ANNEXD_TEST_TOKEN" }
"""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of which one scan was made; nobody answers at the address that it names."""
    path = tmp_path_factory.mktemp("company") / "config.toml"
    path.write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANNEXD_TEST_TOKEN", "a token that nobody takes")
        assert main(["-c", str(path), "scan", "--service", "repo"]) == 4
    return path


def opened(path: Path) -> SqlStore:
    """Open the store of a configuration."""
    return open_store(f"sqlite:///{path.parent / 'evidence.db'}", writer=False, clock=lambda: datetime.now(UTC))


def test_a_worker_has_the_configuration_of_its_own(scanned: Path) -> None:
    """It is not refused, it tries to reach the platform itself, and what it says of that is recorded."""
    with opened(scanned) as store:
        seen = [each.observation for each in store.observations()]
        started, _ = next(store.runs())
    assert "failed" in {each.outcome.value for each in seen}
    assert {each.provenance.worker for each in seen} == {f"worker 1, code {started.code}"}
    assert not [each.why for each in seen if "another one than" in each.why]


def test_the_key_of_workers(scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is that of the store, and the store key is not in it."""
    assert main(["-c", str(scanned), "key", "worker", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    key = b64decode(said["key"], validate=True)
    with opened(scanned) as store:
        assert key == bytes(store.worker_key())
    assert said["id"] == WorkerKey.of(key).id
    secret = (scanned.parent / "evidence.db.key").read_bytes()
    assert secret not in key


def test_a_worker_without_a_scheduler(scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is missing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANNEXD_TEST_TOKEN", "a token that nobody takes")
        assert main(["-c", str(scanned), "worker"]) == 3
    assert "names no Dask scheduler" in capsys.readouterr().err
