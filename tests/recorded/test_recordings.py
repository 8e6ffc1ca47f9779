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
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors.aws._sdk.settings import Settings as AwsSettings
from connectors.github._sdk.settings import Settings as GitHubSettings
from tests.connectors.github.estate import play, settings
from tests.connectors.github.played import Played
from tests.contract.harnesses.aws import AwsHarness
from tests.contract.harnesses.github import GitHubHarness
from tests.doubles.aws_company import ACCOUNT
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
    # What is a production environment and a scanner, checks tell by the name; the text of a workflow is scrubbed.
    assert {*differences(statuses(before), statuses(after))} == {
        "github_repo_code_scanning_active",
        "github_repo_production_environment_branches_limited",
        "github_repo_production_environment_protected",
        "github_repo_workflows_safe",
    }


def test_aws_played_from_a_recording_is_judged_as_the_double_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, with answers in XML and JSON, policies, and a report in base64."""
    loaded = connector("aws")
    with aws_company() as (harness, mine):
        before = scan(loaded, mine, tmp_path)
        recording = recorded(Source("cloud", loaded.connector, mine), tmp_path / "to")
    written = "".join(path.read_text() for path in (tmp_path / "to").rglob("*.*"))
    assert [name for name in (*harness.canaries.values(), ACCOUNT) if name.lower() in written.lower()] == []
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
    # These read texts that are no enumeration in botocore's data, and addresses: scrubbed, they show nothing good.
    differ = differences(statuses(before), statuses(after))
    assert {*differ} == {
        "aws_autoscaling_group_has_headroom",
        "aws_cloudwatch_security_alarms_configured",
        "aws_ec2_allowed_amis_enforced",
        "aws_ec2_instance_imdsv2_required",
        "aws_eks_cluster_endpoint_restricted",
        "aws_elb_classic_https_listeners_only",
        "aws_elb_strong_tls_policy",
        "aws_rds_cluster_snapshot_not_public",
        "aws_rds_instance_tls_enforced",
        "aws_rds_snapshot_not_public",
        "aws_redshift_cluster_hardened",
        "aws_secretsmanager_secret_rotated",
        "aws_sns_topic_encrypted",
        "aws_sns_topic_not_public",
        "aws_sso_admin_permission_set_session_limited",
    }
    assert all("pass" not in now for _, now in differ.values())


TOKEN = "sekrit-" + "9f3Kq7Zt" * 3
NAMES = (
    "Wolpertinger",
    "anna.wolpertinger@wolpertinger-bank.example",
    "wolpertinger-bank",
    "777788889999",
    "10.77.66.55",
    "+49 30 12 34 56",
    "ip-10-77-66-54",
    TOKEN,
)
"""Names, a mail, an account id, an address and a secret that stand in many forms in the answers below."""


def forms(text: str) -> dict[str, str]:
    """Return a text in the forms in which it may stand in an answer."""
    once = json.dumps({"of": {"name": text, "note": f"for {text}"}})
    return {
        "plain": f"see {text}, please",
        "alone": text,
        "capitals": text.upper(),
        "base64": base64.b64encode(f"for {text} only".encode()).decode(),
        "url": quote(f"a/{text}?x={text}", safe=""),
        "json": once,
        "json twice": json.dumps({"again": once}),
        "url of json": quote(once, safe=""),
        "base64 of json": base64.b64encode(once.encode()).decode(),
        "csv": f"user,arn\n{text},arn:aws:iam::{text}:user/{text}",
        "arn": f"arn:aws:s3:::{text}/{text}",
        "web": f"https://{text}.example/{text}",
    }


def searched(content: bytes) -> set[str]:
    """Return which of the names occur in a file, in any letter case, plain or encoded."""
    low = content.decode().lower()
    encoded = {name: [quote(name, safe="").lower(), *_base64_of(name)] for name in NAMES}
    return {name for name in NAMES if any(form in low for form in (name.lower(), *encoded[name]))}


def _base64_of(name: str) -> Iterator[str]:
    """Yield what any base64 of a text with the name in it has, at each of the three places it can begin."""
    for begin in range(3):
        yield base64.b64encode(b"x" * begin + name.encode())[4 if begin else 0 : -4].decode().lower()


def test_no_name_and_no_secret_is_in_a_recording_in_any_form(tmp_path: Path) -> None:
    """A recording is given to strangers. The control shows that the search finds each of them in the real answers."""
    with Played() as hub:
        play(hub)
        (repository,) = hub.answers["/orgs/acme/repos"]
        for number, name in enumerate(NAMES):
            planted = {**forms(name), name: name, f"x-{name}": [name, {"Name": name, "Value": f"{name}"}]}
            hub.answers["/orgs/acme/repos"] = [
                *hub.answers["/orgs/acme/repos"][: number + 1],
                {**repository, "name": f"plant-{number}", "description": name, "topics": [name], "custom": planted},
            ]
        hub.answers["/orgs/acme/repos"][0] |= {"custom": [forms(name) for name in NAMES], "api_token": TOKEN}
        unscrubbed = [json.dumps(answer, ensure_ascii=False).encode() for answer in hub.answers["/orgs/acme/repos"]]
        recorded(Source("code", connector("github").connector, settings(hub)), tmp_path / "to")
    found = {path.name: searched(path.read_bytes()) for path in (tmp_path / "to").rglob("*") if path.is_file()}

    assert set().union(*map(searched, unscrubbed)) == set(NAMES)
    assert {name: names for name, names in found.items() if names} == {}


def test_no_canary_of_the_suite_is_in_a_recording_of_github(tmp_path: Path) -> None:
    """One stands in every place that the connector declares as secret or personal."""
    harness = GitHubHarness()
    with harness.fixture() as double:
        recorded(Source("code", harness.connector, harness.settings(double)), tmp_path / "to")
    written = "".join(path.read_text() for path in (tmp_path / "to").rglob("*.*")).lower()

    assert [name for name in harness.canaries.values() if name.lower() in written] == []


def test_only_the_first_answers_of_each_operation_are_kept(tmp_path: Path) -> None:
    """A recording is to be read by a person."""
    harness = GitHubHarness()
    with harness.fixture() as double:
        double.deny("GET /orgs/{org}/teams")
        double.stretch()
        source = Source("code", harness.connector, harness.settings(double))
        report = record(source, tmp_path / "to", PlayedClock(), Limits(), most=2)
    answers = Recording.of(tmp_path / "to").answers
    most = Counter(
        (answer["operation"], answer["status"], str(answer.get("sent", {}).get("query"))) for answer in answers
    )

    assert max(most.values()) == 2
    assert report.answers > report.recorded == len(answers)
    assert report.refused["GET /orgs/{org}/teams"] > 0
    assert ("GET /orgs/{org}/teams", 403, "None") in most
