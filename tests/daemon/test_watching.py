"""A daemon is watched: metrics, health, its service manager, and a file that `annexd status` reads."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.core.tasks import Outcome
from collector.daemon.daemon import Daemon, Watched
from collector.daemon.events import Reload, Run
from collector.daemon.watching import watch as watching
from collector.daemon.watching.observer import Observer
from collector.daemon.watching.pulse import Pulse
from collector.daemon.watching.server import WatchServer
from collector.daemon.watching.service_manager import ServiceManager
from collector.daemon.watching.watch import SourceWatch, Watch, status_class
from collector.engine.silence import Waiting
from collector.report.state.daemon_views import show_waiting, write_daemon_view
from collector.setup.app import open_app
from collector.setup.clock_watch import WatchedClock
from collector.setup.logs import log_on
from storage.serving import Serving
from tests.daemon.test_daemon import END, MovedClock, PlayedSchedule, Steps
from tests.played.company import Company
from tests.played.platform import MEMBERS, status

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
LOOPBACK = ("127.0.0.1", 0)


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Return the status and the text of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def served(
    company: Company, *events: Any, watch: Watch | None = None, manager: ServiceManager | None = None
) -> Iterator[Watch]:
    """A daemon that has done these things; what it knows of itself is as it was then."""
    logging.getLogger("collector").propagate = True
    watch, clock = watch or Watch(), MovedClock()
    app = open_app(company.config)
    pulse = Pulse(watch, manager or ServiceManager({}), app.config.daemon_file)
    with Serving(app.config.store.url, clock.now()) as serving:
        daemon = Daemon(
            lambda: open_app(company.config),
            app,
            serving,
            PlayedSchedule(),
            WatchedClock(clock),
            watched=Watched(watch, pulse),
        )
        daemon.serve(Steps(*events, END))
    Observer(lambda: app, watch).observe()
    yield watch


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return each sample of a text of metrics."""
    parser = pytest.importorskip("prometheus_client.parser")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def metrics(company: Company) -> str:
    """The metrics of a daemon after a run in which a list was throttled once and another refused."""
    pytest.importorskip("prometheus_client")
    refused = [status(429, retry_after=1)]
    company.platform.play(MEMBERS, lambda _request: refused.pop() if refused else None)
    company.platform.deny("GET /orgs/{org}/tickets")
    with served(company, Run("acme"), Run("acme")) as watch, WatchServer(LOOPBACK, watch) as server:
        code, text = get(server.port, "/metrics")
    assert code == 200
    return text


def test_metrics_have_the_numbers_of_a_run(metrics: str) -> None:
    """An operator alerts on these; a number that is wrong is an alarm that never comes."""
    found = samples(metrics)
    acme = ("source", "acme")

    assert found["annexd_runs_total", (("result", "incomplete"), acme)] == 1
    assert found["annexd_runs_total", (("result", "failed"), acme)] == 0
    assert found["annexd_collections_total", (("outcome", "denied"), acme)] == 1
    assert found["annexd_collections", (("outcome", "denied"), acme)] == 1
    assert found["annexd_calls_total", (acme, ("status", "429"))] == 1
    assert found["annexd_calls_total", (acme, ("status", "4xx"))] >= 1
    assert found["annexd_source_running", (acme,)] == 0
    assert found["annexd_store_readable", ()] == 1
    assert found["annexd_log_entries", ()] == found["annexd_log_signed_entries", ()] > 0
    assert sum(value for (name, _), value in found.items() if name == "annexd_findings") > 0


def test_labels_are_names_of_the_configuration_and_fixed_words(metrics: str) -> None:
    """A label with a resource in it fills a Prometheus, and tells strangers what there is."""
    values: dict[str, set[str]] = {}
    for _, labels in samples(metrics):
        for name, value in labels:
            values.setdefault(name, set()).add(value)
    del values["version"], values["python"]

    assert values["source"] == {"acme"}
    assert values["outcome"] == {outcome.value for outcome in Outcome}
    assert values["severity"] <= {"critical", "high", "medium", "low"}
    assert sorted(values) == ["framework", "outcome", "result", "severity", "source", "state", "status"]


def selectors(expression: str) -> list[Any]:
    """What an expression of Prometheus selects, by a parser of its language."""
    parser = pytest.importorskip("promql_parser")
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, parser.VectorSelector):
            found.append(node)
        for part in ("expr", "lhs", "rhs", "param", "vector_selector", "vs"):
            inner = getattr(node, part, None)
            if inner is not None and not isinstance(inner, str | int | float):
                visit(inner)
        for inner in getattr(node, "args", None) or ():
            visit(inner)

    visit(parser.parse(expression))
    return found


def names(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return {selector.name for selector in selectors(expression)}


def picks(selector: Any, name: str, labels: dict[str, str]) -> bool:
    """Whether a selector takes a sample; the label `job` is Prometheus' own."""
    compares: dict[str, Callable[[str, str], bool]] = {
        "MatchOp.Equal": lambda have, want: have == want,
        "MatchOp.NotEqual": lambda have, want: have != want,
        "MatchOp.Re": lambda have, want: re.fullmatch(want, have) is not None,
        "MatchOp.NotRe": lambda have, want: re.fullmatch(want, have) is None,
    }
    return name == selector.name and all(
        compares[str(matcher.op)](labels.get(matcher.name, ""), matcher.value)
        for matcher in selector.matchers.matchers
        if matcher.name != "job"
    )


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression that is handed out, with where it stands."""
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads((MONITORING / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


NOT_AFTER_A_FIRST_RUN = {
    "annexd_last_verification_timestamp_seconds",
    "annexd_last_verification_success",
    "annexd_last_anchor_success",
    "annexd_alerts_total",
    "annexd_alert_deliveries_total",
    "up",  # Prometheus' own
}


def test_every_metric_of_rules_and_dashboard_is_there(metrics: str) -> None:
    """A rule over a name that there is not never fires, and looks like peace."""
    offered = set(re.findall(r"^# TYPE (\S+)", metrics, re.MULTILINE))
    there = {name for name, _ in samples(metrics)}
    used = {name for _, expression in expressions() for name in names(expression)}

    assert len(used) > 25
    assert used - there <= NOT_AFTER_A_FIRST_RUN
    assert {name for name in used if name.startswith("annexd_")} <= offered | {f"{name}_total" for name in offered}


def test_every_selector_of_rules_and_dashboard_takes_something(metrics: str) -> None:
    """A label that there is not, or a word that it never has, makes an empty panel and a rule that never fires."""
    there = [(name, dict(labels)) for name, labels in samples(metrics)]
    empty = [
        (where, str(selector.name))
        for where, expression in expressions()
        for selector in selectors(expression)
        if selector.name not in NOT_AFTER_A_FIRST_RUN
        and not any(picks(selector, name, labels) for name, labels in there)
    ]

    assert empty == []


def test_rules_say_what_it_is_and_what_to_do() -> None:
    """Who is woken by one reads nothing else first."""
    rules = [
        rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"] for rule in group["rules"]
    ]

    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"].keys() == {"severity"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert all(rule["annotations"][part] for part in ("summary", "description"))
        assert re.fullmatch(r"\d+[mhd]", rule.get("for", "0m"))


def test_panels_do_not_overlap_and_take_the_data_source_that_is_chosen() -> None:
    """As Grafana lays them out: 24 columns, each panel with an id of its own."""
    board = json.loads((MONITORING / "dashboard.json").read_text())
    places: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & places
        places |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_health_and_readiness_are_told_with_reasons(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster restarts what is not alive, and sends nobody to what is not ready."""
    watch = Watch()
    with WatchServer(LOOPBACK, watch) as server:
        before = get(server.port, "/readyz")
        watch.planned({"acme": datetime.now().astimezone()})
        ready = get(server.port, "/readyz")
        watch.figures_failed = "the disk is gone"
        unreadable = get(server.port, "/readyz")
        alive = get(server.port, "/healthz")
        monkeypatch.setattr(watching, "ALIVE_FOR", -1.0)
        stuck = get(server.port, "/healthz")
        other = get(server.port, "/")
    del company

    assert [before[0], ready[0], unreadable[0], alive[0], stuck[0], other[0]] == [503, 200, 503, 200, 503, 404]
    assert json.loads(before[1])["not_ready"] == ["it has not planned its sources yet, or stands by"]
    assert json.loads(unreadable[1])["not_ready"] == ["the disk is gone"]


def test_a_page_under_another_name_reads_nothing_on_this_machine() -> None:
    """A browser can be made to send requests to a loopback address under a name of somebody else's."""
    with WatchServer(LOOPBACK, Watch()) as server:
        codes = [get(server.port, "/healthz", Host=host)[0] for host in ("evil.example", "localhost:1", "[::1]:80")]

    assert codes == [421, 200, 200]


def test_without_the_extra_everything_but_metrics_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who needs no metrics installs nothing for them, and is told what is missing."""
    monkeypatch.setitem(__import__("sys").modules, "prometheus_client", None)
    with WatchServer(LOOPBACK, Watch()) as server:
        code, text = get(server.port, "/metrics")
        health, _ = get(server.port, "/healthz")

    assert (code, health) == (501, 200)
    assert "annexd[metrics]" in text


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    """A service manager that keeps what it is told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)

        def heard() -> list[str]:
            found = []
            while True:
                try:
                    found.append(listening.recv(4096).decode())
                except BlockingIOError:
                    return found

        yield heard


def test_the_service_manager_hears_that_it_is_ready_goes_on_and_ends(
    company: Company, manager: Callable[[], list[str]], tmp_path: Path
) -> None:
    """A loop that hangs says nothing, and is restarted."""
    told = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "90000000"})
    with served(company, Run("acme"), Reload(), manager=told):
        heard = [message.partition("\n")[0] for message in manager()]

    assert told.turns_every == 45.0
    first = heard.index("READY=1")
    assert heard[first + 1] == "WATCHDOG=1"
    assert heard.index("RELOADING=1") < len(heard) - heard[::-1].index("READY=1")
    assert heard[-1] == "STOPPING=1"


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "1000000"}, 0.5),
        ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_heard_twice_in_its_time(environ: dict[str, str], every: float | None) -> None:
    """And never for another process."""
    assert ServiceManager(environ).turns_every == every


def test_status_says_what_the_daemon_waits_for(company: Company) -> None:
    """The line that one looks for while a platform answers nothing for an hour."""
    company.run("scan")
    watch, now = Watch(), datetime.now().astimezone()
    watch.planned({"acme": now})
    watch.waits = lambda: [
        Waiting(
            source="acme", call=MEMBERS, what="an answer", since=now, until=now + timedelta(hours=1), task="t", tasks=3
        )
    ]
    app = open_app(company.config)
    pulse = Pulse(watch, ServiceManager({}), app.config.daemon_file)
    pulse.beat()
    page, data = company.run("status").out, company.run("status", "--json").json["daemon"]
    pulse.ended()
    without = company.run("status", "--json").json["daemon"]

    assert f"acme: an answer to {MEMBERS}" in page
    assert data["waiting"][0]["tasks"] == 3
    assert without is None


def test_a_pause_that_a_platform_asked_for_is_shown_as_one() -> None:
    """Nobody waits for an answer then: no call was sent."""
    now = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    until = now + timedelta(hours=1)
    paused = Waiting(source="code", call="", what="code: core", since=now, until=until, task="t", tasks=2)

    assert show_waiting(paused).startswith("code: code: core takes no more calls since 2026-03-02")


def test_a_daemon_that_said_nothing_for_long_is_told_so(company: Company) -> None:
    """A file that a killed process left behind must not look like life."""
    from collector.daemon.watching.health import daemon_view

    company.run("scan")
    old = Watch(lambda: datetime.now().astimezone() - timedelta(hours=2))
    write_daemon_view(open_app(company.config).config.daemon_file, daemon_view(old))

    assert "said nothing since" in company.run("status").out


def test_a_source_is_behind_from_its_slot_on_and_not_while_it_is_looked_at() -> None:
    """What is looked at is late and not behind."""
    clock = MovedClock()
    watch = Watch(clock.now)
    watch.planned({"acme": clock.now()})
    clock.moved = timedelta(minutes=10)
    behind = watch.behind("acme")
    watch.began("acme", clock.now() + timedelta(hours=1))
    running = watch.behind("acme")
    watch.ended("acme", "complete")

    assert timedelta(minutes=9) < behind < timedelta(minutes=11)
    assert running == watch.behind("acme") == watch.behind("nobody") == timedelta(0)
    assert watch.sources()["acme"].results["complete"] == 1


def test_a_source_that_was_taken_out_is_forgotten() -> None:
    """Labels must not grow with the years."""
    watch = Watch()
    watch.planned({"acme": watch.now(), "other": watch.now()})
    watch.planned({"other": watch.now()})

    assert watch.sources() == {"other": SourceWatch(next_at=watch.sources()["other"].next_at)}


def test_a_log_for_machines_is_one_object_a_line_without_secrets() -> None:
    """A name with a line break in it must not become an entry of its own."""
    stream = io.StringIO()
    log_on(stream, "info", as_json=True)
    try:
        raise ValueError("token=ghp_abcdefghijklmnopqrstuvwxyz0123456789")  # noqa: TRY301  a traceback to log
    except ValueError:
        logging.getLogger("collector.x").exception("%s: gone", "acme\nother")

    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["message"] == "acme\nother: gone"
    assert (entry["event"], entry["level"], entry["logger"]) == ("%s: gone", "error", "collector.x")
    assert datetime.fromisoformat(entry["time"]).utcoffset() == timedelta(0)
    assert "ghp_" not in line
    assert "ValueError" in entry["traceback"]


@pytest.mark.parametrize(
    ("told", "word"), [("200", "2xx"), ("301", "3xx"), ("404", "4xx"), ("429", "429"), ("503", "5xx"), ("none", "none")]
)
def test_statuses_are_few_words(told: str, word: str) -> None:
    """And throttling is told apart."""
    assert status_class(told) == word
