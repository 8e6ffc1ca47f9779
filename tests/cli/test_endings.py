"""How commands end: exit codes, errors for people and for machines, a stdout that takes no more, Ctrl-C."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from collector.cli.command_groups import COMMANDS
from collector.cli.main import main
from tests.cli.texts import compare
from tests.played.company import Company

ANNEXD = str(Path(sys.executable).with_name("annexd"))


@pytest.mark.parametrize(
    ("where", "code", "what"),
    [
        ("verification", 6, "leaf 7 differs"),
        ("store", 5, "the disk is full"),
        ("defect", 70, "annexd broke: ZeroDivisionError"),
        ("interrupted", 130, None),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str, code: int, what: str | None
) -> None:
    """A script must be able to tell findings from a full disk, and both from a defect."""
    monkeypatch.setitem(COMMANDS, "status", f"tests.played.failing:{where}")

    assert main(["status", "--json"]) == code

    said = capsys.readouterr()
    assert said.out == ""
    if what is None:
        assert said.err == ""
    else:
        error = json.loads(said.err)["error"]
        assert error["exit_code"] == code
        assert what in error["what"]


WRONG = [
    ["nothing"],
    ["scan", "--nothing"],
    ["scan", "--source", "acne"],
    ["scan", "--service", "nothing"],
    ["scan", "--check", "nothing"],
    ["scan", "--fail-on", "pass"],
    ["scan", "--log-level", "loud"],
    ["scan", "--wait", "soon"],
    ["doctor", "--offline", "--source", "acne"],
    ["findings", "--status", "bad"],
    ["findings", "--severity", "grave"],
    ["findings", "--check", "nothing"],
    ["findings", "--control", "99.9"],
    ["findings", "--source", "acne"],
    ["controls", "--state", "bad"],
    ["controls", "--framework", "iso27001:2021"],
    ["controls", "show", "99.9"],
    ["checks", "show", "nothing"],
    ["checks", "--severity", "grave"],
    ["evidence", "acne", "played.member"],
    ["evidence", "acme", "played.nothing"],
    ["permissions", "nothing"],
    ["permissions", "played", "--source", "acne"],
    ["metrics", "--metric", "nothing"],
    ["log", "--kind", "nothing"],
    ["gap-analysis", "--framework", "iso27001:2021"],
    ["evidence-request", "answer", "8.5-z", "--by", "Ann, head", "--reviewed-by", "Bob"],
    ["evidence-request", "nothing"],
    ["replay", "--as-of", "yesterday"],
    ["export", "out.zip", "--from", "2026-01-01", "--to", "2026-01-31", "--framework", "iso27001:2021"],
    ["export", "out.zip", "--from", "2026-01-01", "--to", "2026-01-31", "--for", "fun"],
    ["config"],
    [],
]
"""Names and words that there are not, in every command that takes one."""


@pytest.fixture
def looked(company: Company) -> Company:
    """A company whose store has something in it."""
    assert company.run("scan").code == 0
    return company


def test_a_wrong_name_or_word_ends_with_2_wherever_it_stands(looked: Company) -> None:
    """Usage is told from configuration: the one is the caller's, the other the operator's. Machines are given JSON."""
    for words in WRONG:
        said = looked.run(*words)
        for_machines = looked.run(*words, "--json")

        assert (said.code, for_machines.code) == (2, 2), (words, said.err)
        assert said.err.strip(), words
        assert (said.out, for_machines.out) == ("", ""), words
        error = json.loads(for_machines.err)["error"]
        assert set(error) == {"what", "so", "to_mend", "to_fix", "exit_code"}
        assert (error["exit_code"], error["to_fix"]) == (2, error["to_mend"]), words
        assert error["what"], words


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["findings", "--severity", "hihg"], "the nearest is high"),
        (["findings", "--status", "unknwon"], "the nearest is unknown"),
        (["controls", "--state", "failling"], "the nearest is failing"),
        (["permissions", "plaid"], "the nearest is played"),
        (["controls", "show", "8.55"], "the nearest is 8.5"),
        (["evidence-request", "answer", "8.5-x", "--by", "Ann, head", "--reviewed-by", "Bob"], "the nearest is 8.5-"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest_and_a_short_list(
    looked: Company, words: list[str], nearest: str
) -> None:
    """A list of ninety names hides the one that was meant."""
    fix = json.loads(looked.run(*words, "--json").err)["error"]["to_fix"]

    assert nearest in fix
    assert len(fix) < 400


def test_there_is_nothing_to_go_on_with_before_a_first_scan(company: Company) -> None:
    """It is the caller's mistake."""
    assert company.run("scan", "--resume").code == 2


def test_a_wrong_configuration_ends_with_3(company: Company) -> None:
    """What, and what to do."""
    company.write("[sorces]\n")
    error = json.loads(company.run("scan", "--json").err)["error"]

    assert error["exit_code"] == 3
    assert error["what"].endswith("config.toml:1: sorces: there is no such key")
    assert error["to_fix"].startswith("the nearest is sources")


def test_a_configuration_that_names_nothing_to_look_at_ends_with_3(company: Company) -> None:
    """Zero sources read well would look like a clean scan."""
    company.write("")

    assert company.run("scan").code == 3


@pytest.mark.parametrize("order", [("--json", "scan"), ("scan", "--json")])
def test_common_options_stand_before_the_command_or_after_it(company: Company, order: tuple[str, str]) -> None:
    """They mean the same."""
    company.write("[sorces]\n")
    said = company.run(*order)

    assert (said.code, said.out) == (3, "")
    assert json.loads(said.err)["error"]["exit_code"] == 3


def test_no_error_brings_a_platforms_control_characters_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Error texts quote what platforms say, and platforms say what their users typed."""
    monkeypatch.setitem(COMMANDS, "status", "tests.played.failing:defect")
    main(["status"])

    compare("cli/endings/no-error-brings-a-platforms-control-characters-to-the", capsys.readouterr().err)


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


def piped(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Give a line to a shell, with the exit code of annexd itself."""
    line = words.replace("annexd", ANNEXD)
    return subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["checks", "checks --json", "--help", "connectors"])
def test_a_full_disk_behind_stdout_is_told_and_is_no_defect(tmp_path: Path, command: str) -> None:
    """What was printed is cut off; the store is not affected."""
    done = piped(f"annexd {command} > /dev/full", tmp_path)

    assert done.returncode == 74
    assert "stdout could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("command", ["checks", "checks --json"])
def test_a_reader_that_went_away_ends_it_quietly(tmp_path: Path, command: str) -> None:
    """`| head -1` is how people look at the first line."""
    done = piped(f"annexd {command} | true", tmp_path)

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("module", ["typer", "collector.cli.program", "collector.cli.terminal.session", "msgspec"])
def test_ctrl_c_while_annexd_is_still_being_loaded_is_quiet(tmp_path: Path, module: str) -> None:
    """In the first tenth of a second as at any other time."""
    code = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from collector.cli.main import main\n"
        "sys.exit(main(['checks']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
