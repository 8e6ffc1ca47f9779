"""The documents: links that lead somewhere, decisions in order, fragments that the changelog will take."""

import re
from pathlib import Path

import pytest

from collector.setup import loading

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "docs", ROOT / "deploy", ROOT / "changelog.d")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in folder.rglob("*.md"))])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md")


def name(path: Path) -> str:
    """A document's place in the repository."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    """A reader who follows a dead link stops trusting the rest."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    """A missing number looks like a decision that was taken away."""
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_a_decision_has_its_form(decision: Path) -> None:
    """Without status, options and consequences it is a note, not a decision."""
    text = decision.read_text()
    number = decision.name[:4]

    assert text.startswith(f"# {number}. ")
    assert re.search(rf"^- Status: (proposed|accepted|superseded by (?!{number})\d{{4}})$", text, re.MULTILINE)
    assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Consequences"]


def test_every_decision_is_listed() -> None:
    """The list is where people look first."""
    text = (ROOT / "docs" / "adr" / "README.md").read_text()
    listed = re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", text, re.MULTILINE)

    assert listed == [path.name for path in DECISIONS]


def test_every_changelog_fragment_is_taken() -> None:
    """A fragment with a name of its own making would silently be left out of the release notes."""
    odd = [
        path.name
        for path in FRAGMENTS
        if not re.fullmatch(r"\+[\w-]+\.(added|changed|fixed|removed|security)\.md", path.name)
    ]

    assert odd == []


def test_the_readme_counts_the_checks_that_there_are() -> None:
    """A person chooses by this table, and an auditor holds us to it."""
    rows = re.findall(
        r"^\| \[`(\w+)`\]\(docs/connectors/\w+\.md\) \| .* \| (\d+) \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )

    assert {name: int(count) for name, count in rows} == {
        name: len(loading.connector(name).checks) for name in loading.builtin()
    }
