"""Prowler in an environment of its own, made from the package index the first time that it is asked for.

It runs the checks of its own list for ISO/IEC 27001:2022, those of the services that annexd has checks of.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_VERSION = "5.46.0"
# In the checkout: in a folder for temporary files another user of the machine could have put a program of theirs there.
_FOLDER = Path(__file__).resolve().parents[1] / f".venv-prowler-{_VERSION}"

PROWLER = f"python3 -m venv {_FOLDER} && {_FOLDER}/bin/pip install prowler=={_VERSION}"
"""The command by which it is got; some 300 packages, and minutes."""


def prowler_command() -> str | None:
    """Return Prowler's command, installing it where it is not there yet; None where that failed."""
    command = _FOLDER / "bin" / "prowler"
    if command.exists():
        return str(command.absolute())
    print(f"installing Prowler {_VERSION} into {_FOLDER}: this takes minutes", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(_FOLDER)], check=True)  # noqa: S603  this Python
        subprocess.run(  # noqa: S603  of the environment just made
            [str(_FOLDER / "bin" / "pip"), "install", "--quiet", f"prowler=={_VERSION}"], check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(error)
        shutil.rmtree(_FOLDER, ignore_errors=True)
        return None
    return str(command.absolute())


# What annexd and Prowler call the same service, where that differs.
_ITS_NAMES = {
    "apigateway": ("apigateway", "apigatewayv2"),
    "elb": ("elb", "elbv2"),
    "lambda": ("awslambda",),
    "logs": ("cloudwatch",),
}


def service_of(check: str) -> str:
    """Return the service that an id of annexd's checks names."""
    return check.split("_")[1]


def iso_checks(checks: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return annexd's checks of the services that both have checks of, and those of Prowler's ISO scan."""
    (package,) = (_FOLDER / "lib").glob("python*/site-packages/prowler")
    listed = json.loads((package / "compliance" / "aws" / "iso27001_2022_aws.json").read_text())
    named = {check for requirement in listed["Requirements"] for check in requirement["Checks"]}
    services = {path.parent.name: path.parent.parent.name for path in _metadata(package)}
    of_prowler = {services[check] for check in named}
    own = [check for check in checks if of_prowler.intersection(_its_names(check))]
    shared = {name for check in own for name in _its_names(check)}
    return own, sorted(check for check in named if services[check] in shared)


def _its_names(check: str) -> tuple[str, ...]:
    service = service_of(check)
    return _ITS_NAMES.get(service, (service,))


def _metadata(package: Path) -> Iterator[Path]:
    yield from (package / "providers" / "aws" / "services").glob("*/*/*.metadata.json")
