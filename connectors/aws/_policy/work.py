"""A bound on the work for one question: others write policies, and one may be made so that an answer takes hours."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 250_000


class TooMuch(Exception):
    """The steps of a question are used up."""


@dataclass
class Work:
    """The steps that are left: a step is a statement looked at, a value tried or compared, some microseconds.

    Counted, and not timed, so that a policy has the same verdict on every machine.
    """

    left: int = MOST_STEPS
    most: int = MOST_STEPS

    def take(self, steps: int = 1) -> None:
        """Take some steps. Raises TooMuch where they are not left; from then on none are."""
        self.left = max(self.left - steps, 0)
        if not self.left:
            raise TooMuch

    @property
    def ended(self) -> bool:
        """Whether the steps are used up, so that what was asked is not decided."""
        return not self.left

    @property
    def question(self) -> str:
        """What is left open, as the question of an effect."""
        return f"whether more than the {self.most:,} steps that annexd takes for one policy find a request that gets in"
