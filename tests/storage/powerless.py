"""A file system that forgets: whatever was not synced may be lost, in part or whole, when the power goes.

SQLite runs on it through apsw, with the settings of the store and the very statements of a real scan. What reaches the
disk is the synced state and any part of the rest: each write whole, torn at a sector, or not at all. Names in folders
are not reordered, and what was said to be synced is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
_NAMES = count(1)


@dataclass
class Play:
    """What was done to the files, in order, and how far it was when each commit was acknowledged."""

    steps: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    fail_sync: int = 0
    syncs: int = 0

    def did(self, name: str, act: str, at: int = 0, data: bytes = b"") -> None:
        """Note one step; the sync that is to fail does."""
        if act == "sync":
            self.syncs += 1
            if self.syncs == self.fail_sync:
                raise apsw.IOError("the disk did not take it")
        self.steps.append((Path(name).name, act, at, data))


class _Files(apsw.VFS):
    def __init__(self, play: Play) -> None:
        self.name = f"powerless{next(_NAMES)}"
        self.play = play
        super().__init__(self.name, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802  SQLite's name
        """Open a file; one without a name is SQLite's own, and goes with the process."""
        return _File(self.play, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  SQLite's name
        """Remove a file."""
        self.play.did(filename, "delete")
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, play: Play, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self.play = play
        self.known = None if name is None else name if isinstance(name, str) else name.filename()
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  SQLite's name
        """Write, and note it."""
        if self.known is not None:
            self.play.did(self.known, "write", offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  SQLite's name
        """Cut off, and note it."""
        if self.known is not None:
            self.play.did(self.known, "truncate", newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802  SQLite's name
        """Note that everything before is on disk; nothing needs to be."""
        if self.known is not None:
            self.play.did(self.known, "sync", flags)


def play(path: Path, statements: Sequence[str], *, synchronous: str = "FULL", fail_sync: int = 0) -> Play:
    """Run the statements on the database at `path`, and return what that did to the files."""
    done = Play(fail_sync=fail_sync)
    files = _Files(done)
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags, vfs=files.name)
    try:
        # Exclusive, because shared memory is not played; a small log, so that it is worked off again and again.
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "wal_autocheckpoint = 40"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        for statement in statements:
            connection.execute(statement).fetchall()
            if statement == "COMMIT":
                done.commits.append(len(done.steps))
    except apsw.IOError:
        # As the store does: after an error of the disk nothing more is written.
        pass
    finally:
        steps = list(done.steps)
        # Closing works the log off, which may fail as well; after an error nothing of that is acknowledged.
        with suppress(apsw.IOError):
            connection.close()
        done.steps = steps
        files.unregister()
    return done


class Disk:
    """What is on disk for sure, and what is on its way there."""

    def __init__(self, start: dict[str, bytes]) -> None:
        self.synced = {name: bytearray(data) for name, data in start.items()}
        self.waiting: dict[str, list[tuple[str, int, bytes]]] = {}

    def take(self, name: str, act: str, at: int, data: bytes) -> None:
        """Let one step happen."""
        if act == "sync":
            for write in self.waiting.pop(name, []):
                _apply(self.synced, name, *write)
        elif act == "delete":
            self.waiting.pop(name, None)
            self.synced.pop(name, None)
        else:
            self.waiting.setdefault(name, []).append((act, at, data))

    def cut(self, dice: random.Random) -> dict[str, bytearray]:
        """Return what somebody finds who switches the power on again."""
        found = {name: bytearray(data) for name, data in self.synced.items()}
        share = dice.random()
        for name, steps in self.waiting.items():
            for act, at, data in steps:
                if dice.random() < share:
                    continue
                kept = data
                if act == "write" and len(data) > SECTOR and dice.random() < 0.3:
                    kept = data[: SECTOR * dice.randrange(1, len(data) // SECTOR + 1)]
                _apply(found, name, act, at, kept)
        return found


def _apply(files: dict[str, bytearray], name: str, act: str, at: int, data: bytes) -> None:
    file = files.setdefault(name, bytearray())
    if act == "truncate":
        del file[at:]
        file.extend(bytes(at - len(file)))
    else:
        file.extend(bytes(max(0, at - len(file))))
        file[at : at + len(data)] = data


def cuts(
    start: dict[str, bytes], done: Play, number: int, dice: random.Random
) -> Iterator[tuple[int, dict[str, bytearray]]]:
    """Yield how many commits were acknowledged when the power went, and what was found afterwards."""
    wanted = sorted(dice.randrange(len(done.steps) + 1) for _ in range(number))
    disk, at = Disk(start), 0
    for cut in wanted:
        while at < cut:
            disk.take(*done.steps[at])
            at += 1
        yield sum(1 for commit in done.commits if commit <= cut), disk.cut(dice)
