"""The workers that are handed out: what Kubernetes knows, no more rights than the daemon has, and never without TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from distributed.cli.dask_scheduler import main as scheduler
from typer.main import get_command

from collector.cli import program

DEPLOY = Path(__file__).parents[1] / "deploy"
MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes-workers.yaml").read_text()))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.workers.yaml").read_text())
BESIDE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KEYS = {"worker-key", "tls-scheduler-key", "tls-worker-key", "tls-writer-key"}


def pods() -> dict[str, dict[str, Any]]:
    """The pods of the manifests, by deployment."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in MANIFESTS if one["kind"] == "Deployment"
    }


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_manifests_are_what_kubernetes_knows(manifest: dict[str, Any]) -> None:
    """By its own schemas, where nothing that they do not know is let pass."""
    kubernetes_validate.validate(manifest, "1.31", strict=True)


def test_pods_have_no_more_rights_than_the_daemon() -> None:
    """They hold credentials of the same platforms."""
    daemon = next(
        one["spec"]["template"]["spec"]
        for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
        if one["kind"] == "Deployment"
    )
    (theirs,) = daemon["containers"]
    assert set(pods()) == {"annexd-scheduler", "annexd-worker"}
    for pod in pods().values():
        (container,) = pod["containers"]
        assert container["securityContext"] == theirs["securityContext"]
        assert container["image"] == theirs["image"]
        assert pod["securityContext"].items() <= daemon["securityContext"].items()
        assert pod["automountServiceAccountToken"] is False


def test_only_workers_have_the_worker_key_and_credentials() -> None:
    """The scheduler needs to know nothing of any platform, and nobody here has a volume of the store."""
    secrets = {
        name: {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
        for name, pod in pods().items()
    }
    assert secrets == {
        "annexd-scheduler": {"annexd-tls-scheduler"},
        "annexd-worker": {"annexd-credentials", "annexd-worker-key", "annexd-tls-worker"},
    }
    assert not [volume for pod in pods().values() for volume in pod["volumes"] if "persistentVolumeClaim" in volume]


@pytest.mark.parametrize(
    "args",
    [pods()["annexd-scheduler"]["containers"][0]["args"], COMPOSE["services"]["dask-scheduler"]["command"]],
    ids=["kubernetes", "compose"],
)
def test_the_scheduler_starts_with_tls(args: list[str]) -> None:
    """With options that it has; without one of these it would speak in the clear."""
    known = {name for option in scheduler.params for name in (*option.opts, *option.secondary_opts)}
    given = {name: value for name, _, value in (one.partition("=") for one in args)}
    assert set(given) <= known
    assert given["--protocol"] == "tls"
    assert all(given[name] for name in ("--tls-ca-file", "--tls-cert", "--tls-key"))


def test_the_worker_is_a_command() -> None:
    """A pod that names an option that there is not fails at once."""
    found = get_command(program.app).get_command(None, "worker")  # type: ignore[attr-defined]  # a group of our own
    known = {name for one in found.params for name in one.opts}
    command, *rest = pods()["annexd-worker"]["containers"][0]["args"]
    assert command == "worker"
    assert {one for one in rest if one.startswith("--")} <= known
    assert COMPOSE["services"]["annexd-worker"]["command"] == ["worker"]


def test_services_of_compose_give_no_more_than_is_needed() -> None:
    """The same beside the daemons of compose.yaml, with only what each needs."""
    own = {name: one for name, one in COMPOSE["services"].items() if name not in BESIDE["services"]}
    assert set(own) == {"dask-scheduler", "annexd-worker"}
    for service in own.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
    declared = {*COMPOSE["secrets"], *BESIDE["secrets"]}
    has = {name: set(one["secrets"]) for name, one in COMPOSE["services"].items()}
    assert all(secrets <= declared for secrets in has.values())
    assert {name: secrets & KEYS for name, secrets in has.items()} == {
        "dask-scheduler": {"tls-scheduler-key"},
        "annexd-worker": {"tls-worker-key", "worker-key"},
        "annexd": {"tls-writer-key"},
        "annexd-standby": {"tls-writer-key"},
    }
    for name in ("annexd", "annexd-standby"):
        assert set(BESIDE["services"][name]["secrets"]) <= has[name]
