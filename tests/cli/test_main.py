"""The command line as a whole: names, help, examples, older names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from collector import __version__
from collector.cli import program
from collector.cli.command_groups import COMMANDS, EXAMPLES, OLDER, PANELS, SAYS
from collector.cli.main import main
from tests.cli.texts import compare
from tests.played.company import Company

COMMON = ("-c, --config", "--json", "-q, --quiet", "-v, --verbose", "--log-level", "--no-color")
ANNEXD = str(Path(sys.executable).with_name("annexd"))


def every_command() -> dict[str, Any]:
    """Every command and subcommand that help shows, by what is typed after `annexd`."""
    group = get_command(program.app)
    found: dict[str, Any] = {}
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[attr-defined]  # the group is of our own making
        found[name] = command
        found |= {f"{name} {sub}": below for sub, below in getattr(command, "commands", {}).items()}
    return found


ALL = every_command()


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
    assert [panel.title for panel in PANELS if f"\n{panel.title}:\n" not in out] == []


def test_every_help_fits_80_columns_and_reads_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line for each command in the list, and every page as a person gets it."""
    monkeypatch.setenv("COLUMNS", "80")
    pages = []
    for name in ["", *ALL]:
        main([*name.split(), "--help"])
        pages.append(f"$ annexd {name} --help\n".replace("  ", " ") + capsys.readouterr().out)

    assert all(len(says) <= 60 for says in SAYS.values())
    assert [line for page in pages for line in page.splitlines() if len(line) > 80] == []
    compare("cli/help", "\n".join(pages))


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_has_help_the_common_options_and_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same letters everywhere are learned once, and a line to copy is learned at once."""
    assert main([*name.split(), "--help"]) == 0

    out = capsys.readouterr().out
    assert EXAMPLES[name]
    assert "Examples:" in out
    if "Commands:" not in out:
        assert [option for option in COMMON if option not in out] == []


def lines_of(examples: tuple[str, ...]) -> list[str]:
    """The command lines of examples, with those that go on below joined."""
    return " \n".join(examples).replace("\\ \n", "").split("\n")


@pytest.mark.parametrize(("name", "line"), [(name, line) for name in EXAMPLES for line in lines_of(EXAMPLES[name])])
def test_every_example_is_one_that_annexd_takes(name: str, line: str) -> None:
    """An example that is refused teaches distrust."""
    words = shlex.split(re.split(r" [|>] ", line)[0])
    deepest = max((found for found in ALL if words[1:][: len(found.split())] == found.split()), key=len)

    assert words[0] == "annexd"
    assert deepest.startswith(name)
    with ALL[deepest].make_context(deepest, words[1 + len(deepest.split()) :], resilient_parsing=False) as context:
        assert context.command is ALL[deepest]


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_flag_means_the_same_in_every_command(name: str) -> None:
    """Short forms: one letter, one option. What may be given and what it does are learned once."""
    short = {"--source": "-s", "--dry-run": "-n", "--config": "-c", "--quiet": "-q", "--verbose": "-v", "--out": "-o"}
    found = {}
    for param in ALL[name].params:
        for option in param.opts:
            if option.startswith("--") and option in short:
                found[option] = next((other for other in param.opts if not other.startswith("--")), None)

    assert found == {option: short[option] for option in found}


@pytest.mark.parametrize("older", sorted(OLDER))
def test_an_older_name_still_works_and_says_what_it_is_now(older: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts go on for a release; the list of commands is without it."""
    assert older not in COMMANDS
    assert main([older, "--help"]) == 0
    old = capsys.readouterr().out
    assert main([*OLDER[older], "--help"]) == 0
    new = capsys.readouterr().out

    options = set(re.findall(r"--[a-z][a-z-]+", new.partition("Examples:")[0]))
    assert options <= set(re.findall(r"--[a-z][a-z-]+", old))
    assert " ".join(OLDER[older]) in " ".join(old.split())


def test_help_does_not_import_what_only_commands_need() -> None:
    """The first thing that a stranger types must answer at once."""
    code = (
        "import sys\nfrom collector.cli.main import main\nmain(['--help'])\n"
        "heavy = [name for name in ('rich', 'sqlalchemy', 'boto3', 'storage', 'msgspec') if name in sys.modules]\n"
        "sys.stderr.write(' '.join(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_installed_command_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The entry point of the distribution leads to this main; a machine is given JSON."""
    done = subprocess.run([ANNEXD, "--version"], capture_output=True, text=True, check=False)
    main(["--version", "--json"])

    assert (done.returncode, done.stdout) == (0, f"annexd {__version__}\n")
    assert capsys.readouterr().out == f'{{"schema": "annexd.version/1", "version": "{__version__}"}}\n'


def test_a_slip_in_a_name_is_told_with_the_nearest(company: Company) -> None:
    """Names are long, and typed by hand."""
    assert "'scan'" in company.run("scann").err
    compare("cli/main/a-slip-in-a-name-is-told-with-the-1", company.run("scan", "--source", "acne").err)
    compare("cli/main/a-slip-in-a-name-is-told-with-the-2", company.run("scan", "--service", "members").err)
    assert "played_member_mfa" in company.run("scan", "--check", "played_member_mfx").err


def test_the_environment_says_which_configuration(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container has no flags; a flag still comes first."""
    monkeypatch.setenv("ANNEXD_CONFIG", str(company.folder / "another.toml"))
    company.capture.readouterr()

    assert main(["config", "check"]) == 3
    assert "another.toml" in company.capture.readouterr().err
    assert main(["-c", str(company.config), "plan"]) == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_each_shell(shell: str) -> None:
    """Long names want completion."""
    done = subprocess.run(
        [ANNEXD],
        env={"_ANNEXD_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "_ANNEXD_COMPLETE" in done.stdout


def test_looking_a_command_up_again_changes_nothing() -> None:
    """A process may run many commands: what wraps a command once more each time ends in too deep a stack."""
    group: Any = get_command(program.app)
    shown = {name: (id(command), id(command.callback), command.epilog) for name, command in every_command().items()}

    for older in OLDER:
        assert group.get_command(None, older) is not None

    again = {name: (id(command), id(command.callback), command.epilog) for name, command in every_command().items()}
    assert again == shown
