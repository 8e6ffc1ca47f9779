"""What docs/extending.md makes when it is followed: a package, and the folder of a company that uses it.

`python -m tests.extending.guide` writes the fixture again; the tests compare it with what the guide says today.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from collector.cli.setup.new_command import write_package

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "extending.md"
PACKAGE = "annexd-acme"
COMPANY = "company"


def blocks(language: str) -> list[str]:
    """Return the code blocks of the guide that are written in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def block(language: str, word: str) -> str:
    """Return the one code block that has a word in it. Raises ValueError where there is none, or more than one."""
    (found,) = [text for text in blocks(language) if word in text]
    return found


def follow(folder: Path) -> None:
    """Do in a folder what the guide says, in its order."""
    package = folder / PACKAGE
    write_package("acme", package)
    source = package / "src" / "annexd_acme"
    _append(source / "connector.py", block("python", "KEYS ="))
    _replace(source / "connector.py", "import Cursor, Errors, Http", "import Cursor, Errors, Http, OnePage")
    _append(source / "checks.py", block("python", '"acme_key_rotated"'))
    _replace(source / "checks.py", "import Policy, User", "import Key, Policy, User")
    _replace(source / "_harness.py", "import ME, POLICY,", "import KEYS, ME, POLICY,")
    for diff in blocks("diff"):
        lines = diff.splitlines()
        old = [line[1:] for line in lines if line[:1] in {" ", "-"}]
        new = [line[1:] for line in lines if line[:1] in {" ", "+"}]
        _replace(source / "_harness.py", "\n".join(old), "\n".join(new))
    company = folder / COMPANY
    _write(company / "checks" / "people.py", block("python", '"acme_user_named_in_lower_case"'))
    _write(company / "checks" / "code.py", block("python", '"github_repo_not_a_fork"'))
    _write(company / "frameworks" / "house_1.toml", block("toml", "[[control]]"))
    heads = ("[sources.acme]", "[checks]", "[frameworks]", "[[links]]")
    _write(company / "config.toml", "\n".join(block("toml", head) for head in heads))


def files(folder: Path) -> dict[str, str]:
    """Return the text of every file of the package and the company below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for top in (PACKAGE, COMPANY)
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and path.suffix in {".md", ".py", ".toml"}
    }


def _append(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text('utf-8')}\n\n{text}", "utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name}: {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new), "utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    for made in (PACKAGE, COMPANY):
        shutil.rmtree(HERE / made, ignore_errors=True)
    follow(HERE)
