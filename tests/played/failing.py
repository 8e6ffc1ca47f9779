"""Commands that end in one way each."""

from __future__ import annotations

from collector.core.errors import StoreError, VerificationError


def verification() -> None:
    """Something is not as it was recorded."""
    raise VerificationError("leaf 7 differs: a1 recorded, b2 found", mend="restore the store")


def store() -> None:
    """Evidence could not be kept."""
    raise StoreError("the disk is full")


def defect() -> None:
    """Break as only a defect does."""
    raise ZeroDivisionError("division of \x1b[31mevidence")


def interrupted() -> None:
    """Be ended by Ctrl-C."""
    raise KeyboardInterrupt
