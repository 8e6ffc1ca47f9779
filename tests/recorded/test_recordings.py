"""Record from a double, scrub, play: what is seen of the platform stays, and no name or secret does."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from collector.actions.recording.record import record
from collector.core.secrets import Secret
from collector.core.tasks import Outcome
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector, connector
from connectors.aws._sdk.settings import Settings as AwsSettings
from connectors.github._sdk.settings import Settings as GitHubSettings
from tests.connectors.github.estate import play, settings
from tests.connectors.github.played import Played
from tests.contract.harnesses.aws import AwsHarness
from tests.contract.harnesses.github import GitHubHarness
from tests.played.clock import PlayedClock
from tests.recorded.player import Recording, playing_aws, playing_github
from tests.sweep.scanning import Scanned, scan

ALL = 10_000
"""More answers than any double gives, so that all are recorded."""


def recorded(source: Source, folder: Path, most: int = ALL) -> Recording:
    """Record a source into a folder."""
    record(source, folder, PlayedClock(), Limits(), most=most)
    return Recording.of(folder)


def counted(scanned: Scanned) -> dict[str, tuple[str, int]]:
    """Return the outcome and the number of resources of each kind, over all scopes."""
    counts: Counter[str] = Counter()
    outcomes: dict[str, set[str]] = {}
    for seen in scanned.seen:
        counts[seen.observation.task.collection] += seen.observation.listed
        outcomes.setdefault(seen.observation.task.collection, set()).add(seen.observation.outcome.value)
    return {kind: (" ".join(sorted(outcomes[kind])), counts[kind]) for kind in outcomes}


def statuses(scanned: Scanned) -> dict[str, Counter[str]]:
    """Return how often each check came to each status."""
    found: dict[str, Counter[str]] = {}
    for (check, _, _), said in scanned.verdicts.items():
        found.setdefault(check, Counter())[said.status.value] += 1
    return found


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what is not the same in two results."""
    return {key: (one.get(key), other.get(key)) for key in sorted({*one, *other}) if one.get(key) != other.get(key)}


@contextmanager
def aws_company() -> Iterator[tuple[AwsHarness, Any]]:
    """Run the company of the contract suite on AWS."""
    harness = AwsHarness()
    with harness.fixture() as double:
        yield harness, harness.settings(double)


def test_github_played_from_a_recording_is_judged_as_the_double_is(tmp_path: Path) -> None:
    """What users send is worth something only if the connector sees in it what it saw there."""
    loaded = connector("github")
    with Played() as hub:
        play(hub)
        before = scan(loaded, settings(hub), tmp_path, clocks=PlayedClock)
    with Played() as hub:
        play(hub)
        recording = recorded(Source("code", loaded.connector, settings(hub)), tmp_path / "to")
    with playing_github(recording) as url:
        mine = GitHubSettings(
            token=Secret("a test", lambda: "ghp_madeup"),
            organizations=tuple(recording.about["settings"]["organizations"]),
            enterprise=recording.about["settings"]["enterprise"],
            url=url,
            quota_share=1.0,
        )
        after = scan(loaded, mine, tmp_path, clocks=PlayedClock)

    assert recording.missing == Counter()
    assert differences(counted(before), counted(after)) == {}
    assert differences(statuses(before), statuses(after)) == {}


def test_aws_played_from_a_recording_is_judged_as_the_double_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, with answers in XML and JSON, policies, and a report in base64."""
    loaded = connector("aws")
    with aws_company() as (_, mine):
        before = scan(loaded, mine, tmp_path)
        recording = recorded(Source("cloud", loaded.connector, mine), tmp_path / "to")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "played")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with playing_aws(recording):
        played = AwsSettings(
            accounts="organization",
            role_name=recording.about["settings"]["role_name"],
            regions=tuple(recording.about["settings"]["regions"]),
        )
        after = scan(loaded, played, tmp_path)

    assert recording.missing == Counter()
    assert differences(counted(before), counted(after)) == {}
    assert differences(statuses(before), statuses(after)) == {}
