"""What somebody implements to let annexd keep copies of checkpoints where nobody can take them back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"(?P<size>[0-9]{12,})-(?P<root>[0-9a-f]{64})\.txt")


class CopyName(NamedTuple):
    """What the name of a copy says that is in it: the number of log entries, and the log hash over them."""

    size: int
    root: str

    def __str__(self) -> str:
        return f"{self.size:012}-{self.root}.txt"


def copy_name(name: str) -> CopyName | None:
    """Return what the name of a file says, None where it is not one that annexd gives."""
    found = _NAME.fullmatch(name)
    said = None if found is None else CopyName(int(found["size"]), found["root"])
    return said if str(said) == name else None  # a number has one name, so that no copy counts twice


class CheckpointCopies(Protocol):
    """A folder, or what is like one, in a place outside. One place is of one store.

    Each method raises StoreError with what happened and what to do where the place is away or refuses; each request
    answers or fails within some seconds.
    """

    def keep(self, name: str, text: str) -> None:
        """Keep a text under a name. What was kept first under that name stays, whatever it is."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names of all that was ever kept and can still be read, deletion markers notwithstanding."""
        ...

    def read(self, name: str) -> str:
        """Return what was kept first under a name; at most 1 MB."""
        ...

    def lasting(self) -> str | None:
        """Return why what is kept could be deleted or replaced, as far as the place tells; None where it cannot."""
        ...
