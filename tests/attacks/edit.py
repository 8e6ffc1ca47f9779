"""Edit: one change that somebody may make to a store or a bundle, with a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Edit(Generic[T]):
    """One change; `apply` makes it on a copy of what is attacked, which it is given."""

    name: str
    apply: Callable[[T], None]
