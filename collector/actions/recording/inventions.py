"""Invented texts in the place of real ones: the same for the same, of the same format, and different for different."""

from __future__ import annotations

import ipaddress
import re
from random import Random, SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
INVENTED = re.compile(rf"(?i)(?:[{_CONSONANTS}][{_VOWELS}]){{3,5}}x")
"""Each invented word: syllables and an x, such as lumotax, so that a reader sees that it is none of theirs."""

_V4 = tuple(ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
"""Addresses for documentation: https://www.rfc-editor.org/rfc/rfc5737"""
_V6 = ipaddress.ip_network("2001:db8::/32")
"""The same for IPv6: https://www.rfc-editor.org/rfc/rfc3849"""

_TRIES = 1000
_EVERYBODY = {"0.0.0.0", "::"}  # noqa: S104  no address to listen on: it stands for everybody


class Inventions:
    """The invented texts of one recording. It keeps the real ones in memory only; not for several threads."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or SystemRandom()
        self._made: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()

    def count(self, kind: str) -> int:
        """Return how many different real texts of a kind were replaced: word, number, hex, uuid, address, secret."""
        return sum(made_kind == kind for made_kind, _ in self._made)

    def replaced_words(self) -> frozenset[str]:
        """Return the real words that were replaced, in lower case."""
        return frozenset(real for kind, real in self._made if kind == "word")

    def word(self, real: str) -> str:
        """Return the word for a word: in capitals, with a first capital, or small, as that is."""
        made = self._invent("word", real.lower(), self._syllables)
        if real.isupper():
            return made.upper()
        return made if real.islower() else made.capitalize()

    def number(self, real: str) -> str:
        """Return digits for digits, as many, with a zero at the front only where there was one."""

        def digits() -> str:
            first = "0" if real.startswith("0") else self._random.choice("123456789")
            return first + "".join(self._random.choice("0123456789") for _ in real[1:])

        return self._invent("number", real, digits)

    def hexadecimal(self, real: str) -> str:
        """Return hexadecimal digits for such digits, as many, in the same letter case."""
        made = self._invent("hex", real.lower(), lambda: f"{self._random.getrandbits(4 * len(real)):0{len(real)}x}")
        return made.upper() if real.isupper() else made

    def uuid(self, real: str) -> str:
        """Return a UUID for a UUID."""
        made = self._invent("uuid", real.lower(), lambda: f"{self._random.getrandbits(128):032x}")
        made = "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:]))
        return made.upper() if real.isupper() else made

    def address(self, real: str) -> str:
        """Return a documentation address for an IP address or network; everybody (0.0.0.0/0, ::/0) stays.

        The address of a network has no bit below its mask, as in the real one. Raises ValueError for any other text.
        """
        host, _, mask = real.partition("/")
        parsed = ipaddress.ip_address(host)
        if host in _EVERYBODY:
            return real
        made = self._invent("address", str(parsed), self._v4 if parsed.version == 4 else self._v6)  # noqa: PLR2004  IPv4
        if not mask:
            return made
        network = ipaddress.ip_network(f"{made}/{mask}", strict=False)
        is_network = ipaddress.ip_network(real, strict=False).network_address == parsed
        return str(network) if is_network else f"{made}/{mask}"

    def secret(self, real: str) -> str:
        """Return one word that says it was a secret, whatever that looked like."""
        return "secret-" + self._invent("secret", real, self._syllables)

    def _syllables(self) -> str:
        count = self._random.choice((3, 3, 4))
        return "".join(self._random.choice(_CONSONANTS) + self._random.choice(_VOWELS) for _ in range(count)) + "x"

    def _v4(self) -> str:
        return str(self._random.choice(_V4)[self._random.randrange(1, 255)])

    def _v6(self) -> str:
        return str(_V6[self._random.getrandbits(80)])

    def _invent(self, kind: str, real: str, make: Callable[[], str]) -> str:
        known = self._made.get((kind, real))
        if known is not None:
            return known
        made = make()
        # Short numbers and IPv4 run out: then two real ones share an invented one, which is told nobody.
        for _ in range(_TRIES):
            if (kind, made) not in self._taken and made != real:
                break
            made = make()
        self._taken.add((kind, made))
        self._made[kind, real] = made
        return made
