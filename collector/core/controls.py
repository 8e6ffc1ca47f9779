"""Controls of a framework version: what technical evidence can show, evidence requests, and the mapped checks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

NonEmptyStr = Annotated[str, Meta(pattern=r"\S")]
"""Text that has at least one character other than white space."""

Period = Annotated[str, Meta(pattern=r"^[1-9][0-9]*(d|w|mo|y)$")]
"""How often a record is due: `90d`, `2w`, `12mo`, `3y`."""

Role = Literal["customer", "provider"]
"""The roles that ISO/IEC 27017 addresses; the other frameworks have no roles."""

EditionStanding = Literal["current", "reported withdrawn", "history only"]
"""Whether a framework version is still in use; "reported" because only secondary sources say that it is withdrawn."""


class Strength(StrEnum):
    """How much weight a check has for a control."""

    DIRECT = "direct"  # tests something that the control itself asks for: a fail is an open deviation
    SUPPORTING = "supporting"  # makes the control more or less plausible: neither establishes nor fails it
    CONTEXTUAL = "contextual"  # background for the reader, no weight


class Shows(StrEnum):
    """How much of a control technical evidence can show at best."""

    CONFIGURATION = "configuration"  # its technical substance
    PART = "part"  # some of it
    NONE = "none"  # nothing: only records of people show it


class AskKind(StrEnum):
    """The kind of record that an evidence request asks for."""

    POLICY = "policy"  # an approved, dated and owned document that says what is to be done
    RECORD = "record"  # a trace that it was done
    REVIEW = "review"  # a dated review of whether it is still right, by a named person
    SUPPLIER_REPORT = "supplier-report"  # what an auditor of the supplier wrote


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One evidence request: a record that people have to file, because no configuration shows it."""

    id: NonEmptyStr
    kind: AskKind
    text: NonEmptyStr
    every: Period | None = None  # None: due when the occasion arises, not by the calendar
    role: Role | None = None  # None: asked of every role that the control addresses
    same_as: NonEmptyStr | None = None  # the request that this one repeats, of another control or framework version
    instead_of: tuple[str, ...] = ()  # checks whose work another tool does, once this is on file: nobody owes it else

    @property
    def owed(self) -> str:
        """The id under which the record is owed once, however many controls and framework versions ask for it."""
        return self.same_as or self.id


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mapping of one check to one control: its strength, and why."""

    strength: Strength
    because: NonEmptyStr
    role: Role | None = None  # None: counts for every role that the control addresses
    company_rule: tuple[str, ...] = ()  # lists of the check that the company has to have stated for a direct link


class Control(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One control of a framework version. Only identifier and title are the framework's own; other text is annexd's."""

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
    attributes: Mapping[str, tuple[str, ...]] = {}  # of ISO/IEC 27002:2022, by name: their values

    def asked(self, role: Role | None = None) -> tuple[Ask, ...]:
        """Return the evidence requests of a role that have to be answered, in the order of the file."""
        return tuple(ask for ask in self.asks if ask.role in (None, role) and not ask.instead_of)

    def other_tools(self, role: Role | None = None) -> tuple[Ask, ...]:
        """Return the evidence requests that say, once answered, that another tool does what a check looks for."""
        return tuple(ask for ask in self.asks if ask.role in (None, role) and ask.instead_of)

    def linked(self, strength: Strength, role: Role | None = None) -> tuple[str, ...]:
        """Return the ids of the checks mapped with this strength in a role, in the order of the file."""
        return tuple(
            check for check, link in self.checks.items() if link.strength is strength and link.role in (None, role)
        )


class Framework(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a framework, as one mapping file holds it."""

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
