"""Stdout that says clearly when it takes no more, and is quiet when whoever read it went away."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from collector.core.errors import AnnexdError
from collector.core.streams import discard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer


class StdoutError(AnnexdError):
    """Stdout could not be written, such as on a full disk. The code is EX_IOERR of sysexits.h."""

    exit_code = 74


class ReaderGone(AnnexdError):
    """Whoever read stdout has closed it, such as `head -1`. The code is 128 + SIGPIPE, as a shell reports it."""

    exit_code = 141


class _Stdout(io.FileIO):
    """The file of stdout, with errors of annexd's own: the others are those of files, sockets and databases."""

    def write(self, data: Buffer, /) -> int:
        """Write bytes. Raises StdoutError and ReaderGone; after that, what is still to come goes nowhere."""
        try:
            return super().write(data) or 0
        except BrokenPipeError as error:
            discard(self.fileno())
            raise ReaderGone("whoever read stdout went away") from error
        except OSError as error:
            discard(self.fileno())
            raise StdoutError(
                f"stdout could not be written: {error.strerror}",
                so="what was printed is not complete; the store is not affected by that",
                mend="make room where stdout goes, or send it elsewhere, and give the command again",
            ) from error


@contextmanager
def guarded_stdout() -> Iterator[None]:
    """Put a stdout with clear errors in place for as long as a command runs, and write it out at the end."""
    plain = sys.stdout
    try:
        number = plain.fileno()
    except (OSError, ValueError, AttributeError):
        yield  # captured, or closed: there is no file behind it
        return
    plain.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Stdout(number, "wb", closefd=False)),
        encoding=plain.encoding,
        errors=plain.errors,
        line_buffering=plain.isatty(),
    )
    try:
        yield
        sys.stdout.flush()
    finally:
        sys.stdout = plain
