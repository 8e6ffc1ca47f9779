"""The tests in two processes: every test runs once, and what fails is told as by one process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.side_by_side import Modules

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there are the tests run in two processes")


def handed_out(modules: Modules, *workers: int) -> list[int | None]:
    """Ask for a test for each of these workers in turn."""
    return [modules.next_for(worker) for worker in workers]


def test_a_worker_stays_in_its_module_and_then_helps_the_other() -> None:
    """What a module's tests share is made once, as long as there is something else to do."""
    modules = Modules(["a", "a", "b", "a", "a"], frozenset())

    assert handed_out(modules, 0, 1, 0, 1, 0, 1, 0) == [0, 2, 1, 3, 4, None, None]


def test_what_is_slow_to_make_comes_first_and_is_never_shared() -> None:
    """Else it is made twice, or everybody waits for it in the end."""
    modules = Modules(["a", "slow", "slow", "a"], frozenset({"slow"}))

    assert handed_out(modules, 0, 1, 1, 1, 0, 0) == [1, 0, 3, None, 2, None]


def run(folder: Path, *words: str, **files: str) -> tuple[int, str]:
    """Run test files side by side in a folder of their own; return the code and what is printed."""
    folder = folder / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(f"import os, time, pytest\n{text}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.side_by_side", "-c", folder / "pytest.ini", "-p", "no:randomly", *words, folder],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_each_test_runs_once_in_one_of_two_processes(tmp_path: Path) -> None:
    """A test that nobody ran would count as passed."""
    note = f"    open({str(tmp_path / 'ran')!r}, 'a').write(f'{{os.getpid()}} {{n}}\\n'); time.sleep(0.05)"
    many = f"@pytest.mark.parametrize('n', range(6))\ndef test_it(n):\n{note}"

    code, printed = run(tmp_path, a=many, b=many)

    ran = [line.split() for line in (tmp_path / "ran").read_text().splitlines()]
    assert code == 0, printed
    assert "12 passed" in printed
    assert sorted(n for _, n in ran) == sorted([*"012345"] * 2)
    assert len({pid for pid, _ in ran}) == 2


def test_a_failure_is_told_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    """The code is that of pytest, and so is the report."""
    fails = "def test_bad():\n    print('a word')\n    assert 1 + 1 == 3"
    held = "@pytest.fixture(scope='session')\ndef held():\n    yield\n    raise OSError('the end')"

    code, printed = run(
        tmp_path,
        a=fails,
        b=f"{held}\ndef test_it(held): pass",
        c="def test_good(): pass\ndef test_skip(): pytest.skip('no')",
    )

    assert code == 1, printed
    assert "1 failed, 2 passed, 1 skipped, 1 error" in printed
    for part in ("assert (1 + 1) == 3", "a word", "the end"):
        assert part in printed


def test_a_process_that_dies_fails_the_run(tmp_path: Path) -> None:
    """Its tests have not run, and nothing may look as if they had."""
    code, printed = run(tmp_path, a="def test_dies(): os._exit(0)", b="def test_good(): pass")

    assert code == 2, printed
    assert "ended by itself" in printed
    assert "test_dies" in printed


@pytest.mark.parametrize(("words", "code"), [(("-k", "nothing"), 5), (("--collect-only",), 0), (("-x",), 1)])
def test_arguments_are_those_of_pytest(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    """`make test ARGS=...` is for whatever somebody needs."""
    assert run(tmp_path, *words, a="def test_bad(): assert False", b="def test_good(): pass")[0] == code
