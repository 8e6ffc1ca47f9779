"""For whom a demand holds, and of whom it is not made: everybody beside every application, client and platform.

Two policies that are narrowed in different ways may make a demand together; one alone leaves a gap by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.entra.sign_in.conditions import CLIENTS, PLATFORMS
from connectors.entra.sign_in.effective import OTHER_APPLICATIONS, Rule, Sure, Who

_MOST_NAMED = 10


@dataclass
class Some:
    """People with what is said of them: how many, and the first of them."""

    number: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, label: str, what: str) -> None:
        """Count somebody."""
        self.number += 1
        if len(self.first) < _MOST_NAMED:
            self.first.append(f"{label} ({what})")

    def __str__(self) -> str:
        rest = f" and {self.number - len(self.first)} more" if self.number > len(self.first) else ""
        return ", ".join(self.first) + rest


@dataclass
class Coverage:
    """For whom a demand holds: who is exempt, of whom it is not made, and of whom that is not decided."""

    exempt: list[str] = field(default_factory=list)
    missing: Some = field(default_factory=Some)
    undecided: Some = field(default_factory=Some)
    accounts_alone: bool = True
    """Whether only single accounts are in `missing`: those that policies leave out one by one, or by a group."""


@dataclass(frozen=True)
class Signing:
    """What of a sign-in a demand is about."""

    clients: tuple[str, ...] = CLIENTS
    platforms: tuple[str, ...] = PLATFORMS
    applications_exempt: frozenset[str] = frozenset()


def coverage(
    rules: Sequence[Rule], people: Iterable[Who], exempt: frozenset[str], signing: Signing | None = None
) -> Coverage:
    """Return for whom the demand that each of these rules makes holds. `exempt` are ids and roles of whom it need not.

    The rules are those that make the demand; what else they do is not looked at.
    """
    about = signing or Signing()
    found = Coverage()
    alike: dict[tuple[Sure, ...], tuple[str, str]] = {}
    for who in people:
        if (who.id and who.id.lower() in exempt) or (not who.id and who.roles and who.roles <= exempt):
            found.exempt.append(who.label)
            continue
        surely = tuple(rule.is_about(who) for rule in rules)
        if surely not in alike:
            alike[surely] = _gaps(rules, surely, about)
        missing, undecided = alike[surely]
        if missing and not who.is_certain:
            found.undecided.add(who.label, f"{missing}, and whether there are any is not read")
        elif missing:
            found.missing.add(who.label, missing)
            found.accounts_alone &= bool(who.id) and _left_out(rules, who, surely)
        elif undecided:
            found.undecided.add(who.label, undecided)
    return found


def _left_out(rules: Sequence[Rule], who: Who, surely: Sequence[Sure]) -> bool:
    """Whether somebody is left out of a policy that includes them, not merely included nowhere."""
    return any(
        rule.includes(who) is Sure.YES and sure is not Sure.YES for rule, sure in zip(rules, surely, strict=True)
    )


def _gaps(rules: Sequence[Rule], surely: Sequence[Sure], about: Signing) -> tuple[str, str]:
    """Return what is not demanded of, and what is not surely; empty texts where everything is."""
    concerned = [(rule, sure) for rule, sure in zip(rules, surely, strict=True) if sure]
    missing: dict[str, set[tuple[str, str]]] = defaultdict(set)
    undecided: set[str] = set()
    for application in _applications(rules) - about.applications_exempt:
        for client in about.clients:
            for platform in about.platforms:
                perhaps, narrowed, holds = [], [], False
                for rule, sure in concerned:
                    found = min(
                        sure,
                        rule.is_about_application(application),
                        rule.is_about_client(client),
                        rule.is_about_platform(platform),
                    )
                    if not found:
                        continue
                    if rule.conditions.narrowed_by:
                        narrowed.append(rule)
                    elif found is Sure.YES and not rule.is_doubtful:
                        holds = True
                        break
                    else:
                        perhaps.append(rule)
                if holds:
                    continue
                # Two that are narrowed in different ways may hold together; one alone leaves a gap by itself.
                if perhaps or len(narrowed) > 1:
                    undecided |= {rule.name for rule in (*perhaps, *narrowed)}
                else:
                    missing[application].add((client, platform))
    if missing:
        return _words(missing, about), ""
    return "", f"it depends on {', '.join(sorted(undecided))}" if undecided else ""


def _applications(rules: Sequence[Rule]) -> set[str]:
    """Return the applications that policies for all leave out, and one that stands for all others."""
    names = {OTHER_APPLICATIONS}
    for rule in rules:
        if rule.conditions.applications is not None:
            names |= set(rule.conditions.applications.exclude_applications)
    return names


def _words(missing: dict[str, set[tuple[str, str]]], about: Signing) -> str:
    whole = len(about.clients) * len(about.platforms)
    if all(len(cells) == whole for cells in missing.values()) and OTHER_APPLICATIONS in missing:
        return "no policy"
    parts = []
    for application in sorted(missing):
        cells = missing[application]
        clients, platforms = {client for client, _ in cells}, {platform for _, platform in cells}
        words = [application]
        if len(clients) < len(about.clients):
            words.append(f"by {', '.join(sorted(clients))}")
        if len(platforms) < len(about.platforms):
            words.append(f"on {', '.join(sorted(platforms))}")
        parts.append(" ".join(words))
    return f"not for {'; '.join(parts)}"
