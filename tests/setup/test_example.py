"""The example configuration: whoever copies a line from it must be able to trust it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from collector.setup import config as configuration
from collector.setup import loading
from collector.setup.alerts_config import TARGETS, AlertsConfig, Route
from collector.setup.app import open_app
from collector.setup.execution_config import ExecutionConfig
from collector.setup.own_links import OwnLink
from collector.setup.traces_config import TracesConfig
from collector.setup.web_config import AuditConfig, OidcConfig, PeopleConfig, WebConfig
from tests.extending.guide import COMPANY, HERE

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


_TABLES = {"settings", "limits", "targets", "routes", "traces", "oidc", "people", "audits"}


def settings() -> Iterator[tuple[str, str]]:
    """Yield every key that a configuration may have, with its table or connector."""
    for struct in (
        configuration.StoreConfig,
        configuration.SourceConfig,
        configuration.Provided,
        configuration.Used,
        configuration.Frameworks,
        configuration.CompanyFiles,
        configuration.CheckConfig,
        configuration.RunLimits,
        ExecutionConfig,
        configuration.DaemonConfig,
        TracesConfig,
        AlertsConfig,
        Route,
        *TARGETS.values(),
        OwnLink,
        WebConfig,
        OidcConfig,
        PeopleConfig,
        AuditConfig,
    ):
        for field in msgspec.structs.fields(struct):
            # These have the keys of a connector or a check, or are tables of their own.
            if field.encode_name not in _TABLES:
                yield struct.__name__, field.encode_name
    for name in loading.builtin():
        for field in msgspec.structs.fields(loading.connector(name).connector.settings):
            yield name, field.encode_name


def test_the_example_can_be_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting stands there with a value that is allowed."""
    monkeypatch.setenv("ANNEXD_EXTERNAL_ID", "made up")
    app = open_app(EXAMPLE)
    sources = app.sources()
    app.prove_secrets(sources)

    assert [source.name for source in sources] == ["production"]
    assert len(app.rules()) > 0


def test_what_is_commented_out_can_be_taken_too(tmp_path: Path) -> None:
    """A comment is an example as well."""
    (tmp_path / "checks").mkdir()
    shutil.copy(HERE / COMPANY / "checks" / "code.py", tmp_path / "checks")
    (tmp_path / "frameworks").mkdir()
    text = re.sub(
        r"^# (?=\[sources\.|\[\[links|\[\[?alerts\.|\[\[?web\b|\[daemon\.|[a-z_]+ +=)",
        "",
        EXAMPLE.read_text(),
        flags=re.MULTILINE,
    )
    path = tmp_path / "config.toml"
    path.write_text(text)

    app = open_app(path)
    (framework,) = app.frameworks()
    (link,) = (placed.link for placed in app.config.links)

    assert sorted({"production", *re.findall(r"^# \[sources\.(\w+)\]", EXAMPLE.read_text(), re.MULTILINE)}) == sorted(
        source.name for source in app.sources()
    )
    assert "github_repo_not_a_fork" in app.checks
    assert app.is_own_link(framework.id, link.control.partition("/")[2], link.check)


def test_every_setting_stands_in_the_example() -> None:
    """What is not there is not found."""
    text = EXAMPLE.read_text()
    missing = [
        (whose, key) for whose, key in settings() if not re.search(rf"^(?:# {{1,3}})?{key} *=", text, re.MULTILINE)
    ]

    assert missing == []
