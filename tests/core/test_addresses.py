"""Addresses as people read them: the password is never in them, wherever it stands and whatever it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.addresses import shown_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:////var/lib/annexd/a@b:c.db", "sqlite:////var/lib/annexd/a@b:c.db"),
        ("postgresql+psycopg://annexd@db:5432/annexd", "postgresql+psycopg://annexd@db:5432/annexd"),
        ("postgresql://annexd:sesame@db:5432/annexd", "postgresql://annexd:***@db:5432/annexd"),
        ("postgresql://annexd:se@sa/m:e@db/annexd", "postgresql://annexd:***@db/annexd"),
        ("postgresql://annexd:se?same@db/annexd", "postgresql://annexd:***@db/annexd"),
        ("postgresql://annexd:@db/annexd", "postgresql://annexd:***@db/annexd"),
        ("postgresql://:sesame@db/annexd", "postgresql://:***@db/annexd"),
        ("postgresql://db/annexd?password=sesame", "postgresql://db/annexd?password=***"),
        (
            "postgresql://db/annexd?sslmode=require&pass%77ord=se#same",
            "postgresql://db/annexd?sslmode=require&pass%77ord=***",
        ),
        ("postgresql://db/annexd?sslpassword=sesame&host=a", "postgresql://db/annexd?sslpassword=***&host=a"),
        ("postgresql://db/annexd?passfile=/etc/pgpass", "postgresql://db/annexd?passfile=/etc/pgpass"),
        ("postgresql://u@db:1/a?application_name=a@b", "postgresql://u@db:1/a?application_name=a@b"),
        ("https://user:sesame@proxy:3128", "https://user:***@proxy:3128"),
        ("evidence.db", "evidence.db"),
    ],
)
def test_a_password_is_three_stars(address: str, shown: str) -> None:
    """What is no secret stays, because somebody has to find the database by it."""
    assert shown_address(address) == shown


@given(
    password=st.text(st.characters(codec="utf-8", exclude_characters="&*"), min_size=8, max_size=40),
    place=st.sampled_from(
        ["postgresql://u:{}@db/a", "postgresql://db/a?password={}", "postgresql://u:x@db/a?sslpassword={}&b=c"]
    ),
)
def test_no_password_of_any_signs_is_shown(password: str, place: str) -> None:
    """Signs that should have been written as %40 are forgotten by those in a hurry."""
    assert password not in shown_address(place.format(password))
