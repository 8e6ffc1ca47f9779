"""What makes the access on each platform, in its own language: whole, and taken by that language's tools."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from collector.cli.main import main

CONNECTORS = ("aws", "azure", "entra", "gcp")
WHERE = ("all", "one")
OF_THE_MACHINE = ("sh", "terraform")
SCRIPTS = ("commands", "az")
TEMPLATES = ("cloudformation", "first-cloudformation")
VARIABLE = re.compile(r'"\$\{(var\.\w+)\}"')  # as a whole text
TEXT = re.compile(r'^\s*#.*$|"(?:[^"\\]|\\.)*"', re.MULTILINE)  # or a comment


@cache
def forms(connector: str, where: str) -> dict[str, str]:
    """The forms with every permission of a connector, for an organization or for one account."""
    said = io.StringIO()
    options = ["--organization"] if where == "all" else ["--form", "terraform"]
    with contextlib.redirect_stdout(said):
        assert main(["permissions", connector, "--all", "--json", *options]) == 0
    made: dict[str, str] = json.loads(said.getvalue())["forms"]
    return made


def run(tool: str, *args: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """What a tool says: one that is pinned with the tests, or the machine's own, and skips where it has none."""
    program = shutil.which(tool) if tool in OF_THE_MACHINE else str(Path(sys.executable).parent / tool)
    if program is None:
        pytest.skip(f"there is no {tool} here, and no package has it: whether it takes the form was not tried")
    return subprocess.run([program, *args], input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_terraform_refers_to_what_it_declares(connector: str, where: str) -> None:
    """A name that is declared nowhere is refused by `terraform validate`, after a download of every provider."""
    text = forms(connector, where)["terraform"]
    code = TEXT.sub("", VARIABLE.sub(r"\1", text))
    of_locals = "".join(re.findall(r"^locals \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    declared = {
        *(f"{kind}.{name}" for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)),
        *(f"data.{kind}.{name}" for kind, name in re.findall(r'^data "(\w+)" "(\w+)"', text, re.MULTILINE)),
        *(f"var.{name}" for name in re.findall(r'^variable "(\w+)"', text, re.MULTILINE)),
        *(f"local.{name}" for name in re.findall(r"^  (\w+) = ", of_locals, re.MULTILINE)),
    }
    used = set(re.findall(r"\b(data\.\w+\.\w+|(?:var|local)\.\w+|(?:aws|azure\w+|google)_\w+\.\w+)", code))

    assert declared
    assert used - declared == set()
    assert {name for name in declared if name.startswith(("var.", "local.", "data."))} <= used
    assert all(code.count(one) == code.count(other) for one, other in ("{}", "[]", "()"))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_terraform_reads_it(connector: str, where: str) -> None:
    """Its syntax; providers would have to be downloaded for more."""
    read = run("terraform", "fmt", "-", text=forms(connector, where)["terraform"])

    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_shell_reads_the_commands(connector: str, where: str) -> None:
    """Nothing is run."""
    made = forms(connector, where)
    (script,) = (made[name] for name in SCRIPTS if name in made)
    read = run("sh", "-n", text=script)

    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_shellcheck_finds_nothing_in_the_commands(connector: str, where: str) -> None:
    """Such as a variable that falls apart at a space."""
    made = forms(connector, where)
    (script,) = (made[name] for name in SCRIPTS if name in made)
    checked = run("shellcheck", "--shell=sh", "-", text=script)

    assert checked.returncode == 0, checked.stdout


def test_cfn_lint_finds_nothing_in_the_templates(tmp_path: Path) -> None:
    """By CloudFormation's own schemas, all in one start of it; one account has no first role."""
    made = {
        f"{form}-{where}": text for where in WHERE for form, text in forms("aws", where).items() if form in TEMPLATES
    }
    files = [tmp_path / f"{name}.json" for name in made]
    for file, text in zip(files, made.values(), strict=True):
        file.write_text(text)
    checked = run("cfn-lint", "--regions", "eu-central-1", "--", *map(str, files))

    assert set(made) == {"cloudformation-all", "first-cloudformation-all", "cloudformation-one"}
    assert checked.returncode == 0, checked.stdout + checked.stderr
