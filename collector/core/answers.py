"""How sure it is that a platform answers a call as a connector reads it."""

from __future__ import annotations

from enum import StrEnum


class AnswerBasis(StrEnum):
    """What the answers that a connector is tested with are based on, from the surest to the least sure."""

    LIVE = "live"
    """The platform itself has answered the call, in a run that somebody has written down."""

    RECORDED = "recorded"
    """Tests play an answer that was recorded from the platform, without names and secrets."""

    EXAMPLE = "example"
    """Tests play an example that the vendor publishes."""

    DESCRIBED = "described"
    """Tests play an answer that was made after the vendor's description; nobody has seen the platform give it."""
