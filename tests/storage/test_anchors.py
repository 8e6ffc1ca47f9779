"""Time stamps over checkpoints: taken where they hold, refused in words where they do not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from collector.core.errors import ConfigError, VerificationError
from storage.log.anchors import check_answer, check_token, read_roots, stamp_request
from tests.storage.stamping import Authority, openssl

TEXT = "example.org/evidence\n7\nAAAA\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority; without the openssl program these tests cannot run, and fail."""
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_stamp_holds_against_the_root_and_openssl_agrees(authority: Authority) -> None:
    """The token is worth what others can verify."""
    request = stamp_request(TEXT)
    answer = authority.stamp(request.as_bytes())
    roots = read_roots(authority.root)

    stamp = check_answer(answer, TEXT, request, roots)

    assert stamp.is_proven
    assert stamp == check_token(base64.b64encode(answer).decode(), TEXT, roots)
    (authority.folder / "text").write_text(TEXT)
    openssl(authority.folder, "ts", "-verify", "-data", "text", "-in", "r.tsr", "-CAfile", "ca.pem")


def test_without_a_root_a_stamp_is_kept_and_not_called_proven(authority: Authority) -> None:
    """It may be proven later; nobody should think that it was."""
    request = stamp_request(TEXT)

    assert not check_answer(authority.stamp(request.as_bytes()), TEXT, request, []).is_proven


def test_the_answer_to_another_question_is_refused(authority: Authority) -> None:
    """An old answer played again must not pass for a new one."""
    answer = authority.stamp(stamp_request(TEXT).as_bytes())

    with pytest.raises(VerificationError, match="nonce"):
        check_answer(answer, TEXT, stamp_request(TEXT), [])


def test_a_stamp_over_another_text_is_refused(authority: Authority) -> None:
    """A token belongs to one head."""
    request = stamp_request(TEXT)
    answer = authority.stamp(request.as_bytes())

    with pytest.raises(VerificationError, match="the time stamp is over sha256:"):
        check_answer(answer, TEXT + "x", request, [])


def test_a_stamp_of_a_stranger_is_refused(authority: Authority, tmp_path: Path) -> None:
    """Anybody can run an authority; the root says whose it is."""
    request = stamp_request(TEXT)
    answer = authority.stamp(request.as_bytes())
    stranger = Authority(tmp_path / "stranger")

    with pytest.raises(VerificationError, match="does not hold against the roots"):
        check_answer(answer, TEXT, request, read_roots(stranger.root))


def test_certificates_out_of_order_are_told_in_words(tmp_path: Path) -> None:
    """Some authorities send them so, and the parser's own words help nobody."""
    authority = Authority(tmp_path / "authority")
    authority.with_its_chain()
    request = stamp_request(TEXT)
    answer = authority.stamp(request.as_bytes())

    with pytest.raises(VerificationError, match="not in the order that DER asks for"):
        check_answer(answer, TEXT, request, [])


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_time_stamp_is_refused(answer: bytes) -> None:
    """A proxy's login page is the usual answer."""
    with pytest.raises(VerificationError, match="not a time stamp"):
        check_answer(answer, TEXT, stamp_request(TEXT), [])


def test_a_refusal_of_the_authority_is_told(authority: Authority) -> None:
    """Its own words say why."""
    with pytest.raises(VerificationError, match="gave no time stamp"):
        check_answer(authority.stamp(b"no query"), TEXT, stamp_request(TEXT), [])


def test_no_flipped_bit_makes_a_stamp_say_something_else(authority: Authority) -> None:
    """What is taken in spite of a flipped bit, such as in a version, still says the same of the same text."""
    request = stamp_request(TEXT)
    answer = authority.stamp(request.as_bytes())
    roots = read_roots(authority.root)
    right, taken, tried = check_answer(answer, TEXT, request, roots), [], 0
    for at in range(0, len(answer), 3):
        other = bytearray(answer)
        other[at] ^= 1
        tried += 1
        try:
            taken.append(check_answer(bytes(other), TEXT, request, roots))
        except VerificationError:
            continue

    assert set(taken) <= {right}
    assert len(taken) < tried // 20


@pytest.mark.parametrize("contents", [None, "no certificate"])
def test_a_root_that_cannot_be_read_is_told(tmp_path: Path, contents: str | None) -> None:
    """The path is in the configuration, so the message is of the configuration."""
    path = tmp_path / "root.pem"
    if contents is not None:
        path.write_text(contents)

    with pytest.raises(ConfigError, match="anchor_ca"):
        read_roots(path)
