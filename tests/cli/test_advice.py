"""What errors advise: every command, option, key, table and file that an advice names is one that there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from collector.company.company_files import NAMES
from collector.core.isms import actions, exceptions, measures, register, risks, scope, soa
from collector.setup import alerts_config, loading, retention_policy, traces_config, web_config
from collector.setup import config as configuration
from tests.cli.test_main import ALL

ROOT = Path(__file__).parents[2]
ROOMS = ("collector", "connectors", "mappings", "storage")
FOLDERS = (
    configuration,
    alerts_config,
    retention_policy,
    traces_config,
    web_config,
    actions,
    exceptions,
    measures,
    register,
    risks,
    scope,
    soa,
)
FILES = {"config.toml", *NAMES.values()}
TABLES = {
    *configuration._TABLES,
    "control",
    "matrix",
    "services.provided",
    "services.used",
    "sources.NAME",
    "alerts.targets.NAME",
    "daemon.traces",
    "web.oidc",
    "control.asks",
}


def text_of(node: ast.expr) -> str:
    """The text of an expression as far as it is written there; what is put in at run time is `{}`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(value) for value in values)
        case ast.BinOp(left=left, right=right):
            return text_of(left) + text_of(right)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{text_of(body)}; {text_of(orelse)}"
        case _:
            return "{}"


def every_advice() -> Iterator[tuple[str, str]]:
    """Every text that is given as what to do, with its module: `mend=` of errors, and the doctor's fourth word."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg in {"mend", "fix"}:
                    yield path.name, text_of(node.value)
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DoctorItem" and len(node.args) > 3:
                    yield path.name, text_of(node.args[3])


ADVICE = sorted({(name, text) for name, text in every_advice() if text.strip("{}; ")})


def structs(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The shapes of a module."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value is not msgspec.Struct:
            yield value


def every_key() -> set[str]:
    """Every key that the configuration and the company's files take, with the settings and limits of connectors."""
    found = {
        field.encode_name
        for module in FOLDERS
        for struct in structs(module)
        for field in msgspec.structs.fields(struct)
    }
    for name in loading.builtin():
        loaded = loading.connector(name)
        found |= {field.encode_name for field in msgspec.structs.fields(loaded.connector.settings)}
        found |= {limit.name for check in loaded.checks.values() for limit in check.limits}
    return found


KEYS = every_key()


def named_command(words: list[str]) -> tuple[str, Any] | None:
    """The longest command that words begin with."""
    fitting = [name for name in ALL if words[: len(name.split())] == name.split()]
    return (max(fitting, key=len), ALL[max(fitting, key=len)]) if fitting else None


def test_there_is_advice_to_look_at() -> None:
    """Else the tests below prove nothing."""
    assert len(ADVICE) > 150


@pytest.mark.parametrize("advice", sorted({text for _, text in ADVICE}))
def test_what_is_advised_can_be_done(advice: str) -> None:
    """An advice that names what there is not costs more than none."""
    for said in re.findall(r"\bannexd ((?:[a-z][a-z-]*\b[ ]?)+)", advice):
        words = said.split()
        if words[0] in VERBS_OF_PROSE:
            continue
        assert named_command(words) is not None, said
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", advice))
    known = {option for command in ALL.values() for param in command.params for option in param.opts}
    assert options - known - OF_OTHER_PROGRAMS == set()
    assert set(re.findall(r"\b[a-z_]+\.toml\b", advice)) - FILES - OF_MAPPINGS == set()
    keys = set(re.findall(r"\b([a-z][a-z_]*) = ", advice)) | set(re.findall(r"\b[a-z]+_[a-z_]+\b", advice))
    assert {key for key in keys if not advice.count(f"{key}.toml")} - KEYS - NOT_KEYS == set()
    assert set(re.findall(r"\[+([a-z][\w.]*)\]+", advice)) - TABLES - EXTRAS == set()


VERBS_OF_PROSE = {
    "again",
    "as",
    "has",
    "into",
    "may",
    "only",
    "or",
    "prints",
    "read",
    "runs",
    "that",
    "the",
    "to",
    "with",
    "work",
    "write",
}
"""Words after `annexd` where it is the subject of a sentence: annexd may write, let annexd read."""

OF_OTHER_PROGRAMS = {"--format", "--help", "--protocol"}
OF_MAPPINGS = {"framework_edition.toml", "iso27001_2022.toml", "edition.toml"}
NOT_KEYS = {
    "env",
    "pg_dump",
    "pg_restore",
    "iso27001_2022",
    "acme_cloud",
    "aws_iam_user_has_owner",
    "check_prefixes",
    "operator_act",
    "enable_pgaudit",  # these three are flags of Cloud SQL
    "log_connections",
    "log_disconnections",
    "read_api",  # a scope of GitLab's
    "require_secure_transport",  # a parameter of MySQL
    "force_ssl",  # rds.force_ssl of PostgreSQL
    "require_ssl",  # a parameter of Redshift
}
EXTRAS = {"aws", "github", "google", "microsoft", "postgres", "demo", "contract", "traces", "web", "workers"}
