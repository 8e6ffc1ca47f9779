"""`annexd help`, `config example` and `deploy`: what a person without the repository reads."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from collector.cli.main import main
from collector.cli.setup.plain_markdown import show_markdown
from collector.cli.setup.shipped_files import DEPLOY, topics
from collector.cli.terminal.page import Page

ROOT = Path(__file__).parents[2]
GLOSSARY = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[1:]


def test_every_page_of_the_documentation_is_a_topic(capsys: pytest.CaptureFixture[str]) -> None:
    """A page that is in no list is found by nobody."""
    assert main(["help", "--json"]) == 0
    listed = {topic["name"]: topic["title"] for topic in json.loads(capsys.readouterr().out)["topics"]}

    assert set(listed) == {path.stem for pages in ("*.md", "connectors/*.md") for path in (ROOT / "docs").glob(pages)}
    assert all(listed.values())


@pytest.mark.parametrize("topic", sorted(topics()))
def test_a_page_is_plain_text_and_no_word_of_it_is_lost(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Headings, tables, lists and code, without the marks of Markdown."""
    assert main(["help", topic]) == 0
    out = capsys.readouterr().out
    text = topics()[topic].read_text()

    assert not re.search(r"^(#|```)|\]\([^()\s]+\)", out, re.MULTILINE)
    for heading in re.findall(r"^#+ ([\w :;,'-]+)$", text, re.MULTILINE):
        assert heading in out
    words = re.findall(r"[A-Za-z]{4,}", re.sub(r"\]\([^)]*\)|^```.*$|^\|[-| ]+$", "", text, flags=re.MULTILINE))
    shown = re.sub(r"\s+", "", out)
    assert [word for word in dict.fromkeys(words) if word not in shown] == []


def test_a_page_on_a_narrow_terminal_stays_inside_it(capsys: pytest.CaptureFixture[str]) -> None:
    """But for code, which is to be copied."""
    import io

    out = io.StringIO()
    show_markdown(
        "# A\n\nSome words that go on and on.\n\n- an item that is long\n\n| a | b |\n|---|---|\n| c | d |\n",
        Page(out, width=20),
    )

    assert max(map(len, out.getvalue().splitlines())) <= 20
    assert capsys.readouterr().out == ""


def test_a_topic_that_there_is_not_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """As everywhere."""
    assert main(["help", "glosary"]) == 2
    assert "glossary" in capsys.readouterr().err


def test_the_glossary_is_in_order_and_each_word_has_a_sentence_or_two() -> None:
    """Whoever looks a word up finds it by its letters."""
    names = [name.strip() for name, _ in GLOSSARY]

    assert len(names) > 80
    assert names == sorted(names, key=str.lower)
    assert len(set(names)) == len(names)
    assert [name for name, meaning in GLOSSARY if not re.fullmatch(r".+[.]", meaning.strip())] == []
    assert [name for name, meaning in GLOSSARY if meaning.count(". ") > 2] == []


@pytest.mark.parametrize(
    "label", ["Open deviations", "Not established", "Records missing", "Evidence on file", "SoA", "IPE"]
)
def test_the_glossary_has_the_labels_of_controls(label: str) -> None:
    """They are on every page."""
    assert label in {name.strip() for name, _ in GLOSSARY}


def test_the_example_configuration_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """And can be read as TOML."""
    assert main(["config", "example"]) == 0
    out = capsys.readouterr().out

    assert out == (ROOT / "config.example.toml").read_text()
    assert tomllib.loads(out)


@pytest.mark.parametrize(("kind", "file"), DEPLOY.items())
def test_a_deployment_is_printed_as_it_is(kind: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """To be copied, or as JSON with the name of the file."""
    assert main(["deploy", kind]) == 0
    assert capsys.readouterr().out == (ROOT / "deploy" / file).read_text()
    assert main(["deploy", kind, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file_name"] == file
