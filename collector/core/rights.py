"""What platforms tell of the rights of the credential that annexd itself signs in with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct

from collector.core.resources import Body


class Rights(Struct, frozen=True, kw_only=True):
    """The rights of a credential in the words of its platform.

    `held` is None where the platform does not tell them, and then `why` says so. `beyond` are those held that nothing
    needs which annexd is to read.
    """

    held: frozenset[str] | None = None
    beyond: frozenset[str] = frozenset()
    why: str = ""


ReadRights = Callable[[Sequence[Body], frozenset[str]], Rights]
"""From the stored bodies of a kind, all those of a scope, and the permissions that are needed."""


@dataclass(frozen=True)
class OwnRights:
    """The kind of resources that tell of annexd's own rights, and how they are read."""

    kind: str
    read: ReadRights
