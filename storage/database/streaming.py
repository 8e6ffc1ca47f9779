"""Long answers, some rows at a time, on every database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_PAGE = 1_000  # rows that are fetched at a time


@contextmanager
def streaming(connection: Connection, statement: str, values: tuple[Any, ...] = ()) -> Iterator[Iterable[Any]]:
    """Hand out the rows of a SELECT, and let the server forget what was not fetched when that is over."""
    with connection.exec_driver_sql(statement, values, execution_options={"yield_per": _PAGE}) as rows:
        yield rows


def stream(connection: Connection, statement: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield the rows of a SELECT; the server keeps what was not fetched yet."""
    return iter(connection.exec_driver_sql(statement, values, execution_options={"yield_per": _PAGE}))
