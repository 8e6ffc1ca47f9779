"""People: what a stored account says of whose it is, and what a kind may declare of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct

from collector.core.people import AccountBy, AccountType, Person, PersonValues, is_redacted, person_values
from collector.core.redaction import Redact, Redactor
from collector.core.resources import kind_of, resource

KEY = b"the key of one store"
FINGERPRINT = Redactor(KEY).fingerprint
MAIL = Redact("profile.mail", keep="domain")


def values(person: Person, body: dict[str, Any], *redact: Redact, unread: tuple[str, ...] = ()) -> PersonValues:
    """What is told of a body that was redacted by the rules."""
    return person_values(person, redact, Redactor(KEY, redact).apply(body), FINGERPRINT, unread)


def test_an_account_says_whose_it_is() -> None:
    """Every field from its own path, the mail address as a fingerprint."""
    person = Person(
        id="id",
        name="login",
        mail="profile.mail",
        subject="sso.sub",
        account=AccountBy("type", {"Human": AccountType.PERSON}),
        last_use=("last", "events.at"),
    )
    body = {
        "id": 7,
        "login": "ann",
        "type": "Human",
        "profile": {"mail": "ann@acme.example"},
        "sso": {"sub": "00u1"},
        "last": "2026-02-27T09:00:00+01:00",
        "events": [{"at": 1772179200000}, {"at": 1772000000000}],
    }

    assert values(person, body, MAIL) == PersonValues(
        id="7",
        name="ann",
        mail=FINGERPRINT("ann@acme.example"),
        subject=FINGERPRINT("00u1"),
        account=AccountType.PERSON,
        last_use=datetime(2026, 2, 27, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize("keep", ["nothing", "domain", "last4"])
def test_a_subject_is_the_same_whether_it_is_redacted_or_not(keep: Any) -> None:
    """One platform's immutable id is what another calls the subject."""
    plain = values(Person(subject="sub"), {"sub": "0123456789abcdef"})
    redacted = values(Person(subject="a.sub"), {"a": {"sub": "0123456789abcdef"}}, Redact("a.sub", keep=keep))

    assert plain.subject == redacted.subject == FINGERPRINT("0123456789abcdef")


@pytest.mark.parametrize("length", ["", "16 "])
def test_a_replacement_of_either_form_is_read(length: str) -> None:
    """Before its third version redaction did not say how long an address was, and such bodies are kept for years."""
    mark = f"[redacted profile.mail {length}{FINGERPRINT('ann@acme.example')}]@acme.example"
    seen = person_values(Person(mail="profile.mail"), (MAIL,), {"profile": {"mail": mark}}, FINGERPRINT)

    assert seen.mail == FINGERPRINT("ann@acme.example")


@pytest.mark.parametrize("body", [{}, {"profile": None}, {"profile": {}}, {"profile": {"mail": None}}])
def test_what_the_platform_does_not_say_is_none(body: dict[str, Any]) -> None:
    """Nobody has no fingerprint: two accounts without an address are not one person."""
    assert values(Person(mail="profile.mail"), body, MAIL) == PersonValues()
    assert values(Person(mail="profile.mail"), {"profile": {"mail": ""}}, MAIL).mail is None


def test_what_could_not_be_read_is_told_apart_from_what_is_not_there() -> None:
    """An account that was not read is no account that was never used."""
    person = Person(name="login", last_use=("last", "events.at"))

    assert values(person, {"login": "ann", "events": []}, unread=("last",)).unread == ("last_use",)
    assert values(person, {"login": "ann", "events": []}).unread == ()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-27T08:00:00Z", datetime(2026, 2, 27, 8, tzinfo=UTC)),
        ("2026-02-27T08:00:00", datetime(2026, 2, 27, 8, tzinfo=UTC)),
        ("2026-02-27", datetime(2026, 2, 27, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("no_information", None),
        ("N/A", None),
        ("yesterday!", None),
        (True, None),
        (None, None),
    ],
)
def test_times_of_use_are_read_as_platforms_write_them(text: object, moment: datetime | None) -> None:
    """A word for "never" is no time."""
    assert values(Person(last_use=("last",)), {"last": text}).last_use == moment


def test_a_word_for_the_type_of_account_that_is_not_known_is_none() -> None:
    """A new kind of robot is not a person until somebody has said so."""
    person = Person(account=AccountBy("type", {"User": AccountType.PERSON}))

    assert values(person, {"type": "Robot"}).account is None
    assert values(person, {}).account is None
    assert values(Person(account=AccountType.GUEST), {}).account is AccountType.GUEST


def test_a_text_that_should_be_redacted_and_is_not_is_an_error() -> None:
    """It would be joined with nothing, and nobody would notice."""
    with pytest.raises(ValueError, match="without a mark"):
        person_values(Person(mail="mail"), (Redact("mail"),), {"mail": "ann@acme.example"}, FINGERPRINT)


def test_a_platform_cannot_write_a_fingerprint_of_somebody_else() -> None:
    """A subject that is not redacted is only text, whatever it looks like."""
    forged = f"[redacted mail {FINGERPRINT('ann@acme.example')}]"

    assert values(Person(subject="sub"), {"sub": forged}).subject != FINGERPRINT("ann@acme.example")
    assert values(Person(mail="mail"), {"mail": forged}, Redact("mail")).mail != FINGERPRINT("ann@acme.example")


@pytest.mark.parametrize(
    ("path", "rule", "expected"),
    [
        ("mail", "mail", True),
        ("profile.mail", "profile", True),
        ("profile.mail", "*.mail", True),
        ("profile.mail", "mail", False),
        ("profile", "profile.mail", False),
        ("mails", "mail", False),
    ],
)
def test_a_path_is_redacted_by_its_own_rule_or_by_one_around_it(path: str, rule: str, expected: bool) -> None:
    """As the redactor itself sees it."""
    body: Any = "ann@acme.example"
    for step in reversed(path.split(".")):
        body = {step: body}
    clean = repr(Redactor(KEY, (Redact(rule),)).apply(body))

    assert is_redacted(path, (Redact(rule),)) is expected
    assert ("ann@" not in clean) is expected


class Profile(Struct):
    """What is inside an account."""

    mail: str | None = None


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (Person(mail="profile.mail"), "profile.mail is personal, and no rule redacts it"),
        (Person(id="id.number"), "id has nothing below it, so id.number is not there"),
        (Person(name="profile"), "name: profile is an object"),
        (Person(last_use=("seen", "profile")), "last_use: profile is an object"),
        (Person(account=AccountBy("id.type", {})), "account: id has nothing below it"),
    ],
)
def test_a_path_that_cannot_be_right_is_refused_where_it_is_written(person: Person, words: str) -> None:
    """Else it would be found out when a leaver is missed."""

    class Account(Struct):
        id: str
        profile: Profile | None = None

    with pytest.raises(TypeError) as caught:
        resource("made.account", key="id", person=person)(Account)

    assert words in str(caught.value)


def test_a_path_that_the_view_does_not_read_is_taken() -> None:
    """A view has what checks read, and people are more than that."""

    class Account(Struct):
        id: str
        tags: tuple[dict[str, Any], ...] = ()
        profiles: tuple[Profile, ...] = ()

    person = Person(id="immutable", name="tags.owner", subject="profiles.sub", mail="profiles.mail")
    declared = resource("made.account", key="id", redact=("profiles.mail",), person=person)(Account)

    assert kind_of(declared).person == person
