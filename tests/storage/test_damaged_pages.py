"""Pages of a file that lead back to earlier ones: the proof ends all the same."""

from __future__ import annotations

from typing import Any, Self, cast

import pytest

from collector.core.errors import VerificationError
from storage.verifying.blob_check import _PAGE, _pages


class Circle:
    """A database whose rows begin anew, as SQLite reads them from a tree whose inner page was doubled."""

    def exec_driver_sql(self, *_: object) -> Self:
        """Take any statement."""
        return self

    def fetchall(self) -> list[tuple[int, bytes]]:
        """Give the same rows, whatever was asked for."""
        return [(number, b"") for number in range(1, _PAGE + 1)]


def test_rows_that_come_again_end_the_proof() -> None:
    """A doubled page once kept a proof busy for half an hour, until somebody ended it."""
    seen = _pages(cast("Any", Circle()), "SELECT")

    with pytest.raises(VerificationError, match=f"row 1 comes after row {_PAGE}: the pages of the file are out of"):
        list(seen)
