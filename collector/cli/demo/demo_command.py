"""`annexd demo`: a made-up company on this machine, scanned with the real connectors."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.session import session
from collector.core.errors import ConfigError
from collector.demo.bundle import KEY, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.cli.terminal.page import Page
    from collector.cli.terminal.session import Session
    from collector.demo.aws_estate import Estate
    from collector.demo.github_estate import GitHubEstate

_NEEDED = ("boto3", "flask", "github", "moto")

_SHOWN = ("iso27001:2022",)
"""Editions whose controls are printed; those of the others are a command away."""
_TOKEN = "ACME_GITHUB_TOKEN"  # noqa: S105  where it is looked for


def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to keep configuration and store.", show_default="a new folder")
    ] = None,
) -> None:
    """Scan a made-up company that is played on this machine.

    It needs no account and no network, and leaves a store behind that every reading command can be tried on.
    """
    told = session(ctx)
    told.log()
    _is_installed()
    place = _place(folder)
    with _apart_from_their_own():
        _play(place, told)


def _play(place: Path, told: Session) -> None:
    # moto asks boto3 for sessions as soon as it is imported.
    from collector.actions.scan_report import scan_report
    from collector.actions.scanning import run
    from collector.actions.selection import Selection
    from collector.cli.read.controls_page import print_controls
    from collector.cli.scan.scan_report_page import print_counts
    from collector.cli.scan.terminal_progress import progress_on
    from collector.cli.terminal.page import page, print_json
    from collector.demo import aws_estate, github_estate
    from collector.demo.acme_files import write_company_files
    from collector.demo.aws_double import AwsDouble
    from collector.demo.bundle import hand_out
    from collector.demo.github_double import GitHubDouble
    from collector.engine.clock import SystemClock
    from collector.setup.app import open_app

    path = place / "config.toml"
    talk = page(sys.stderr if told.json else None)
    with AwsDouble() as aws, GitHubDouble() as hub:
        talk.line("Building a made-up company on a played AWS and a played GitHub; nothing leaves this machine ...")
        sys.stdout.flush()
        estate, code = aws_estate.seed(aws), github_estate.seed(hub)
        path.write_text(_config(estate, code), encoding="utf-8")
        write_company_files(place)
        app = open_app(path)
        _introduce(estate, code, talk)
        sys.stdout.flush()
        os.environ.update(AWS_ACCESS_KEY_ID=estate.access_key_id, AWS_SECRET_ACCESS_KEY=estate.secret_access_key)
        os.environ[_TOKEN] = code.token
        with app.open_store(writer=True) as store:
            summary, seen = run(app, store, Selection(), "demo", progress=progress_on(sys.stderr, app))
            report = scan_report(summary, seen, app.sources())
            if told.json:
                print_json(report)
                return
            talk.gap()
            sys.stdout.flush()
            print_controls(app, store, SystemClock().now(), frameworks=_SHOWN)
            talk.head("What the scan came to")
            print_counts(report, talk)
            hand_out(app, store, place, SystemClock().now().date(), talk)
    _next(path, talk)


def _is_installed() -> None:
    for name in _NEEDED:
        if find_spec(name) is None:
            raise ConfigError(
                f"the demo needs the package {name}, which is not installed", mend="pip install 'annexd[demo]'"
            )


def _place(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="annexd-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty", so="the demo overwrites nothing", mend="name a new folder")
    return folder.resolve()


def _config(estate: Estate, code: GitHubEstate) -> str:
    return f"""\
# Written by annexd demo. The platforms that endpoint_url and url name were there only while the demo ran:
# everything that reads the store works with this file, a new scan does not.

[store]
url = "sqlite:///annexd.db"

[sources.acme]
connector    = "aws"
role         = "{estate.role_arn}"
accounts     = "organization"
endpoint_url = "{estate.url}"
serves       = ["acme-shop"]
holds_pii    = true

[sources.code]
connector     = "github"
token         = {{ env = "{_TOKEN}" }}
organizations = ["{code.login}"]
url           = "{code.url}"
serves        = ["acme-shop"]

[frameworks]
use = ["iso27001:2022", "iso27001:2022-clauses", "iso27017:2015", "iso27018:2025"]

# Acme runs shops for other companies, and so processes the personal data of their customers.
[[services.provided]]
name          = "acme-shop"
model         = "saas"
pii_processor = true

[[services.used]]
provider = "Amazon Web Services"
model    = "iaas"
report   = "5.23-b"
"""


@contextmanager
def _apart_from_their_own() -> Iterator[None]:
    """Let nothing of the user's own reach boto3 or the played GitHub, and give it back afterwards."""
    theirs = {name: value for name, value in os.environ.items() if _ours(name)}
    _replace(
        {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    try:
        yield
    finally:
        _replace(theirs)


def _replace(values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if _ours(name)]:
        del os.environ[name]
    os.environ.update(values)


def _ours(name: str) -> bool:
    return name.startswith("AWS_") or name == _TOKEN


def _introduce(estate: Estate, code: GitHubEstate, talk: Page) -> None:
    names = ", ".join(f"{name} ({number})" for number, name in estate.accounts.items())
    closed = ", ".join(estate.accounts[number] for number in estate.not_entered)
    talk.gap()
    talk.paragraph(
        f"Acme has {len(estate.accounts)} AWS accounts: {names}, and {len(estate.regions)} regions:"
        f" {', '.join(estate.regions)}. Its code is on GitHub, in the organization {code.login}:"
        f" {', '.join(code.repositories)}. Some things are done well and some badly."
    )
    talk.paragraph(
        f"The role that annexd uses on AWS may not enter {closed}, and may not read everything elsewhere; its token on"
        f" GitHub lacks two permissions: see what becomes of that."
    )


def _next(path: Path, talk: Page) -> None:
    talk.head("Where to look next")
    annexd = f"annexd -c {path}"
    today = datetime.now(UTC).date()
    month = today - timedelta(days=30)
    talk.line("The platforms are gone, and what was seen of them is kept. Each of these reads it:", indent=2)
    talk.gap()
    for command, what in (
        ("status", "everything on one screen, with what could not be looked at"),
        ("findings --severity critical", "what fails and matters most"),
        ("controls show 8.5", "one control: what it asks, what was seen, what is missing"),
        ("gaps", "what would close most: a permission, a fix, a record"),
        ("controls --framework iso27017:2015", "the same for another edition; 27018 and clauses 4 to 10 are there too"),
        ("risks", "the company's risks, and which failing checks bear on them"),
        ("actions", "what is being done about deviations, and whether they were seen to be mended"),
        (f"review --from {today} --to {today}", "the input pack of a management review"),
        ("scope", "the systems in scope, held against what the platforms list"),
        ("asks", "the records that people still owe"),
        ("checks show aws_iam_user_console_mfa_enabled", "one check, with the permission it needs"),
        (
            "findings --check github_repo_merged_prs_reviewed --status fail",
            "changes of code that nobody else looked at, those pushed past all rules too",
        ),
        ("log", "who did what: runs, rules, the company's files and every change of them"),
        (f"sample github.repo.change --from {month} --to {today} --size 3 --nonce 'any words'", "a draw that repeats"),
        (f"verify {path.parent / NAME} --key {path.parent / KEY}", "the bundle, as the auditor verifies it"),
        ("verify --rebuild", "whether anything was changed since it was recorded"),
        ("permissions aws", "the policy that a scan of your own accounts needs"),
        ("permissions github", "what to grant on your own GitHub"),
    ):
        talk.line(what, indent=2)
        talk.verbatim([f"{annexd} {command}"], indent=6)
    talk.gap()
    talk.line("Your own platforms: annexd init writes a configuration from what it finds here.", indent=2)
