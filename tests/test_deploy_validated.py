"""What is handed out for running annexd is taken by the tools that it is for, where they can be had."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

DEPLOY = Path(__file__).parents[1] / "deploy"


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="there is no systemd here, and no package has it: whether it takes the unit was not tried",
)
def test_systemd_takes_the_unit_and_finds_little_to_blame() -> None:
    """A line that it ignores is a protection that is not there."""
    unit = DEPLOY / "annexd.service"
    taken = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False
    )

    complaints = [line for line in taken.stderr.splitlines() if "is not executable" not in line and str(unit) in line]
    assert complaints == []
    assert "service: " in judged.stdout, judged.stderr
    assert float(judged.stdout.rpartition("service: ")[2].split(" ")[0]) < 2.0


@pytest.mark.parametrize(
    ("tool", "file"), [("hadolint", DEPLOY / "Containerfile"), ("shellcheck", DEPLOY.parent / ".ci" / "run")]
)
def test_a_linter_finds_nothing(tool: str, file: Path) -> None:
    """These tools are pinned with the tests."""
    if tool == "shellcheck" and not file.exists():
        pytest.skip("the sources were packed without what the server of the repository runs: .ci/run was not checked")
    found = subprocess.run([Path(sys.executable).parent / tool, file], capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", ["kubernetes.yaml", "kubernetes-cronjob.yaml"])
def test_manifests_are_what_kubernetes_knows(name: str) -> None:
    """By its own schemas, where nothing that they do not know is let pass."""
    for resource in yaml.safe_load_all((DEPLOY / name).read_text()):
        kubernetes_validate.validate(resource, "1.31", strict=True)


def test_a_scan_has_the_pod_of_the_daemon() -> None:
    """As much memory and no more rights; only what is started differs."""
    (daemon,) = (
        one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()) if one["kind"] == "Deployment"
    )
    scan = yaml.safe_load((DEPLOY / "kubernetes-cronjob.yaml").read_text())
    theirs = daemon["spec"]["template"]["spec"]
    ours = scan["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,), (their_container,) = ours["containers"], theirs["containers"]

    assert {name: one for name, one in ours.items() if name not in {"restartPolicy", "containers"}} == {
        name: one for name, one in theirs.items() if name not in {"serviceAccountName", "containers"}
    }
    own = {"args", "ports", "startupProbe", "livenessProbe", "readinessProbe"}
    assert {name: one for name, one in container.items() if name not in own} == {
        name: one for name, one in their_container.items() if name not in own
    }


def compose() -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_services_of_compose_give_no_more_than_is_needed() -> None:
    """They hold credentials for every platform of the company."""
    services = compose()["services"]
    daemons = [service for name, service in services.items() if name.startswith("annexd")]

    assert len(daemons) == 2
    for service in daemons:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["command"][:2] == ["serve", "--standby"]
        assert "ports" not in service
    assert all(service["image"].startswith("${") for service in services.values())


def test_every_volume_and_secret_of_compose_is_declared() -> None:
    """One that is not is a folder of the image, which is gone with the next one."""
    found = compose()
    for service in found["services"].values():
        assert set(service["secrets"]) <= set(found["secrets"])
        named = {volume.split(":")[0] for volume in service["volumes"]}
        assert {name for name in named if not name.startswith(".")} <= set(found["volumes"])


def test_daemons_of_compose_share_keys_and_the_signers_memory() -> None:
    """Two memories would be two signers, and two histories."""
    first, second = (service["volumes"] for name, service in compose()["services"].items() if name.startswith("annexd"))

    assert first == second
    assert any(volume.startswith("keys:") for volume in first)
