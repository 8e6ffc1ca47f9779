"""The Helm chart: its values, and what it renders to.

Helm is not among the test packages. What it rendered is kept in tests/golden/helm with the digest of the chart that
it was rendered from; `ANNEXD_GOLDEN=1` with a helm on the PATH renders it again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from collector import __version__
from collector.cli.main import main
from collector.setup.config import load
from tests.golden import FOLDER, WRITES
from tests.test_deploy import DEPLOY, options

CHART = DEPLOY / "helm" / "annexd"
RENDERED = FOLDER / "helm"
TEMPLATES = {path.name: path.read_text() for path in sorted((CHART / "templates").iterdir())}
EXAMPLES = ("daemon", "standby", "cronjob")
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def values(example: str, **others: Any) -> dict[str, Any]:
    """The values of an example over the defaults, as Helm lays them over each other, and others over both."""
    given: dict[str, Any] = yaml.safe_load((CHART / "ci" / f"{example}-values.yaml").read_text())
    return laid_over(laid_over(DEFAULTS, given), others)


def laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged, everything else is replaced."""
    made = deepcopy(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(made.get(name), dict)
        made[name] = laid_over(made[name], value) if both else value
    return made


def chart_digest() -> str:
    """What everything that is rendered comes from."""
    files = [*CHART.glob("templates/*"), *CHART.glob("ci/*"), CHART / "values.yaml", CHART / "Chart.yaml"]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(files))).hexdigest()


def helm(*args: str) -> subprocess.CompletedProcess[str]:
    """What Helm makes of the chart; skips where there is none: what it rendered before is compared everywhere."""
    program = shutil.which("helm")
    if program is None:
        pytest.skip(
            "there is no helm here, and no package of Python has it: its lint, and what it refuses, were not tried"
        )
    return subprocess.run([program, *args], capture_output=True, text=True, check=False)


@cache
def rendered(example: str) -> dict[str, Any]:
    """What an example renders to, by kind."""
    file = RENDERED / f"{example}.yaml"
    if WRITES:
        made = helm("template", "annexd", str(CHART), "-n", "evidence", "-f", str(CHART / f"ci/{example}-values.yaml"))
        assert made.returncode == 0, made.stderr
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"# chart {chart_digest()}\n{made.stdout}")
    return {one["kind"]: one for one in yaml.safe_load_all(file.read_text()) if one is not None}


def pod(example: str) -> dict[str, Any]:
    """The pod of an example, without its metadata."""
    found = rendered(example)
    workload = found["CronJob"]["spec"]["jobTemplate"] if "CronJob" in found else found["Deployment"]
    template: dict[str, Any] = workload["spec"]["template"]["spec"]
    return template


def test_the_chart_is_of_this_version() -> None:
    """And says which Helm and which Kubernetes it takes."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert chart["apiVersion"] == "v2"
    assert chart["name"] == CHART.name
    assert chart["appVersion"] == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart["version"])
    assert chart["kubeVersion"] == ">=1.27.0-0"


def test_the_chart_is_written_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole, and never over something; what is one file has no folder."""
    folder = tmp_path / "chart"

    assert main(["deploy", "helm", "--dir", str(folder), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert {name: (folder / name).read_bytes() for name in files} == {
        str(path.relative_to(CHART)): path.read_bytes() for path in CHART.rglob("*") if path.is_file()
    }
    (folder / "Chart.yaml").write_text("mine")
    assert main(["deploy", "helm", "--dir", str(folder)]) == 2
    assert (folder / "Chart.yaml").read_text() == "mine"
    assert main(["deploy", "systemd", "--dir", str(tmp_path / "unit")]) == 2


def test_each_value_is_in_the_schema_and_each_property_has_a_default() -> None:
    """One that is in one of them only is a spelling that nobody notices."""

    def paths(schema: dict[str, Any], given: Any, at: str = "") -> tuple[set[str], set[str]]:
        named, there = set(), set()
        for name, inner in schema.get("properties", {}).items():
            more = paths(inner, given.get(name, {}), f"{at}.{name}") if "properties" in inner else (set(), set())
            named |= {f"{at}.{name}"} | more[0]
            there |= more[1]
        return named, there | {f"{at}.{name}" for name in given}

    named, there = paths(SCHEMA, DEFAULTS)
    assert named - there == {".global"}
    assert there - named == set()
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_templates_name_values_and_templates_that_there_are() -> None:
    """Helm renders nothing for a value that it does not know."""
    text = "".join(TEMPLATES.values())

    for path in set(re.findall(r"\.Values\.([\w.]+)", text)):
        found: Any = DEFAULTS
        for name in path.split("."):
            assert name in found, path
            found = found[name]
    assert set(re.findall(r'include "([\w.]+)"', text)) == set(re.findall(r'define "([\w.]+)"', text))


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_taken(example: str) -> None:
    """By the schema, which Helm asks before it renders."""
    VALIDATOR.validate(values(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_configuration_of_examples_is_one(example: str, tmp_path: Path) -> None:
    """As annexd reads it, with the store where the chart says that it is."""
    given = values(example)
    file = tmp_path / "config.toml"
    file.write_text(given["config"])
    url = given["database"]["url"]
    config = load(file, {"ANNEXD_STORE_URL": url} if url else {})

    assert config.store.url.startswith("postgresql+psycopg://" if url else "sqlite:////var/lib/annexd/")


@pytest.mark.parametrize(
    ("example", "changed"),
    [
        ("daemon", {"image": {"digest": "latest"}}),
        ("daemon", {"image": {"repository": "registry.example.org/annexd:0.1"}}),
        ("daemon", {"replicas": 0}),
        ("daemon", {"replicas": 2}),
        ("standby", {"persistence": {"accessMode": "ReadWriteOnce"}}),
        ("daemon", {"mode": "deamon"}),
        ("daemon", {"config": ""}),
        ("daemon", {"existingConfigMap": "another"}),
        ("standby", {"database": {"url": "postgresql://annexd:secret@db.example.org/annexd"}}),
        ("standby", {"database": {"url": "postgresql://db.example.org/annexd?user=a&password=secret"}}),
        ("daemon", {"networkPolicy": {"metricsFrom": [{}]}}),
        ("daemon", {"credential": {}}),
    ],
)
def test_values_that_cannot_work_are_refused(example: str, changed: dict[str, Any]) -> None:
    """An empty peer of a network policy would be everybody."""
    assert not VALIDATOR.is_valid(values(example, **changed))


@pytest.mark.parametrize(
    ("example", "changed"),
    [
        ("daemon", {"config": "", "existingConfigMap": "annexd-config"}),
        ("standby", {"persistence": {"existingClaim": "shared", "accessMode": "ReadWriteOnce"}}),
        ("daemon", {"image": {"repository": "localhost:5000/annexd"}}),
    ],
)
def test_values_that_can_work_are_taken(example: str, changed: dict[str, Any]) -> None:
    """A claim that is there already is the reader's own matter."""
    assert VALIDATOR.is_valid(values(example, **changed))


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_was_rendered_is_of_this_chart(example: str) -> None:
    """So that the tests below are about it: ANNEXD_GOLDEN=1 renders it again."""
    assert rendered(example)
    assert (RENDERED / f"{example}.yaml").read_text().partition("\n")[0] == f"# chart {chart_digest()}"


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_pod_has_no_more_rights_than_that_of_the_manifests(example: str) -> None:
    """The chart and deploy/kubernetes.yaml say the same of a pod; the chart names the image and the database."""
    (manifest,) = [
        one
        for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
        if one is not None and one["kind"] == "Deployment"
    ]
    theirs = manifest["spec"]["template"]["spec"]
    ours = pod(example)
    (container,), (their_container,) = ours["containers"], theirs["containers"]
    for name in ("automountServiceAccountToken", "enableServiceLinks", "terminationGracePeriodSeconds"):
        assert ours[name] == theirs[name]
    assert ours["securityContext"] == theirs["securityContext"]
    for name in ("securityContext", "resources", "volumeMounts"):
        assert container[name] == their_container[name]
    assert [volume["name"] for volume in ours["volumes"]] == [volume["name"] for volume in theirs["volumes"]]
    assert re.fullmatch(r"registry\.example\.org/annexd@sha256:[0-9a-f]{64}", container["image"])


@pytest.mark.parametrize(
    ("example", "args"),
    [
        ("daemon", ["serve", "--wait", "2m", "--log-format", "json"]),
        ("standby", ["serve", "--standby", "--log-format", "json"]),
        ("cronjob", ["scan", "--wait", "10m"]),
    ],
)
def test_each_example_starts_what_there_is(example: str, args: list[str]) -> None:
    """An option that there is not ends each pod with 2."""
    (container,) = pod(example)["containers"]

    assert container["args"] == args
    assert {one for one in args if one.startswith("--")} <= options(args[0])


@pytest.mark.parametrize(("example", "ready"), [("daemon", "/readyz"), ("standby", "/healthz")])
def test_probes_ask_what_a_daemon_answers(example: str, ready: str) -> None:
    """One that stands by is never ready, so that neither an upgrade nor the drain of a node would end."""
    (container,) = pod(example)["containers"]
    asked = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}

    assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": ready}
    assert container["ports"] == [{"name": "watch", "containerPort": 9720}]


def test_two_replicas_share_what_they_must() -> None:
    """One volume with the signer's memory, and a budget that leaves one of them."""
    found = rendered("standby")

    assert found["Deployment"]["spec"]["replicas"] == 2
    assert found["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert found["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert found["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    assert "PodDisruptionBudget" not in rendered("daemon")


def test_everything_selects_the_pods() -> None:
    """A selector that fits nothing is a policy that protects nothing."""
    found = rendered("standby")
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        found["Deployment"]["spec"]["selector"]["matchLabels"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        found["Service"]["spec"]["selector"],
    ]

    assert all(selector and selector.items() <= labels.items() for selector in selectors)
    assert found["ServiceMonitor"]["spec"]["selector"]["matchLabels"].items() <= (
        found["Service"]["metadata"]["labels"].items()
    )
    assert found["ServiceMonitor"]["metadata"]["labels"]["release"] == "prometheus"
    assert found["Service"]["metadata"]["labels"][found["ServiceMonitor"]["spec"]["jobLabel"]] == "annexd"


def test_no_secret_is_in_what_is_rendered() -> None:
    """Secrets are named, and their values come from the cluster."""
    (container,) = pod("standby")["containers"]
    env = {one["name"]: one for one in container["env"]}

    assert "Secret" not in rendered("standby")
    assert set(env) == {"ANNEXD_STORE_URL", "PGPASSWORD", "ANNEXD_SIGNING_KEY"}
    assert [name for name, one in env.items() if "value" in one] == ["ANNEXD_STORE_URL"]
    assert rendered("standby")["ConfigMap"]["data"]["config.toml"] == values("standby")["config"]


def test_who_is_let_in() -> None:
    """Those who read metrics; into a scan nobody."""
    (rule,) = rendered("daemon")["NetworkPolicy"]["spec"]["ingress"]

    assert rule["ports"] == [{"port": 9720, "protocol": "TCP"}]
    assert rule["from"] == DEFAULTS["networkPolicy"]["metricsFrom"]
    assert rendered("cronjob")["NetworkPolicy"]["spec"]["ingress"] == []
    assert "Service" not in rendered("cronjob")


@pytest.mark.parametrize("example", EXAMPLES)
def test_kubernetes_knows_what_is_rendered(example: str) -> None:
    """By its own schemas; that of a ServiceMonitor is the operator's."""
    for kind, one in rendered(example).items():
        if kind != "ServiceMonitor":
            kubernetes_validate.validate(one, "1.37", strict=True)


@pytest.mark.parametrize("example", EXAMPLES)
def test_helm_takes_the_chart(example: str) -> None:
    """Its lint, and that it renders the same as what is kept."""
    file = str(CHART / f"ci/{example}-values.yaml")
    linted = helm("lint", "--strict", str(CHART), "-f", file)
    made = helm("template", "annexd", str(CHART), "-n", "evidence", "-f", file)

    assert linted.returncode == 0, linted.stdout
    assert {one["kind"]: one for one in yaml.safe_load_all(made.stdout) if one is not None} == rendered(example)


STORE = '[store]\nurl = "sqlite:////var/lib/annexd/annexd.db"\n'
DAEMON = '[daemon]\nlisten = "0.0.0.0:9720"\n'


@pytest.mark.parametrize(
    ("example", "config", "said"),
    [
        ("daemon", "[store", "config is not TOML"),
        ("daemon", STORE, "listen"),
        ("daemon", STORE + '[daemon]\nlisten = "127.0.0.1:9720"\n', "listen"),
        ("daemon", DAEMON, "url of [store]"),
        ("daemon", '[store]\nurl = "sqlite:///annexd.db"\n' + DAEMON, "url of [store]"),
        ("standby", DAEMON, "key of [store]"),
        ("standby", '[store]\nkey = {env = "A"}\nsigning_key = {env = "B"}\n' + DAEMON, "signer_memory"),
    ],
)
def test_helm_refuses_what_would_start_and_not_work(example: str, config: str, said: str, tmp_path: Path) -> None:
    """A configuration is looked into where it is a value."""
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values(example, config=config)))
    made = helm("template", "annexd", str(CHART), "-f", str(file))

    assert made.returncode != 0
    assert said in made.stderr
