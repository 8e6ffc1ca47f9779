"""Redaction: what is declared, what is named and what is recognised goes; everything else stays as it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.canonical import NotCanonicalError, canonical, encode, plain
from collector.core.redaction import Redact, Redactor, ruleset_digest
from collector.core.secrets import Secret
from tests.core.tokens import KEY, TOKENS, written


@pytest.mark.parametrize(
    "name",
    [
        "Password",
        "MasterUserPassword",
        "db_password",
        "clientSecret",
        "SecretAccessKey",
        "secret_key",
        "apiKey",
        "api-key",
        "ACCESS_KEY",
        "privateKey",
        "SharedKey",
        "authToken",
        "SessionToken",
        "refresh_token",
        "passphrase",
        "credential",
        "connectionString",
        "sas_url",
        "webhookUrl",
        "Authorization",
        "TotpSeed",
        "STRIPE_KEY",
        "DB_PASS",
        "GITHUB_PAT",
    ],
)
def test_a_name_that_means_a_secret_is_enough(name: str) -> None:
    """A password need not look like one."""
    kept = json.loads(written({"in": [{name: "plain words"}]}))

    assert re.fullmatch(rf"\[redacted name:{re.escape(name)} 11 [0-9a-f]{{16}}\]", kept["in"][0][name])


@pytest.mark.parametrize(
    "name",
    ["PasswordLastUsed", "SecretArn", "AccessKeyId", "TokenExpiration", "KeyId", "KeyName", "CredentialType", "key"],
)
def test_a_name_that_only_begins_so_is_none(name: str) -> None:
    """When a password was used last is what an auditor asks."""
    assert json.loads(written({name: "some value"})) == {name: "some value"}


@pytest.mark.parametrize(
    "value", [["plain words"], {"basic": "plain words"}, 12345678, 0.5, b"plain words", [[{"a": "plain words"}]]]
)
def test_a_secret_by_name_is_taken_whatever_holds_it(value: object) -> None:
    """A list of passwords is a secret like one."""
    kept = written({"password": value})

    assert "plain words" not in kept
    assert "12345678" not in kept
    assert "[redacted name:password " in kept


@pytest.mark.parametrize("value", [True, False, None, ""])
def test_whether_there_is_a_secret_is_evidence(value: object) -> None:
    """That none is set is what a check asks about."""
    assert json.loads(written({"password": value})) == {"password": value}


def test_a_token_in_the_place_of_a_name_is_taken() -> None:
    """Maps are keyed by whatever their maker had at hand."""
    assert TOKENS["github"] not in written({TOKENS["github"]: "owner"})


@pytest.mark.parametrize("scheme", ["Basic", "bearer"])
def test_an_authorization_header_in_a_text_is_taken(scheme: str) -> None:
    """Commands and scripts carry them."""
    kept = written({"Command": f"curl -H 'Authorization: {scheme} cGxhaW46d29yZHM=' https://example.com"})

    assert "cGxhaW46d29yZHM" not in kept
    assert "https://example.com" in kept


def test_a_secret_of_the_configuration_is_in_no_message() -> None:
    """A platform may quote what it was sent, and no shape tells that it is a secret."""
    Secret("env X", lambda: "plain-external-id").reveal()

    assert "plain-external-id" not in Redactor(KEY).text("ValidationError: externalId plain-external-id is wrong")


def test_a_name_that_the_view_reads_was_looked_at() -> None:
    """Its author knows that this token is a setting; a value that looks like a secret goes all the same."""
    redactor = Redactor(KEY, plain=frozenset({"HttpToken"}))

    assert redactor.apply({"HttpToken": "required"}) == {"HttpToken": "required"}
    assert TOKENS["github"] not in str(redactor.apply({"HttpToken": TOKENS["github"]}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("Name", "Value"), ("name", "value"), ("Key", "Value"), ("key", "value"), ("TagKey", "TagValue")),
        *(("tagKey", "tagValue"), ("name", "default"), ("Name", "DefaultValue"), ("OptionName", "OptionValue")),
        *(("variable", "content"), ("HeaderName", "HeaderValue"), ("ParameterName", "ParameterValue")),
    ],
)
def test_a_pair_of_name_and_value_is_read_as_one(name: str, value: str) -> None:
    """Tags, parameters and environments come as lists of pairs."""
    kept = json.loads(written({"Tags": [{name: "DB_PASSWORD", value: "plain words"}, {name: "Team", value: "a"}]}))

    assert kept["Tags"][0][name] == "DB_PASSWORD"
    assert kept["Tags"][0][value].startswith("[redacted name:DB_PASSWORD 11 ")
    assert kept["Tags"][1] == {name: "Team", value: "a"}


def test_declared_paths_pass_through_lists_and_any_key() -> None:
    """A path says where, in the platform's own shape."""
    rules = (Redact("owner.mail"), Redact("env.*"), Redact("users.note"), Redact("*.pin"))
    body = {
        "owner": {"mail": "ann@x.org", "name": "ann", "pin": 1234},
        "env": {"A": "one", "B": {"c": "two", "d": 3}},
        "users": [{"note": "n1", "name": "u1"}, {"note": "n2"}],
    }
    kept = Redactor(KEY, rules).apply(body)

    assert kept["owner"]["name"] == "ann"
    assert kept["users"][0]["name"] == "u1"
    assert kept["owner"]["mail"].startswith("[redacted owner.mail ")
    assert kept["owner"]["pin"].startswith("[redacted *.pin ")
    assert [user["note"][:21] for user in kept["users"]] == ["[redacted users.note "] * 2
    assert all(kept["env"][name].startswith("[redacted env.* ") for name in ("A",))
    assert all(text.startswith("[redacted env.* ") for text in kept["env"]["B"].values())


@pytest.mark.parametrize(
    ("first", "second"), [("a.b", "*.c"), ("*.c", "a.b"), ("a.x.c", "a.*.b"), ("*", "a.b"), ("*.*", "a.c")]
)
def test_no_rule_hides_another(first: str, second: str) -> None:
    """Two declarations whose paths cross are both kept."""
    body = {
        "a": {"b": "canary", "c": "canary", "x": {"b": "canary", "c": "canary"}},
        "z": {"c": "canary", "b": "canary"},
    }
    alone = [Redactor(KEY, (Redact(rule),)).apply(body) for rule in (first, second)]
    together = Redactor(KEY, (Redact(first), Redact(second))).apply(body)

    def taken(made: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        if isinstance(made, dict):
            return {hit for key, inner in made.items() for hit in taken(inner, (*path, key))}
        return {path} if made != "canary" else set()

    assert taken(together) == taken(alone[0]) | taken(alone[1])


@pytest.mark.parametrize(
    ("keep", "value", "tail"),
    [
        ("nothing", "4111 1111 1111 1234", "]"),
        ("last4", "4111 1111 1111 1234", "]1234"),
        ("last4", "123456789012", "]"),
        ("last4", "1234567890123", "]0123"),
        ("domain", "ann@example.org", "]@example.org"),
        ("domain", "a@b@example.org", "]@example.org"),
        ("domain", "no mail", "]"),
    ],
)
def test_what_may_stay_readable_stays(keep: Any, value: str, tail: str) -> None:
    """A domain tells a guest from a colleague; four digits of a short number would give it away."""
    kept = str(Redactor(KEY, (Redact("x", keep),)).apply({"x": value})["x"])

    assert re.fullmatch(rf"\[redacted x {len(value)} [0-9a-f]{{16}}", kept[: kept.index("]")])
    assert kept[kept.index("]") :] == tail


def test_a_fingerprint_tells_change_and_nothing_else() -> None:
    """A rotated secret is seen to change; without the key nobody can test a guess."""
    redactor, other = Redactor(KEY, (Redact("x"),)), Redactor(b"another", (Redact("x"),))

    assert redactor.apply({"x": "old"}) == redactor.apply({"x": "old"})
    assert redactor.apply({"x": "old"}) != redactor.apply({"x": "new"})
    assert redactor.apply({"x": "old"}) != other.apply({"x": "old"})


def test_text_stays_text_and_the_rest_keeps_its_type() -> None:
    """A view that reads the field goes on reading it."""
    rules = (Redact("s"), Redact("n"), Redact("f"), Redact("b"), Redact("z"), Redact("e"))
    kept = Redactor(KEY, rules).apply({"s": "x", "n": 5, "f": 1.5, "b": True, "z": None, "e": "", "free": 2.5})

    assert {name: type(value) for name, value in kept.items()} == {
        "s": str,
        "n": str,
        "f": str,
        "b": bool,
        "z": type(None),
        "e": str,
        "free": float,
    }
    assert "1.5" not in kept["f"]
    assert kept["e"] == ""


def test_what_was_taken_is_counted_by_rule() -> None:
    """An auditor sees how much of the evidence was blacked out, and by which rule."""
    redactor = Redactor(KEY, (Redact("mail", "domain"),))
    redactor.apply({"mail": "a@x.org", "Password": "p", "note": TOKENS["github"], "more": TOKENS["github"]})

    assert dict(redactor.replaced) == {"mail": 1, "name:Password": 1, "value:github-token": 2}


bodies = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('ab%{}[]"\\:=@/+é'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.*", max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("ab.*", max_size=3), bodies, max_size=4))
def test_a_body_without_secrets_only_becomes_plain(body: dict[str, Any]) -> None:
    """Redaction changes what it takes out, and nothing else."""
    assert encode(Redactor(KEY).apply(body)) == canonical(body)
    assert Redactor(KEY).apply(body) == plain(body)


@given(st.dictionaries(st.text(max_size=8), bodies | st.text(), max_size=4), st.sampled_from(["a", "*.b", "a.a.b"]))
def test_redaction_never_fails_on_what_can_be_written_down(body: dict[str, Any], path: str) -> None:
    """One odd item must not cost a list."""
    try:
        canonical(body)
    except NotCanonicalError:
        return
    redactor = Redactor(KEY, (Redact(path),))

    assert canonical(redactor.apply(body))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["Key", "Value", "note", "db_password", "plain_token", "a" * 24]),
            st.sampled_from(["eu-central-1", "subnet-0123456789abcdef0", "Password", *TOKENS.values()])
            | st.lists(st.sampled_from(["harmless text", TOKENS["github"]]), max_size=2)
            | st.none(),
            max_size=4,
        ),
        max_size=8,
    )
)
def test_what_was_seen_before_changes_nothing(bodies_seen: list[dict[str, Any]]) -> None:
    """What a redactor remembers saves time: the last of many bodies is cleaned as if it were the first."""
    old = Redactor(KEY, plain=frozenset({"plain_token"}))
    for body in bodies_seen:
        fresh = Redactor(KEY, plain=frozenset({"plain_token"}))
        before = old.replaced.copy()

        assert old.apply({"in": [body]}) == fresh.apply({"in": [body]})
        assert old.replaced - before == fresh.replaced


def test_what_a_redactor_remembers_has_a_limit() -> None:
    """A list of a million different texts must not fill the memory."""
    redactor = Redactor(KEY)
    for number in range(10_000):
        redactor.apply({f"key {number}": f"a text of its own {number}", f"{number}": {}})

    assert len(redactor._look.texts) <= 4096
    assert len(redactor._look.shapes) <= 1024


def test_too_deep_a_body_is_refused_with_our_own_error() -> None:
    """An answer made to exhaust us ends its task and nothing else."""
    body: Any = "x"
    for _ in range(5_000):
        body = {"a": body}

    with pytest.raises(NotCanonicalError, match="nested deeper"):
        Redactor(KEY).apply({"a": body})


@pytest.mark.parametrize("body", [{1: "x"}, {"a": {None: 1}}, {"a": float("nan")}, {"a": {1, 2}}])
def test_what_is_no_json_is_refused(body: Any) -> None:
    """The same rules as for canonical bytes, in the one pass that every body takes."""
    with pytest.raises(NotCanonicalError):
        Redactor(KEY).apply(body)


def test_the_rules_of_a_body_have_a_name() -> None:
    """Whoever compares two bodies must know whether the rules changed between them."""
    assert ruleset_digest((Redact("a"),)) == ruleset_digest((Redact("a"),))
    assert len({ruleset_digest(rules) for rules in ((), (Redact("a"),), (Redact("a", "last4"),), (Redact("b"),))}) == 4
    assert re.fullmatch(r"\d+/[0-9a-f]{16}", ruleset_digest(()))
