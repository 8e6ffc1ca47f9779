"""The compression dictionary of bodies: what bodies of platforms have in common, so that short ones compress well.

It was trained on the made-up bodies of `annexd demo`, and never on those of a company: a piece of a body that is erased
must not live on in it. A compressed body names the number of its dictionary, and can be decompressed only with exactly
its bytes; a body without a number needs none.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import zstandard

from collector.core.errors import StoreError

NUMBER = 32_769
"""What a compressed body calls it; smaller numbers are reserved, and larger ones than 65,535 take four bytes."""

LEVEL = 3  # level 19 is ten times slower for three per cent

_FILE = Path(__file__).with_name(f"bodies-{NUMBER}.zdict")
_SHA256 = "09a4b17af1b16cc416e19f18fc3df249c10b35f88edc2aac0b4122a2a3f5e7c0"


@lru_cache(maxsize=1)
def body_dictionary() -> zstandard.ZstdCompressionDict:
    """Return the dictionary, ready to compress with. Raises StoreError where its file is not what was shipped."""
    try:
        data = _FILE.read_bytes()
    except OSError as error:
        raise _unusable(f"it cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise _unusable("it is not the one that annexd was shipped with")
    dictionary = zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_FULLDICT)
    dictionary.precompute_compress(level=LEVEL)
    return dictionary


def _unusable(why: str) -> StoreError:
    return StoreError(
        f"the dictionary of bodies, {_FILE.name}: {why}",
        so="no body can be stored or read",
        mend="install annexd again",
    )
