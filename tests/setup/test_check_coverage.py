"""The coverage file of a connector: what is taken, and what is refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.core.errors import ConfigError
from collector.setup.check_coverage import CheckCoverage, load_check_coverage


def test_a_file_says_what_was_shown_and_why_the_rest_was_not(tmp_path: Path) -> None:
    """Three tables, none of which is required."""
    file = tmp_path / "coverage.toml"
    file.write_text(
        '[unlinked]\na_b_c = "no control asks for it"\n[never.a_b_c]\nfail = "it has no limit"\n'
        '[shown]\na_b_c = ["pass", "unknown"]\n'
    )

    assert load_check_coverage(file) == CheckCoverage(
        shown={"a_b_c": ("pass", "unknown")},
        never={"a_b_c": {"fail": "it has no limit"}},
        unlinked={"a_b_c": "no control asks for it"},
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[shown\n", "coverage.toml"),
        ('[shown]\na = ["passed"]\n', "Invalid enum value 'passed'"),
        ("[seen]\n", "unknown field `seen`"),
        ('[never.a]\nnothing = "x"\n', "Invalid enum value 'nothing'"),
    ],
)
def test_a_mistake_is_told_with_the_file(tmp_path: Path, text: str, words: str) -> None:
    """A verdict under a misspelt name would count as not shown, or as shown."""
    file = tmp_path / "coverage.toml"
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        load_check_coverage(file)

    assert words in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The connector names it, so it was left out of the package."""
    with pytest.raises(ConfigError, match=r"none\.toml: the coverage of checks cannot be read"):
        load_check_coverage(tmp_path / "none.toml")
