"""What a platform has published about the texts in its answers, which are no company's and may stay in a recording."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Words = Callable[[str], str]
"""Returns a text with each of its words replaced by an invented one, the same for the same word."""


def _no_shape(_text: str, _words: Words) -> str | None:
    return None


@dataclass(frozen=True)
class Published:
    """The texts of one operation that are the platform's own. Whatever is not named here is replaced in a recording.

    `keys` are the keys of objects; without any, all that look like an identifier are taken for the platform's.
    `constants` are whole values by their key, `patterns` what whole values at a key match, and `anywhere` whole values
    at any key. `shaped` returns a text of a shape that the platform defines, such as an ARN: the platform's words as
    they are, and what is not the platform's through `words`; None for any other text.
    """

    keys: frozenset[str] = frozenset()
    constants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()
    shaped: Callable[[str, Words], str | None] = _no_shape

    def is_constant(self, text: str, key: str) -> bool:
        """Whether a whole text at a key is the platform's own."""
        if text in self.anywhere or text in self.constants.get(key, ()):
            return True
        pattern = self.patterns.get(key)
        return pattern is not None and pattern.fullmatch(text) is not None


def unpublished(_operation: str) -> Published:
    """Return what is known of the answers of a platform that no description is given of: nothing."""
    return Published()
