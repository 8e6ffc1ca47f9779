"""`annexd demo`: the first thing that a stranger sees."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from collector.cli.demo import demo_command
from collector.cli.demo.demo_page import screen, show_demo
from collector.cli.demo.demo_progress import DemoProgress
from collector.cli.main import main
from collector.demo.bundle import verified_without_annexd
from tests.golden import compare

if TYPE_CHECKING:
    from collector.demo.views import DemoView
    from tests.demo.demo_run import DemoRun

DOCUMENT = Path(__file__).parents[2] / "docs" / "demo.md"


class Terminal(io.StringIO):
    """Text output whose `isatty` is true."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def printed(shape: DemoView, out: io.StringIO) -> list[str]:
    """Return the lines that the demo prints."""
    show_demo(shape, screen(out))
    return out.getvalue().splitlines()


def test_it_is_one_screen(demo_run: DemoRun) -> None:
    """Who sees it for the first time reads one screen, and not four hundred lines; paths are as long as they are."""
    lines = printed(demo_run.shape, io.StringIO())

    assert len(lines) <= 40
    shown = [line.replace(str(demo_run.folder), "/some/annexd-demo-abcdefgh") for line in lines]
    assert max(len(line) for line in shown) <= 80


def test_it_says_what_it_always_says(demo_run: DemoRun) -> None:
    """A better sentence is a change of a golden file, which somebody reads."""
    looked = replace(demo_run.shape.looked, requests=10_000, seconds=40.0)
    text = "\n".join(printed(replace(demo_run.shape, looked=looked), io.StringIO())) + "\n"
    text = text.replace(str(demo_run.folder), "FOLDER")
    text = re.sub(r"\b(ami|snap|sg)-[0-9a-f]+", r"\1-0", text)
    compare("demo", re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id of a key>", text))


def test_it_needs_no_colour_and_has_no_green(demo_run: DemoRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a colour says is said in words too, and nothing says that all is well."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    coloured = "\n".join(printed(demo_run.shape, Terminal()))

    assert re.sub(r"\x1b\[\d+m", "", coloured) == "\n".join(printed(demo_run.shape, io.StringIO()))
    assert "\x1b[31m" in coloured
    assert "\x1b[32m" not in coloured
    assert "%" not in coloured


def test_the_same_is_given_as_data(demo_run: DemoRun) -> None:
    """Machines are told what people are told."""
    shape = demo_run.shape
    states = {theme.theme.split()[0]: theme.states for theme in shape.themes}

    assert (shape.looked.times, shape.looked.collections) == (13, 892)
    assert shape.looked.requests > 9000
    assert {theme: sum(counts.values()) for theme, counts in states.items()} == {
        "Organizational": 37, "People": 8, "Physical": 14, "Technological": 34,
    }  # fmt: skip
    assert states["Organizational"]["evidenced"] == states["People"]["evidenced"] == 1
    assert [finding.severity for finding in shape.worst] == ["critical"] * 5
    assert len({finding.check for finding in shape.worst}) == 5
    assert {finding.source for finding in shape.worst} <= {"acme", "code"}
    assert {finding.scope[0] for finding in shape.worst} <= {"222233334444", "111122223333", "acme"}
    assert [not_seen.permission for not_seen in shape.not_seen] == [
        "sts:AssumeRole", "read_api, administrator of the instance", "config:DescribeConfigurationRecorders",
    ]  # fmt: skip
    assert (shape.best.id, shape.best.status, shape.best.records) == ("5.1", "evidenced", 3)
    assert shape.bundle.verified is True
    assert shape.bundle.said.startswith("PASS")


def test_what_is_accepted_still_fails_and_is_not_among_the_worst(
    demo_run: DemoRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception covers the public web site, and changes no verdict."""
    capsys.readouterr()
    main(["-c", str(demo_run.config), "--json", "findings", "--status", "fail"])
    found = json.loads(capsys.readouterr().out)["findings"]
    public = {finding["subject"] for finding in found if finding["check"] == "aws_s3_bucket_not_public"}

    assert public == {"acme-prod-uploads", "acme-prod-www"}
    assert "acme-prod-www" not in {finding.subject for finding in demo_run.shape.worst}


def test_each_command_that_it_names_works_as_it_is_typed(demo_run: DemoRun, capsys: pytest.CaptureFixture[str]) -> None:
    """The first thing that a newcomer types is copied from here."""
    assert len(demo_run.shape.next) == 3
    for command in demo_run.shape.next:
        annexd, *words = shlex.split(command)

        assert annexd == "annexd"
        assert main(words) == 0
        assert capsys.readouterr().out


def test_each_command_of_its_document_works(demo_run: DemoRun, capsys: pytest.CaptureFixture[str]) -> None:
    """What the document says to try is tried here first."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("FOLDER", str(demo_run.folder))
    commands = [line.partition(" #")[0] for line in text.splitlines() if line.startswith("annexd -c ")]

    codes = {command: main(shlex.split(command)[1:]) for command in commands}

    capsys.readouterr()
    assert len(codes) == 17
    assert {command for command, code in codes.items() if code > 1} == set()  # 1: it found what there is to be done


def test_the_bundle_is_there_to_be_opened_and_verified(demo_run: DemoRun) -> None:
    """Unpacked it is the same bundle as packed; and one that was changed is called so."""
    bundle = demo_run.shape.bundle
    unpacked, key = demo_run.folder / "bundle", Path(bundle.key)
    script = unpacked / "verify" / "verify.py"

    assert "<html" in Path(bundle.page).read_text(encoding="utf-8")
    assert verified_without_annexd(script, unpacked, key)[0] is True
    page = Path(bundle.page)
    whole = page.read_bytes()
    try:
        page.write_bytes(whole.replace(b"<html", b"<HTML", 1))
        assert verified_without_annexd(script, unpacked, key)[0] is False
    finally:
        page.write_bytes(whole)


def test_the_python_that_verifies_has_no_annexd() -> None:
    """What is said of the verification is true."""
    completed = subprocess.run([sys.executable, "-I", "-S", "-c", "import collector"], capture_output=True, check=False)

    assert completed.returncode == 1


def test_it_leaves_everything_else_as_it_was(demo_run: DemoRun) -> None:
    """The user's own credentials are neither used nor lost, and none of the made-up ones are written down."""
    assert demo_run.environment_kept
    assert "AWS_SECRET_ACCESS_KEY" not in demo_run.config.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["demo"], ["demo", "--json"]])
def test_the_command_prints_lines_or_data(
    words: list[str],
    demo_run: DemoRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing else is on stdout, and off a terminal nothing is on stderr."""
    asked: list[Path] = []

    def made_in(folder: Path) -> DemoView:
        asked.append(folder)
        return demo_run.shape

    monkeypatch.setattr(demo_command, "made_in", made_in)

    assert main([*words, "--dir", str(tmp_path / "new")]) == 0

    output = capsys.readouterr()
    assert asked == [tmp_path / "new"]
    assert output.err == ""
    if "--json" in words:
        assert json.loads(output.out)["schema"] == "annexd.demo/1"
    else:
        assert output.out.splitlines() == printed(demo_run.shape, io.StringIO())


def test_progress_clears_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal one line is written over again and again, and is gone in the end; elsewhere there is none."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        with DemoProgress(out) as progress:
            progress.say("Looked 1 of 13 times, last on a day in the autumn")

    assert terminal.getvalue().startswith("\r\x1b[2KLooked 1 of 13 times")
    assert terminal.getvalue().endswith("\r\x1b[2K")
    assert "\n" not in terminal.getvalue()
    assert file.getvalue() == ""


def test_the_demo_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder may hold somebody's evidence."""
    (tmp_path / "config.toml").write_text("mine")

    assert main(["demo", "--dir", str(tmp_path)]) == 3
    assert "is not empty" in capsys.readouterr().err


def test_without_its_extra_the_demo_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What answers as AWS is large, and nobody's server needs it."""
    monkeypatch.setattr("collector.cli.demo.demo_command._NEEDED", ("a_package_that_is_not_there",))

    assert main(["demo"]) == 3
    output = " ".join(capsys.readouterr().err.split())
    assert "pipx install --force 'annexd[demo]'" in output
    assert "pip install 'annexd[demo]'" in output


@pytest.mark.parametrize(
    ("program", "on_path", "typed"),
    [
        (".venv/bin/annexd", None, ".venv/bin/annexd"),
        ("bin/annexd", "bin/annexd", "annexd"),
        ("pytest", None, "annexd"),
    ],
)
def test_commands_are_printed_as_they_can_be_typed(
    program: str, on_path: str | None, typed: str, demo_run: DemoRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a clone annexd is not on PATH, and a first command that is not found ends the acquaintance."""
    monkeypatch.setattr("shutil.which", lambda _name: on_path)

    shown = demo_command.as_called(demo_run.shape, program).next

    assert [command.split(" -c ")[0] for command in shown] == [typed] * len(demo_run.shape.next)
