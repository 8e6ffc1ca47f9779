"""Whether an observation can be read again once it is written: the record is never made of what cannot be."""

from __future__ import annotations

import msgspec

from collector.core.canonical import encode
from collector.core.tasks import Observation


def why_unreadable(observation: Observation) -> str | None:
    """Return why an observation could not be read from the record again; None where it can.

    A connector tells the wire what was answered, and nothing checks its types there: a request's id that is a number
    would be written as one, and end every later reading of the record.
    """
    try:
        msgspec.json.decode(encode(msgspec.to_builtins(observation)), type=Observation)
    except Exception as error:  # noqa: BLE001  whatever is in it, it is the connector's
        return f"what the connector says of its calls cannot be written down: {type(error).__name__}: {error}"
    return None
