"""What can go wrong, in one tree.

AnnexdError                     exit
  UsageError                      2   a command was given a name or word that there is not
  ConfigError                     3   names file, key, value, and the values that would do
  ConnectorError                  4   Denied, NotSignedIn, NotThere, NotUsed (no retry);
                                      Unavailable, RateLimited (retry); Unexpected
  StoreError                      5   the run stops: evidence that cannot be kept was not collected
  VerificationError               6   the first difference, with both digests

Halted                          ends a task from inside, on purpose: Stopped (Ctrl-C), DeadlinePassed
Unread                          raised by a view when a check touches what could not be read
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import timedelta


class AnnexdError(Exception):
    """An error with two parts for people: what happened, and what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, so: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.so = so
        self.mend = mend

    def lines(self) -> list[str]:
        """The message as a person reads it, one line a part."""
        lines = [self.what]
        if self.so:
            lines.append(f"  so       {self.so}")
        if self.mend:
            lines.append(f"  to fix   {self.mend}")
        return lines


class UsageError(AnnexdError):
    """A command was given something that there is not, such as the name of no source."""

    exit_code = 2


class ConfigError(AnnexdError):
    """A file of the user's that cannot be taken as it is."""

    exit_code = 3


class ConnectorError(AnnexdError):
    """A platform did not give what was asked for. `code` is the platform's own word for it."""

    exit_code = 4

    def __init__(
        self, what: str, *, code: str | None = None, retry_after: timedelta | None = None, so: str = "", mend: str = ""
    ) -> None:
        super().__init__(what, so=so, mend=mend)
        self.code = code
        self.retry_after = retry_after


class Denied(ConnectorError):
    """The identity may not read this; asking again will not help."""


class NotSignedIn(Denied):
    """The credential itself is not taken: mistyped, expired or revoked. Another one mends it, and no permission."""


class NotThere(ConnectorError):
    """By the platform's own word there is nothing to read: it is off, outside the plan, or gone. No right mends it."""


class NotUsed(NotThere):
    """By the platform's documented word what is listed cannot exist here: its API is off in this project.

    A list that ends with it is SKIPPED, and its set is empty. A feature outside the plan is NotThere, not this.
    """


class Unavailable(ConnectorError):
    """The platform could not answer now."""


class RateLimited(ConnectorError):
    """The platform asked us to slow down, and went on asking after the retries."""


class Unexpected(ConnectorError):
    """The answer is not what the platform documents: wrong type, HTML, endless pages."""


def permission_helps(error: BaseException | None) -> bool:
    """Whether granting what a call needs may mend an error, as far as the error says: advice has to be true."""
    return isinstance(error, Denied) and not isinstance(error, NotSignedIn)


class StoreError(AnnexdError):
    """Evidence could not be kept; the run stops."""

    exit_code = 5


class VerificationError(AnnexdError):
    """Something is not as it was recorded; says the first difference."""

    exit_code = 6


class Halted(Exception):
    """A task is to end now, from inside whatever call it is in."""


class Stopped(Halted):
    """The run was asked to end, by Ctrl-C, SIGTERM or a store that failed."""


class DeadlinePassed(Halted):
    """The task has used the time it may use."""


class Unread(Exception):
    """A check touched something that could not be read; carries the reason for the verdict."""
