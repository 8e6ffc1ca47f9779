"""What a connector raises or says, whatever it is, as an Exception and as text: no error of one may end the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_LONGEST = 20_000
"""Characters of a message that are looked at; far fewer are kept."""


def as_exception(error: BaseException) -> Exception:
    """Return an error that is none of Exception's, such as a cancelled coroutine or `sys.exit`, as Unexpected.

    Who raises such a thing in a thread of the engine's ends a task, and not the program.
    """
    return error if isinstance(error, Exception) else Unexpected(f"the connector raised {named(error)}")


def words_of(said: object) -> str:
    """Return a message as text, also where it is none or cannot say what it is."""
    try:
        return str(said)[:_LONGEST]
    except Exception as error:  # noqa: BLE001  anything can be in an error of somebody else's
        return f"a {type(said).__name__} that cannot be shown ({type(error).__name__})"


def named(error: BaseException) -> str:
    """Return an error as its type and its message."""
    return f"{type(error).__name__}: {words_of(error)}"


def explained(error: Exception, explain: Callable[[Exception], ConnectorError | None]) -> ConnectorError | None:
    """Return the ConnectorError of a platform's error, None where the connector does not know it.

    An error inside `explain` itself, and an explanation that is none, are returned as Unexpected.
    """
    if isinstance(error, ConnectorError):
        return error
    try:
        said: object = explain(error)
    except BaseException as second_error:  # noqa: BLE001  a connector that breaks over an error ends its task, not the run
        return Unexpected(f"{type(error).__name__}, which the connector cannot explain: {named(second_error)}")
    if said is None or isinstance(said, ConnectorError):
        return said
    return Unexpected(f"{named(error)}, which the connector explains by a {type(said).__name__}")


def is_code(error: ConnectorError | None, codes: frozenset[str]) -> bool:
    """Return whether the platform's word in an error is one of these codes."""
    code: object = None if error is None else error.code
    return isinstance(code, str) and code in codes


def each(listed: Iterable[Any]) -> Generator[Any, None, None]:
    """Yield what a collection lists; closing it closes the generator of the connector. Raises Exceptions only."""
    items: Any = iter(listed)
    try:
        while True:
            # Around this one step only, so that GeneratorExit of whoever closes this generator is left alone.
            try:
                item = next(items)
            except StopIteration:
                return
            except BaseException as error:
                raise as_exception(error) from error
            yield item
    finally:
        if hasattr(items, "close"):
            items.close()
