"""What is known of the keys of a request: fixed, absent, for the caller to choose, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """The values that a request has for a key; none: the request does not have the key."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class OneOf:
    """One of several states, by what AWS does and not by what the caller wants; which one is not documented."""

    states: tuple[Known, ...]


@dataclass(frozen=True)
class Unknown:
    """Nothing is known of the key; `decided_by` says what would decide it."""

    decided_by: str


@dataclass(frozen=True)
class Option:
    """A state that a caller may choose. `doubt`: what would have to be true of the caller; None: anybody may."""

    known: Known
    doubt: str | None = None


@dataclass(frozen=True)
class Choice:
    """A key whose value the caller chooses: one of `options`, or what `fit` makes of a text that a policy names.

    `fit` is given the text, and whether `*` and `?` in it match other text.
    """

    options: tuple[Option, ...]
    fit: Callable[[str, bool], Iterable[Option]] | None = None


KeyState = Known | OneOf | Unknown | Choice

ABSENT = Known()


@dataclass(frozen=True)
class Caller:
    """Who asks. `kind` is anonymous, account, service or federated; `name` is the service or the issuer's name.

    `account` is that of the principal. `description` is for reasons: "everyone", "the account 111122223333".
    """

    kind: str
    description: str
    account: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Request:
    """One action on one resource by one caller, with what is known of its context keys, which are in lower case.

    A key that ends with a slash stands for every key that begins so, such as the tags of the principal. `resource` is
    None for policies whose statements have no resource, such as the trust policy of a role. `holder`: whether the
    policies are the caller's own, so that their statements name no principal. `otherwise` is what is known of every
    other key; None: nothing.
    """

    caller: Caller
    action: str
    resource: str | None
    keys: Mapping[str, KeyState] = field(default_factory=dict)
    holder: bool = False
    otherwise: KeyState | None = None

    def on(self, resource: str | None) -> Request:
        """Return the same request on another resource."""
        return Request(self.caller, self.action, resource, self.keys, self.holder, self.otherwise)

    def state(self, key: str) -> KeyState:
        """Return what is known of a key in lower case."""
        state = self.keys.get(key)
        if state is None and "/" in key:
            state = self.keys.get(key[: key.index("/") + 1])
        if state is None and ":" in key:
            state = self.keys.get(key[: key.rindex(":") + 1])
        state = self.otherwise if state is None else state
        return Unknown(f"what AWS gives for the key {key}") if state is None else state
