"""Read the rows of a SELECT some at a time, on every database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_PAGE = 1_000  # rows that are fetched at a time


@contextmanager
def streaming(connection: Connection, statement: str, values: tuple[Any, ...] = ()) -> Iterator[Iterable[Any]]:
    """Yield an iterable of the rows of a SELECT; the cursor is closed at the end of the block."""
    with connection.exec_driver_sql(statement, values, execution_options={"yield_per": _PAGE}) as rows:
        yield rows


def stream(connection: Connection, statement: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Return an iterator of the rows of a SELECT; the cursor stays open until it is exhausted."""
    return iter(connection.exec_driver_sql(statement, values, execution_options={"yield_per": _PAGE}))
