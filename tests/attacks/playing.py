"""Play edits, each on a copy of its own, and say which were found, are listed, or were missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import DBAPIError

from tests.attacks.edit import Edit
from tests.attacks.listed import why_not
from tests.attacks.row_edits import NothingThereError
from tests.attacks.targets import Original, Target


@dataclass
class Played:
    """The names of the edits, by what became of them. `impossible`: the database refuses it, or nothing changes."""

    found: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


def play(original: Original, edits: Iterable[Edit[Target]], most: int) -> Played:
    """Play edits until so many were possible. Whatever `verify` raises that is not an answer is raised."""
    played = Played()
    for edit in edits:
        if len(played.found) + len(played.listed) + len(played.missed) >= most:
            break
        with original.copy() as copy:
            try:
                edit.apply(copy)
            except (sqlite3.Error, psycopg.Error, DBAPIError, NothingThereError):
                played.impossible.append(edit.name)
                continue
            if copy.refused():
                played.found.append(edit.name)
            elif why_not(edit.name) is not None:
                played.listed.append(edit.name)
            else:
                played.missed.append(edit.name)
    return played
