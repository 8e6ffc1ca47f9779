"""Controls of a framework edition: what technical evidence shows of them, what people are asked, which checks speak."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

NonEmptyStr = Annotated[str, Meta(pattern=r"\S")]
"""Text for people, never blank."""

Period = Annotated[str, Meta(pattern=r"^[1-9][0-9]*(d|w|mo|y)$")]
"""How often a record is due: `90d`, `2w`, `12mo`, `3y`."""

Role = Literal["customer", "provider"]
"""Whom ISO/IEC 27017 addresses; the other frameworks have no roles."""

EditionStanding = Literal["current", "reported withdrawn", "history only"]
"""Whether an edition is still assessed; "reported" because the sources of that are secondary."""


class Strength(StrEnum):
    """How much weight a check has for a control."""

    DIRECT = "direct"  # tests something that the control itself asks for: a fail is an open deviation
    SUPPORTING = "supporting"  # makes the control more or less plausible: neither establishes nor fails it
    CONTEXTUAL = "contextual"  # background for the reader, no weight


class Shows(StrEnum):
    """What technical evidence can show of a control at all, with the best of checks."""

    CONFIGURATION = "configuration"  # its technical substance
    PART = "part"  # something real, but not the whole of it
    NONE = "none"  # nothing: it lives in the records of people


class AskKind(StrEnum):
    """What kind of record people are asked for."""

    POLICY = "policy"  # an approved, dated and owned document that says what is to be done
    RECORD = "record"  # a trace that it was done
    REVIEW = "review"  # a dated look at whether it is still right, by a named person
    SUPPLIER_REPORT = "supplier-report"  # what an auditor of the supplier wrote


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record that an auditor asks people for, because no configuration holds it."""

    id: NonEmptyStr
    kind: AskKind
    text: NonEmptyStr
    every: Period | None = None  # None: due when the occasion arises, not by the calendar
    role: Role | None = None  # None: asked of every role that the control addresses


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one check says about one control, and why."""

    strength: Strength
    because: NonEmptyStr
    role: Role | None = None  # None: counts for every role that the control addresses


class Control(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement of one edition, by identifier and title; every other word is ours."""

    id: NonEmptyStr
    title: NonEmptyStr
    theme: NonEmptyStr
    shows: Shows
    cannot: NonEmptyStr  # what the reader must not conclude from technical evidence
    asks: tuple[Ask, ...]
    checks: Mapping[str, Link] = {}
    roles: tuple[Role, ...] = ()  # empty: addressed to everyone; two roles are two rows with two states
    confidence: str | None = None  # None: as sure as the whole file; else what is not certain about this entry
    derived_from: tuple[str, ...] = ()  # controls of other editions that its words and links are taken from

    def asked(self, role: Role | None = None) -> tuple[Ask, ...]:
        """The records asked of this role."""
        return tuple(ask for ask in self.asks if ask.role in (None, role))

    def linked(self, strength: Strength, role: Role | None = None) -> tuple[str, ...]:
        """The checks that speak with this strength for this role, in the order of the file."""
        return tuple(
            check for check, link in self.checks.items() if link.strength is strength and link.role in (None, role)
        )


class Framework(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edition of a framework, as one mapping file gives it."""

    id: NonEmptyStr
    name: NonEmptyStr
    edition: NonEmptyStr
    title: NonEmptyStr
    status: EditionStanding
    confidence: NonEmptyStr  # how sure the identifiers and titles are
    amendments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    soa: bool = True  # its controls are decided in a statement of applicability
    controls: tuple[Control, ...] = field(name="control")  # [[control]] in the file
