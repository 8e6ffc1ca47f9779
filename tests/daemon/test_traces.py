"""Traces of runs, as a receiver of OTLP gets them."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.core.errors import ConfigError
from collector.daemon.daemon import Daemon
from collector.daemon.events import End, Run
from collector.daemon.watching.traces import Untraced, traces_of
from collector.setup.app import open_app
from collector.setup.clock_watch import WatchedClock
from collector.setup.traces_config import TracesConfig
from storage.serving import Serving
from tests.daemon.test_daemon import PlayedSchedule, Steps
from tests.played.clock import PlayedClock
from tests.played.company import PLAYED, Company
from tests.played.platform import CANARIES, MEMBERS

SPANS = Counter({"annexd.collection": 6, "annexd.run": 1, "annexd.source": 1})


class Receiver:
    """An HTTP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that the library has
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> list[Any]:
        """All spans."""
        return [
            span
            for _, body in self.got
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def names(self) -> Counter[str]:
        """How many spans of each name there are."""
        return Counter(span.name for span in self.spans())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of the test's own."""
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def a_run(company: Company, traces: str) -> None:
    """Let a daemon with these lines in its configuration do one run, of a source with a name of its own."""
    company.write(PLAYED.replace("sources.acme", "sources.code") + traces)
    clock = PlayedClock()
    app = open_app(company.config, clock)
    with Serving(app.config.store.url, clock.now()) as serving:
        Daemon(lambda: app, app, serving, PlayedSchedule(), WatchedClock(clock)).serve(
            Steps(Run("code"), End("SIGTERM"))
        )


def attributes(span: Any) -> dict[str, Any]:
    """The attributes of a span."""
    return {
        one.key: one.value.int_value if one.value.HasField("int_value") else one.value.string_value
        for one in span.attributes
    }


def test_a_run_is_a_span_with_its_source_and_collections_below(
    company: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where time went, and what ended badly, without the name of anything that was looked at."""
    monkeypatch.setenv("OTLP_TOKEN", "Bearer canary-of-traces")
    company.platform.deny(MEMBERS)
    headers = '{ authorization = { env = "OTLP_TOKEN" } }'
    a_run(company, f'\n[daemon.traces]\nendpoint = "{receiver.url}/v1/traces"\nheaders = {headers}\n')

    spans = receiver.spans()
    (run,) = (span for span in spans if span.name == "annexd.run")
    (source,) = (span for span in spans if span.name == "annexd.source")
    collections = [span for span in spans if span.name == "annexd.collection"]
    denied = {attributes(span)["annexd.collection"] for span in collections if span.status.code == 2}
    bodies = b"".join(body for _, body in receiver.got)
    assert receiver.names() == SPANS
    assert source.parent_span_id == run.span_id
    assert {span.parent_span_id for span in collections} == {source.span_id}
    assert attributes(run)["annexd.outcome"] == "incomplete"
    assert set(attributes(run)) == {"annexd.source", "annexd.connector", "annexd.run", "annexd.outcome"}
    assert attributes(collections[0])["annexd.requests"] > 0
    assert denied == {"played.member"}
    assert all(headers["authorization"] == "Bearer canary-of-traces" for headers, _ in receiver.got)
    for secret in (*CANARIES.values(), "canary-of-traces", "acme", "site"):
        assert secret.encode() not in bodies


def test_a_variable_of_opentelemetry_is_enough(
    company: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an operator of Kubernetes sets it for every workload; the path is added then."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    a_run(company, "")

    assert receiver.names() == SPANS


@pytest.mark.parametrize(
    ("config", "environ"),
    [
        (None, {}),
        (TracesConfig(enabled=False), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}),
        (TracesConfig(), {"OTEL_SDK_DISABLED": "true"}),
    ],
)
def test_nothing_is_traced_where_nobody_asks(config: TracesConfig | None, environ: dict[str, str]) -> None:
    """Off is the default, and off stays off."""
    assert isinstance(traces_of(config, lambda: datetime.now(UTC), environ), Untraced)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces that nobody sends would be missed only when they are needed."""
    monkeypatch.setitem(sys.modules, "collector.daemon.watching.otlp", None)
    with pytest.raises(ConfigError) as raised:
        traces_of(TracesConfig(), lambda: datetime.now(UTC), {})

    assert "annexd[traces]" in raised.value.lines()[-1]


def test_a_variable_keeps_no_daemon_without_the_extra_from_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be set for every process of a cluster."""
    monkeypatch.setitem(sys.modules, "collector.daemon.watching.otlp", None)
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}

    assert isinstance(traces_of(None, lambda: datetime.now(UTC), environ), Untraced)


def test_a_variable_that_is_refused_keeps_from_serving_only_who_asked_by_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be meant for another process of the machine."""
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many")
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}

    assert isinstance(traces_of(None, lambda: datetime.now(UTC), environ), Untraced)
    with pytest.raises(ConfigError, match="OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"):
        traces_of(TracesConfig(endpoint="http://127.0.0.1:9/v1/traces"), lambda: datetime.now(UTC), {})


def test_a_run_goes_on_where_nobody_takes_its_traces(
    company: Company, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Evidence is what the daemon is for."""
    receiver.answer = 400
    logging.getLogger("collector").propagate = True
    caplog.set_level(logging.WARNING, "collector.daemon.watching.otlp")
    a_run(company, '\n[daemon.traces]\nendpoint = "' + receiver.url + '/secret-path"\n')

    with open_app(company.config).open_store(writer=False) as store:
        ((_, ended),) = store.runs()
    assert ended is not None
    assert ended.outcomes["complete"] == 6
    assert "traces: not sent" in caplog.text
    assert "secret-path" not in caplog.text
