"""The command line as a whole: names, help, errors, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from collector import __version__
from collector.cli.main import COMMANDS, SAYS, main
from tests.played.company import Company


def test_every_command_is_listed_with_what_its_own_help_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The list is written without importing the commands, and must not drift from them."""
    own = {}
    for name, where in COMMANDS.items():
        module, _, attribute = where.partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            assert target.registered_callback is not None
            target = target.registered_callback.callback
        own[name] = (target.__doc__ or "").partition("\n")[0]
    main(["--help"])
    out = capsys.readouterr().out

    assert own == SAYS
    assert list(SAYS) == list(COMMANDS)
    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", out, re.MULTILINE)] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_the_common_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same letters everywhere are learned once."""
    assert main([name, "--help"]) == 0

    out = capsys.readouterr().out
    if "Commands:" not in out:
        assert [option for option in ("-c, --config", "--json", "--log-level", "--no-color") if option not in out] == []


def test_help_does_not_import_what_only_commands_need() -> None:
    """The first thing that a stranger types must answer at once."""
    code = (
        "import sys\nfrom collector.cli.main import main\nmain(['--help'])\n"
        "heavy = [name for name in ('rich', 'sqlalchemy', 'boto3', 'storage', 'msgspec') if name in sys.modules]\n"
        "sys.stderr.write(' '.join(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_installed_command_says_its_version() -> None:
    """The entry point of the distribution leads to this main."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("annexd")), "--version"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, f"annexd {__version__}\n")


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ("verification", 6, "leaf 7 differs"),
        ("store", 5, "the disk is full"),
        ("defect", 70, "annexd broke: ZeroDivisionError"),
        ("interrupted", 130, ""),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str, code: int, words: str
) -> None:
    """A script must be able to tell findings from a full disk, and both from a defect."""
    monkeypatch.setitem(COMMANDS, "status", f"tests.played.failing:{where}")

    assert main(["status"]) == code

    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "args",
    [
        ["nothing"],
        ["scan", "--nothing"],
        ["scan", "--source", "acne"],
        ["scan", "--service", "nothing"],
        ["scan", "--check", "nothing"],
        ["scan", "--fail-on", "pass"],
        ["scan", "--log-level", "loud"],
        ["scan", "--resume"],
    ],
)
def test_a_wrong_use_ends_with_2(company: Company, args: list[str]) -> None:
    """Usage is told from configuration: the one is the caller's, the other the operator's."""
    said = company.run(*args)

    assert said.code == 2
    assert said.err != ""
    assert said.out == ""


def test_a_slip_in_a_name_is_told_with_the_nearest(company: Company) -> None:
    """Names are long, and typed by hand."""
    assert "Did you mean 'scan'?" in company.run("scann").err
    assert "the nearest is acme" in company.run("scan", "--source", "acne").err
    assert "the nearest is member" in company.run("scan", "--service", "members").err
    assert "played_member_mfa" in company.run("scan", "--check", "played_member_mfx").err


def test_a_wrong_configuration_ends_with_3(company: Company) -> None:
    """What, and what to do, on lines of their own."""
    company.write("[sorces]\n")
    said = company.run("scan")

    assert said.code == 3
    assert said.err.splitlines()[0].endswith("config.toml:1: sorces: there is no such key")
    assert said.err.splitlines()[1].startswith("  to mend  the nearest is sources")


def test_a_configuration_that_names_nothing_to_look_at_ends_with_3(company: Company) -> None:
    """Zero sources read well would look like a clean scan."""
    company.write("")
    said = company.run("scan")

    assert said.code == 3
    assert "there is no source to look at" in said.err


@pytest.mark.parametrize("order", [("--json", "scan"), ("scan", "--json")])
def test_an_error_is_json_where_json_was_asked_for(company: Company, order: tuple[str, str]) -> None:
    """Common options stand before the command or after it, and mean the same."""
    company.write("[sorces]\n")
    said = company.run(*order)
    error = json.loads(said.err)["error"]

    assert said.out == ""
    assert error["exit_code"] == said.code == 3
    assert "sorces" in error["what"]
    assert "sources" in error["to_mend"]


def test_the_environment_says_which_configuration(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container has no flags; a flag still comes first."""
    monkeypatch.setenv("ANNEXD_CONFIG", str(company.folder / "another.toml"))
    company.capture.readouterr()

    assert main(["config", "check"]) == 3
    assert "another.toml" in company.capture.readouterr().err
    assert main(["-c", str(company.config), "plan"]) == 0


def test_no_error_brings_a_platforms_control_characters_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Error texts quote what platforms say, and platforms say what their users typed."""
    monkeypatch.setitem(COMMANDS, "status", "tests.played.failing:defect")
    main(["status"])

    assert "division of \\x1b[31mevidence" in capsys.readouterr().err


def test_a_defect_shows_where_only_on_demand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback is for whoever mends it."""
    monkeypatch.setitem(COMMANDS, "status", "tests.played.failing:defect")
    main(["status"])
    quiet = capsys.readouterr().err
    main(["status", "--log-level", "debug"])
    loud = capsys.readouterr().err

    assert "Traceback" not in quiet
    assert "Traceback" in loud


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_each_shell(shell: str) -> None:
    """Long names want completion."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("annexd"))],
        env={"_ANNEXD_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "_ANNEXD_COMPLETE" in done.stdout
