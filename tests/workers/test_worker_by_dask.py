"""`annexd worker` and `annexd scan` from their configurations, with a scheduler, and a store on a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.cli.main import main
from storage import open_store
from tests.workers.test_dask import Cluster, cluster

CONFIG = """\
[store]
url = "{url}"

[execution]
engine          = "dask"
scheduler       = "{scheduler}"
ca              = "tls/ca.pem"
certificate     = "tls/own.pem"
certificate_key = "tls/own.key"
wait            = "50s"
{more}

[limits]
deadline = "1s"

[sources.code]
connector     = "github"
organizations = ["acme"]
url           = "http://127.0.0.1:1"
token         = {{ env = "ANNEXD_TEST_TOKEN" }}
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with cluster(tmp_path) as made:
        yield made


@pytest.mark.deep
def test_a_scan_is_done_by_a_worker_with_a_configuration_of_its_own(
    running: Cluster,
    tmp_path: Path,
    schemas: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It needs no key of the store but the one for workers, and ends when it is told to."""
    monkeypatch.setenv("ANNEXD_TEST_TOKEN", "a token that nobody takes")
    monkeypatch.chdir(tmp_path)
    url, own = schemas(), tmp_path / "worker"
    own.mkdir()
    (own / "tls").symlink_to(tmp_path / "tls")
    config, workers_config = tmp_path / "config.toml", own / "config.toml"
    config.write_text(CONFIG.format(url=url, scheduler=running.address, more=""))
    more = 'worker_key = { file = "worker.key" }'
    workers_config.write_text(CONFIG.format(url=url, scheduler=running.address, more=more))
    assert main(["-c", str(config), "store", "upgrade"]) == 0
    capsys.readouterr()
    assert main(["-c", str(config), "key", "worker"]) == 0
    (own / "worker.key").write_text(capsys.readouterr().out)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from collector.cli.main import main; sys.exit(main())",
            "-c",
            str(workers_config),
            "worker",
            "--name",
            "first",
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=own,
    )
    try:
        assert main(["-c", str(config), "scan"]) == 4  # nobody answers at the address of the source
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
    finally:
        worker.kill()
        worker.wait()
    with open_store(url, writer=False, clock=lambda: datetime.now(UTC)) as store:
        seen = [each.observation for each in store.observations()]
        started, _ = next(store.runs())
    assert {each.provenance.worker for each in seen} == {f"first, code {started.code}"}
    assert not [each.why for each in seen if "another one than" in each.why]
    assert sorted(path.name for path in own.iterdir()) == ["config.toml", "tls", "worker.key"]
