"""What holds for every test: how Hypothesis looks for counterexamples, and one PostgreSQL for all that need it."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from tests.new_tables import new_tables
from tests.played.fixtures import company, demo_run, logs_end_with_the_test, nothing_from_here, offered
from tests.servers import running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["company", "demo_run", "logs_end_with_the_test", "new_tables", "nothing_from_here", "offered"]

# No deadline: a slow machine is no counterexample. In CI the examples are always the same, so that a change fails for
# what it changed; here they are new ones each time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

TOGETHER = ("tests/demo/test_demo", "tests/setup/check_digest/")
"""Beginnings of modules that share what takes half a minute to make: they run in one process."""

APART = "tests/contract/test_contract.py"
"""A module whose cases are named `RULE-CONNECTOR`: each connector runs where there is room."""

_SCHEMAS = count(1)


class _Modules(LoadFileScheduling):  # type: ignore[misc]  # it ships no types
    """Hands out modules, those of `TOGETHER` as one, and that of `APART` in parts."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the name of what a test is handed out with."""
        module = str(super()._split_scope(nodeid))
        if module == APART:
            return f"{module}:{nodeid.rpartition('-')[2]}"
        return next((start for start in TOGETHER if module.startswith(start)), module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Modules:
    """Return who hands out the tests where there are several processes."""
    return _Modules(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of a PostgreSQL: the one that ANNEXD_TEST_POSTGRES names, or one of our own."""
    with running_server() as address:
        yield address


@pytest.fixture
def schemas(server: str) -> Iterator[Callable[[], str]]:
    """Return what makes an empty schema on the server, and gives its address."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
        made: list[str] = []

        def make() -> str:
            made.append(f"store_{os.getpid()}_{next(_SCHEMAS)}")
            owner.execute(f"CREATE SCHEMA {made[-1]}".encode())
            return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{made[-1]}"

        yield make
        for schema in made:
            owner.execute(f"DROP SCHEMA {schema} CASCADE".encode())
