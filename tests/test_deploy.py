"""What is handed out for running annexd: it starts what there is, with no more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from collector.cli import program

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = (DEPLOY / "annexd.service").read_text()
MANIFESTS = [DEPLOY / "kubernetes.yaml", DEPLOY / "kubernetes-cronjob.yaml"]


def options(command: str) -> set[str]:
    """The options that a command takes."""
    found = get_command(program.app).get_command(None, command)  # type: ignore[attr-defined]  # a group of our own making
    return {name for one in found.params for name in one.opts}


def test_the_unit_starts_the_daemon() -> None:
    """A unit that names an option that there is not fails at three in the morning."""
    (start,) = re.findall(r"^ExecStart=\S+/annexd (.*)$", UNIT, re.MULTILINE)

    assert start == "--config /etc/annexd/config.toml serve"


@pytest.mark.parametrize(
    "line",
    [
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "MemoryDenyWriteExecute=yes",
        "LimitCORE=0",
        "StateDirectoryMode=0700",
        "KillSignal=SIGTERM",
    ],
)
def test_the_unit_gives_no_more_than_is_needed(line: str) -> None:
    """It holds credentials for every platform of the company."""
    assert line in UNIT.splitlines()


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_pod_is_not_root_and_starts_what_there_is(manifest: Path) -> None:
    """The same, where somebody else's cluster runs it."""
    text = manifest.read_text()
    (args,) = re.findall(r"args: \[(.*)\]", text)
    command, *rest = args.split(", ")

    assert {one for one in rest if one.startswith("--")} <= options(command)
    assert [
        one
        for one in (
            "runAsNonRoot: true",
            "readOnlyRootFilesystem: true",
            "allowPrivilegeEscalation: false",
            "drop: [ALL]",
            "automountServiceAccountToken: false",
        )
        if one not in text
    ] == []


def test_two_daemons_never_overlap() -> None:
    """A rolling update would start the second before the first has ended."""
    text = MANIFESTS[0].read_text()

    assert "replicas: 1" in text
    assert "type: Recreate" in text


def test_images_are_named_by_digest() -> None:
    """A tag is another image tomorrow, and nobody has looked at that one."""
    sources = re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    images = [name for manifest in MANIFESTS for name in re.findall(r"image: (\S+)", manifest.read_text())]

    assert sources == ["${BASE}", "${BASE}"]
    assert re.search(r"^ARG BASE$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert images == ["REGISTRY/annexd@sha256:DIGEST"] * 2


def test_the_image_runs_without_root() -> None:
    """By a number, which a cluster can check."""
    text = (DEPLOY / "Containerfile").read_text()

    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert 'CMD ["serve"]' in text
