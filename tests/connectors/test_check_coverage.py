"""Every check that comes with annexd: a pass, a fail and an unknown in tests, a link to a control, or a reason."""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path

import pytest

from collector.report.state.check_coverage_views import CheckCoverageView, connector_coverage_view
from collector.setup import loading
from collector.setup.app import open_app
from collector.setup.check_coverage import load_check_coverage
from tests.check_coverage import with_shown
from tests.connectors.reasons import lines_of

HERE = Path(__file__).parent
BUILT_IN = loading.builtin()


@cache
def coverage(connector: str) -> tuple[CheckCoverageView, ...]:
    """The checks of a connector, with the links of the framework that is in use where nobody has chosen one."""
    return tuple(connector_coverage_view(open_app(Path(os.devnull)), connector).checks)


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_check_is_shown_to_pass_to_fail_and_to_be_unknown_and_has_a_link(name: str) -> None:
    """A check that was never seen to fail may be one that cannot; where it cannot, somebody has said why."""
    assert {check.check for check in coverage(name)} == {*loading.connector(name).checks}
    assert {check.check: check.missing for check in coverage(name) if check.missing} == {}


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_reason_is_given_for_what_is_there(name: str) -> None:
    """A reason that was overtaken is a false statement about a check."""
    loaded = loading.connector(name)
    assert loaded.connector.coverage is not None
    written = load_check_coverage(loaded.connector.coverage)

    assert {*written.never, *written.unlinked, *written.shown} - {*loaded.checks} == set()
    assert [check.check for check in coverage(name) if set(check.never) & set(check.shown)] == []
    assert [check.check for check in coverage(name) if check.links and check.check in written.unlinked] == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_shown_is_what_tests_have_seen(name: str) -> None:
    """`python -m tests.check_coverage`, a part of `make golden`, writes it from the verdicts that tests compare."""
    loaded = loading.connector(name)
    assert loaded.connector.coverage is not None
    text = loaded.connector.coverage.read_text(encoding="utf-8")

    assert with_shown(text, loaded) == text


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_verdict_that_is_kept_is_of_a_test_that_there_is(name: str) -> None:
    """A test that was removed shows nothing any more."""
    tests = {
        f"{path.stem}::{node.name}"
        for path in (HERE / name).glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }

    assert {line.case for line in lines_of(name) if line.case.partition("[")[0] not in tests} == set()
