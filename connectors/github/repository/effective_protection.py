"""The protection in force for a branch: rulesets of organization and repository, and classic branch protection.

GitHub applies all of them together: of each demand the strictest layer holds. A person who may bypass one layer is
still bound by the others, and is exempt from a demand only if every layer that makes it may be bypassed.
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec import field as field_of

ADMINISTRATORS = "repository administrators"
OWNERS = "organization owners"

# The ids of GitHub's own repository roles.
_ROLES = {2: "role maintain", 4: "role write", 5: ADMINISTRATORS}


class Rule(Struct, frozen=True, kw_only=True):
    """One rule that is in force for the branch, with the ruleset that it comes from."""

    type: str
    ruleset_id: int | None = None  # GitHub documents all three as optional
    ruleset_source: str | None = None
    ruleset_source_type: str | None = None
    parameters: dict[str, Any] = {}  # left out for rules that need none


class BypassActor(Struct, frozen=True, kw_only=True):
    """An actor on the bypass list of a ruleset."""

    actor_type: str
    actor_id: int | None = None  # null for actors of which there is one
    bypass_mode: str = "always"

    def named(self) -> str:
        """Return a text for the actor; with the id where GitHub gives no name."""
        match self.actor_type:
            case "OrganizationAdmin":
                return OWNERS
            case "RepositoryRole":
                return _ROLES.get(self.actor_id or 0, f"role {self.actor_id}")
            case "DeployKey":
                return "deploy keys"
            case "EnterpriseOwner":
                return "enterprise owners"
            case _:
                return f"{self.actor_type.lower()} {self.actor_id}"


class Ruleset(Struct, frozen=True, kw_only=True):
    """A ruleset (`GET /repos/{owner}/{repo}/rulesets/{ruleset_id}`)."""

    id: int
    name: str
    enforcement: str
    bypass_actors: tuple[BypassActor, ...] | None = None  # None: not shown to this credential


class ProtectionSwitch(Struct, frozen=True, kw_only=True):
    """A setting of classic protection that is on or off."""

    enabled: bool


class NamedActor(Struct, frozen=True, kw_only=True):
    """A user by login, a team or an app by slug."""

    login: str | None = None
    slug: str | None = None

    def named(self, kind: str) -> str:
        """Return a text for the actor: its kind and its login or slug."""
        return f"{kind} {self.login or self.slug}"


class Allowances(Struct, frozen=True, kw_only=True):
    """Actors that need no pull request under classic protection."""

    users: tuple[NamedActor, ...] = ()
    teams: tuple[NamedActor, ...] = ()
    apps: tuple[NamedActor, ...] = ()

    def names(self) -> Iterator[str]:
        """Name all of them."""
        for kind, actors in (("user", self.users), ("team", self.teams), ("app", self.apps)):
            yield from (actor.named(kind) for actor in actors)


class BranchActor(Struct, frozen=True, kw_only=True):
    """A user, a team or an app, as GraphQL shows it."""

    kind: str = field_of(name="__typename")
    login: str | None = None
    slug: str | None = None


class ForcePushAllowance(Struct, frozen=True, kw_only=True):
    """One who may force push; GitHub shows no actor where it was deleted, or may not be seen."""

    actor: BranchActor | None


class ForcePushAllowances(Struct, frozen=True, kw_only=True):
    """The first hundred who may force push although not everybody may (`bypassForcePushAllowances`)."""

    total: int = field_of(name="totalCount")
    nodes: tuple[ForcePushAllowance, ...]

    def names(self) -> Iterator[str]:
        """Name them, and how many more there are."""
        shown = [node.actor for node in self.nodes if node.actor is not None]
        for actor in shown:
            yield f"{actor.kind.lower()} {actor.login or actor.slug}"
        if self.total > len(shown):
            yield f"{self.total - len(shown)} more who are not shown"


class ReviewRequirements(Struct, frozen=True, kw_only=True):
    """What classic protection demands of a pull request; GitHub leaves out what was never set."""

    dismiss_stale_reviews: bool
    require_code_owner_reviews: bool
    required_approving_review_count: int = 0
    require_last_push_approval: bool = False
    bypass_pull_request_allowances: Allowances | None = None


class StatusChecks(Struct, frozen=True, kw_only=True):
    """The status checks that must have passed."""

    contexts: tuple[str, ...]


class ClassicProtection(Struct, frozen=True, kw_only=True):
    """Classic protection (`GET /repos/{owner}/{repo}/branches/{branch}/protection`); what is off may be left out."""

    required_pull_request_reviews: ReviewRequirements | None = None
    required_status_checks: StatusChecks | None = None
    enforce_admins: ProtectionSwitch = ProtectionSwitch(enabled=False)
    allow_force_pushes: ProtectionSwitch = ProtectionSwitch(enabled=False)
    allow_deletions: ProtectionSwitch = ProtectionSwitch(enabled=False)
    required_signatures: ProtectionSwitch = ProtectionSwitch(enabled=False)


@dataclass(frozen=True)
class Layer:
    """What one ruleset or classic protection demands, and who may bypass it.

    `bypass` has those who may bypass all of it; None where they are not shown. `bypass_in_pulls` may merge a pull
    request that does not meet it, and need one; `bypass_of_pulls` need none.
    """

    name: str
    pull_request: bool = False
    reviews: int = 0
    dismisses_stale: bool = False
    code_owners: bool = False
    no_force_push: bool = False
    no_deletion: bool = False
    checks: frozenset[str] = frozenset()
    signatures: bool = False
    bypass: frozenset[str] | None = field(default_factory=frozenset)
    bypass_in_pulls: frozenset[str] = frozenset()
    bypass_of_pulls: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Demand:
    """One thing that is demanded.

    `in_pulls`: of a pull request when it is merged. `of_pulls`: classic protection waives it for those who need none.
    """

    name: str
    met: Callable[[Layer], bool]
    in_pulls: bool = True
    of_pulls: bool = False

    def exempt(self, layer: Layer) -> frozenset[str] | None:
        """Return who may bypass this demand of a layer; None where it is not shown."""
        if layer.bypass is None:
            return None
        of_pulls = layer.bypass_of_pulls if self.of_pulls else frozenset()
        return layer.bypass | of_pulls | (layer.bypass_in_pulls if self.in_pulls else frozenset())


def demands(min_reviews: int) -> tuple[Demand, ...]:
    """Return what branch protection may demand, as the checks of branch protection look at it."""
    return (
        Demand("pull requests", lambda layer: layer.pull_request, in_pulls=False, of_pulls=True),
        Demand(f"approvals ({min_reviews})", lambda layer: layer.reviews >= max(1, min_reviews), of_pulls=True),
        Demand("new approvals after new commits", lambda layer: layer.dismisses_stale, of_pulls=True),
        Demand("approvals of code owners", lambda layer: layer.code_owners, of_pulls=True),
        Demand("no force pushes", lambda layer: layer.no_force_push, in_pulls=False),
        Demand("no deletion", lambda layer: layer.no_deletion, in_pulls=False),
        Demand("status checks", lambda layer: bool(layer.checks)),
        Demand("signatures", lambda layer: layer.signatures),
    )


def rule_layers(rules: Iterable[Rule], rulesets: Iterable[Ruleset] | None = None) -> list[Layer]:
    """Return a layer for each ruleset with rules in force. Without `rulesets`, `bypass` of each layer is None."""
    stored = {ruleset.id: ruleset for ruleset in rulesets or ()}
    grouped: dict[tuple[int | None, str], list[Rule]] = {}
    for rule in rules:
        name = f"ruleset {rule.ruleset_id} of {rule.ruleset_source}"
        grouped.setdefault((rule.ruleset_id, name), []).append(rule)
    layers = []
    for (number, name), layer_rules in grouped.items():
        stored_ruleset = stored.get(number) if number is not None else None
        # A ruleset that only evaluates binds nobody, whatever a list of rules says.
        if stored_ruleset is not None and stored_ruleset.enforcement != "active":
            continue
        layers.append(
            _ruleset_layer(
                f"ruleset {stored_ruleset.name}" if stored_ruleset is not None else name, layer_rules, stored_ruleset
            )
        )
    return layers


def _ruleset_layer(name: str, rules: list[Rule], stored: Ruleset | None) -> Layer:
    actors = stored.bypass_actors if stored is not None else None
    pulls = [rule.parameters for rule in rules if rule.type == "pull_request"]
    types = {rule.type for rule in rules}
    return Layer(
        name=name,
        # A merge queue takes pull requests only, and a push that goes past it is rejected.
        # https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
        pull_request=bool(pulls) or "merge_queue" in types,
        reviews=max((int(item.get("required_approving_review_count", 0)) for item in pulls), default=0),
        dismisses_stale=any(
            item.get("dismiss_stale_reviews_on_push") or item.get("require_last_push_approval") for item in pulls
        ),
        code_owners=any(item.get("require_code_owner_review") for item in pulls),
        no_force_push="non_fast_forward" in types,
        no_deletion="deletion" in types,
        checks=frozenset(_required_checks(rules)),
        signatures="required_signatures" in types,
        bypass=frozenset(item.named() for item in actors if item.bypass_mode != "pull_request")
        if actors is not None
        else None,
        bypass_in_pulls=frozenset(item.named() for item in actors or () if item.bypass_mode == "pull_request"),
    )


def _required_checks(rules: list[Rule]) -> Iterator[str]:
    """Name the status checks and the workflows that must have passed; a ruleset has a rule for each."""
    for rule in rules:
        if rule.type == "required_status_checks":
            yield from (str(item["context"]) for item in rule.parameters.get("required_status_checks", ()))
        elif rule.type == "workflows":
            yield from (f"workflow {item['path']}" for item in rule.parameters.get("workflows", ()))


def classic_layer(classic: ClassicProtection) -> Layer:
    """Return the layer of classic protection; whether some may force push although not everybody may is not in it."""
    reviews = classic.required_pull_request_reviews
    allowances = reviews.bypass_pull_request_allowances if reviews is not None else None
    return Layer(
        name="classic branch protection",
        pull_request=reviews is not None,
        reviews=reviews.required_approving_review_count if reviews is not None else 0,
        dismisses_stale=reviews is not None and (reviews.dismiss_stale_reviews or reviews.require_last_push_approval),
        code_owners=reviews is not None and reviews.require_code_owner_reviews,
        no_force_push=not classic.allow_force_pushes.enabled,
        no_deletion=not classic.allow_deletions.enabled,
        checks=frozenset(classic.required_status_checks.contexts if classic.required_status_checks is not None else ()),
        signatures=classic.required_signatures.enabled,
        bypass=frozenset() if classic.enforce_admins.enabled else frozenset({ADMINISTRATORS}),
        bypass_of_pulls=frozenset(allowances.names()) if allowances is not None else frozenset(),
    )


def merge_layers(layers: Iterable[Layer]) -> Layer:
    """Return what all layers demand together, of each demand the strictest. `bypass` of the result has no meaning."""
    layer_list = list(layers)
    return Layer(
        name=" and ".join(layer.name for layer in layer_list) or "nothing",
        pull_request=any(layer.pull_request for layer in layer_list),
        reviews=max((layer.reviews for layer in layer_list), default=0),
        # One layer that demands reviews and dismisses stale ones is enough: its reviews have to be given anew.
        dismisses_stale=any(layer.dismisses_stale for layer in layer_list),
        code_owners=any(layer.code_owners for layer in layer_list),
        no_force_push=any(layer.no_force_push for layer in layer_list),
        no_deletion=any(layer.no_deletion for layer in layer_list),
        checks=frozenset().union(*(layer.checks for layer in layer_list)),
        signatures=any(layer.signatures for layer in layer_list),
    )


@dataclass(frozen=True)
class Bypass:
    """Who may bypass every layer. `doubt` says why there may be others than `names`; None where there are none."""

    names: frozenset[str]
    doubt: str | None = None


def common_bypass(layers: Iterable[Layer], demand: Demand, allowed: Iterable[str] = ()) -> Bypass:
    """Return who may bypass a demand in all of the layers, which all make it, without the names in `allowed`."""
    layer_list = [(layer.name, demand.exempt(layer)) for layer in layers]
    bypass_sets = [_add_owners(names) for _, names in layer_list if names is not None]
    approved = _add_owners(frozenset(allowed))
    if any(not names - approved for names in bypass_sets):
        return Bypass(frozenset())
    hidden = [name for name, names in layer_list if names is None]
    if hidden:
        return Bypass(frozenset(), f"who may bypass {' and '.join(hidden)} is not shown to this credential")
    common = frozenset.intersection(*bypass_sets) - approved if bypass_sets else frozenset()
    if common:
        return Bypass(_drop_implied_owners(common))
    parts = "; ".join(f"{name}: {', '.join(sorted(names or ()))}" for name, names in layer_list)
    return Bypass(frozenset(), f"whether one person may bypass all of these cannot be seen: {parts}")


def _add_owners(names: frozenset[str]) -> frozenset[str]:
    return names | {OWNERS} if ADMINISTRATORS in names else names


def _drop_implied_owners(names: frozenset[str]) -> frozenset[str]:
    return names - {OWNERS} if ADMINISTRATORS in names else names
