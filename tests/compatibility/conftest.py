"""The fixture stores in folders of their own, brought up to date as an upgrade would, on both databases."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.compatibility.program import VERSIONS, Installed, load_dump, unpack

DATABASES = ("sqlite", "postgresql")
EACH = [(version, database) for version in VERSIONS for database in DATABASES]
_NUMBERS = count(1)

Install = Callable[[str, str, Path], Installed]
"""Puts what was unpacked where it can be used: version, database, folder."""


@pytest.fixture(autouse=True)
def logs_end_with_the_test() -> Iterator[None]:
    """A handler of a test's own stderr must not outlive the test."""
    yield
    ours = logging.getLogger("collector")
    ours.handlers.clear()
    ours.propagate = True
    ours.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def load(server: str) -> Iterator[Callable[[Path], str]]:
    """Return what puts a dump into a schema of its own and gives the address; the schemas are dropped at the end."""
    import psycopg

    made: list[str] = []

    def put(dump: Path) -> str:
        made.append(f"compatible_{os.getpid()}_{next(_NUMBERS)}")
        return load_dump(dump.read_text("utf-8"), server, made[-1])

    yield put
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
        for schema in made:
            owner.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture(scope="session")
def install(request: pytest.FixtureRequest) -> Install:
    """Return what makes a usable store of one that may be unpacked already; only PostgreSQL needs a server."""

    def put(version: str, database: str, folder: Path) -> Installed:
        if not (folder / "config.toml").exists():
            unpack(version, database, folder)
        if database == "sqlite":
            return Installed(folder, version)
        return Installed(folder, version, request.getfixturevalue("load")(folder / "dump.sql"))

    return put


@pytest.fixture(scope="module", params=EACH, ids="-".join)
def store(request: pytest.FixtureRequest, install: Install, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return a store of an earlier version after an upgrade, only to be read."""
    version, database = request.param
    installed = install(version, database, tmp_path_factory.mktemp("store"))
    installed.bring_up_to_date()
    return installed
