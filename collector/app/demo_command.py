"""`annexd demo`: a made-up company on this machine, scanned with the real connector."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.app.session import session
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.app.demo.aws_estate import Estate
    from collector.app.output import Page
    from collector.app.session import Session

_NEEDED = ("boto3", "flask", "moto")


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
    with _apart_from_their_aws():
        _play(place, told)


def _play(place: Path, told: Session) -> None:
    # moto asks boto3 for sessions as soon as it is imported.
    from collector.app.controls import print_controls
    from collector.app.demo.aws_estate import seed
    from collector.app.demo.aws_server import AwsDouble
    from collector.app.output import page, print_json
    from collector.app.scan_report import print_counts, scan_report
    from collector.app.scanning import run
    from collector.app.selection import Selection
    from collector.app.wiring import open_app
    from collector.engine.clock import SystemClock

    path = place / "config.toml"
    talk = page(sys.stderr if told.json else None)
    with AwsDouble() as double:
        talk.line("Building a made-up company on a played AWS; nothing leaves this machine ...")
        sys.stdout.flush()
        estate = seed(double)
        path.write_text(_config(estate), encoding="utf-8")
        app = open_app(path)
        _introduce(estate, talk)
        sys.stdout.flush()
        os.environ.update(AWS_ACCESS_KEY_ID=estate.access_key_id, AWS_SECRET_ACCESS_KEY=estate.secret_access_key)
        with app.open_store(writer=True) as store:
            summary, seen = run(app, store, Selection(), "demo", bar=sys.stderr.isatty())
            report = scan_report(summary, seen, app.sources())
            if told.json:
                print_json(report)
                return
            talk.gap()
            sys.stdout.flush()
            print_controls(app, store, SystemClock().now())
    talk.head("What the scan came to")
    print_counts(report, talk)
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


def _config(estate: Estate) -> str:
    return f"""\
# Written by annexd demo. The platform that endpoint_url names was there only while the demo ran:
# everything that reads the store works with this file, a new scan does not.

[store]
url = "sqlite:///annexd.db"

[sources.acme]
connector    = "aws"
role         = "{estate.role_arn}"
accounts     = "organization"
endpoint_url = "{estate.url}"

[frameworks]
use = ["iso27001:2022"]
"""


@contextmanager
def _apart_from_their_aws() -> Iterator[None]:
    """Let nothing of the user's own reach boto3, and give it back afterwards."""
    theirs = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    _replace_aws(
        {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    try:
        yield
    finally:
        _replace_aws(theirs)


def _replace_aws(values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(values)


def _introduce(estate: Estate, talk: Page) -> None:
    names = ", ".join(f"{name} ({number})" for number, name in estate.accounts.items())
    closed = ", ".join(estate.accounts[number] for number in estate.not_entered)
    talk.gap()
    talk.paragraph(
        f"Acme has {len(estate.accounts)} AWS accounts: {names}, and {len(estate.regions)} regions:"
        f" {', '.join(estate.regions)}. Some things are done well and some badly. The role that annexd uses may not"
        f" enter {closed}, and may not read everything elsewhere: see what becomes of that."
    )


def _next(path: Path, talk: Page) -> None:
    talk.head("Where to look next")
    annexd = f"annexd -c {path}"
    talk.line("The platform is gone, and what was seen of it is kept. Each of these reads it:", indent=2)
    talk.gap()
    for command, what in (
        ("status", "everything on one screen, with what could not be looked at"),
        ("findings --severity critical", "what fails and matters most"),
        ("controls show 8.5", "one control: what it asks, what was seen, what is missing"),
        ("controls --gaps", "what no check can tell"),
        ("checks show aws_iam_user_console_mfa_enabled", "one check, with the permission it needs"),
        ("permissions aws", "the policy that a scan of your own accounts needs"),
    ):
        talk.line(what, indent=2)
        talk.verbatim([f"{annexd} {command}"], indent=6)
    talk.gap()
    talk.line("Your own accounts: annexd init writes a configuration from what it finds here.", indent=2)
