"""`python -m collector.contract NAME`: the suite over one connector; further arguments go to pytest unchanged."""

from __future__ import annotations

import importlib.util
import sys

from collector.contract.harness import harness_of
from collector.core.errors import AnnexdError, UsageError


def main(words: list[str]) -> int:
    """Run the suite and return pytest's exit code, or 2 where no connector is named or known, or pytest is missing."""
    try:
        if not words or words[0].startswith("-"):
            raise UsageError("name a connector", mend="python -m collector.contract NAME [words for pytest]")
        if importlib.util.find_spec("pytest") is None:
            raise UsageError(
                "the contract suite needs the package pytest, which is not installed",
                mend="pip install 'annexd[contract]'",
            )
        harness_of(words[0])
    except AnnexdError as error:
        sys.stderr.write("\n".join(error.lines()) + "\n")
        return error.exit_code
    import pytest  # noqa: PLC0415  it need not be installed

    # The package is imported before pytest can rewrite its assertions, which none of its modules needs.
    quiet = ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*quiet, "--pyargs", "collector.contract", "--connector", *words]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
