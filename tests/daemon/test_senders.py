"""Each kind of target gets alerts in its own form, over its own protocol, and what it answers is understood."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from collector.core.alerts import Alert
from collector.core.secrets import Secret
from collector.daemon.alerts.senders import send
from collector.daemon.alerts.senders.apprise import first_clean
from collector.daemon.alerts.senders.posting import NotDelivered, post
from collector.daemon.alerts.senders.webhook import headers_of, secret_of
from collector.setup.alerts_config import (
    AppriseTarget,
    MailTarget,
    PagerDutyTarget,
    SlackTarget,
    Target,
    TeamsTarget,
    WebhookTarget,
)

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
HOSTILE = "<!channel> *x* [a](http://evil.example) & \r\nBcc: all@example.org"


def a_secret(value: str) -> Secret:
    """A secret that is at hand."""
    return Secret("test", lambda: value)


def an_alert(number: int = 1, **but: Any) -> Alert:
    """An alert about a bucket."""
    told: dict[str, Any] = {
        "id": f"id-{number}",
        "key": f"finding bucket {number}",
        "kind": "finding",
        "severity": "critical",
        "what": f"the bucket logs-{number} is public",
        "todo": "close it",
        "at": NOW,
        "since": NOW - timedelta(days=1),
        "source": "production",
        "owner": "ann",
        "due": date(2026, 3, 9),
        "link": "https://evidence.example.org/checks/x",
    }
    return Alert(**told | but)


class Desk:
    """An HTTP server that keeps what it is sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                desk.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                code, headers, text = desk.answers.pop(0) if desk.answers else (200, {}, b"ok")
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that the library has
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook/T0/secret-path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A server of the test's own."""
    made = Desk()
    yield made
    made.server.shutdown()
    made.server.server_close()


class MailServer:
    """A server of RFC 5321 with STARTTLS and AUTH PLAIN, that keeps what it is sent; one connection after the other."""

    def __init__(self, certificate: Path) -> None:
        self.got: list[tuple[str, list[str], bytes, bool, str]] = []
        self.refuse: dict[str, str] = {}
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with suppress(OSError, ValueError), connection:
                connection.settimeout(20)
                if self._talk(connection, is_tls=False):
                    with self._context.wrap_socket(connection, server_side=True) as encrypted:
                        self._talk(encrypted, is_tls=True)

    def _talk(self, connection: socket.socket, *, is_tls: bool) -> bool:
        """Return whether TLS is to begin."""
        user, recipients = "", list[str]()
        sender = ""
        with connection.makefile("rwb") as file:

            def say(line: str) -> None:
                file.write(f"{line}\r\n".encode())
                file.flush()

            if not is_tls:
                say("220 mail.test ESMTP")
            while raw := file.readline():
                line = raw.decode().rstrip("\r\n")
                verb = line.upper().split(" ")[0]
                if verb in self.refuse:
                    say(self.refuse[verb])
                    continue
                match verb:
                    case "EHLO":
                        say("250-mail.test")
                        say("250 AUTH PLAIN" if is_tls else "250 STARTTLS")
                    case "STARTTLS":
                        say("220 go on")
                        return True
                    case "AUTH":
                        user = base64.b64decode(line.split(" ")[2]).decode().replace("\0", ":")
                        say("235 ok")
                    case "MAIL":
                        sender = line
                        say("250 ok")
                    case "RCPT":
                        recipients.append(line)
                        say("250 ok")
                    case "DATA":
                        say("354 go on")
                        text = b"".join(iter(file.readline, b".\r\n"))
                        self.got.append((sender, recipients, text, is_tls, user))
                        say("250 kept")
                    case "QUIT":
                        say("221 bye")
                        return False
                    case _:
                        say("250 ok")
        return False


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30"]
    subprocess.run(
        [*command, *names, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture
def mail_server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "cert.pem"))
    made = MailServer(certificate)
    yield made
    made.close()


def mail_target(server: MailServer, **but: Any) -> MailTarget:
    """A target on that server."""
    told: dict[str, Any] = {
        "host": "localhost",
        "port": server.port,
        "to": ("sec@example.org", "ops@example.org"),
        "sender": "annexd@example.org",
        "user": "annexd",
        "password": a_secret("the-mail-password"),
    }
    return MailTarget(**told | but)


def test_mail_goes_over_tls_signed_in_to_all_and_says_what_and_what_to_do(mail_server: MailServer) -> None:
    """Plain text, so that it reads the same everywhere."""
    send(mail_target(mail_server), [an_alert()], NOW, "o")

    ((sender, recipients, raw, is_tls, user),) = mail_server.got
    mail: Message = message_from_bytes(raw)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert "annexd@example.org" in sender
    assert [re.findall(r"<(.*)>", one)[0] for one in recipients] == ["sec@example.org", "ops@example.org"]
    assert is_tls
    assert user == ":annexd:the-mail-password"
    assert mail["Subject"] == "annexd: critical: the bucket logs-1 is public"
    assert mail["Auto-Submitted"] == "auto-generated"
    for part in ("critical: the bucket logs-1 is public", "owner: ann", "mend until: 2026-03-09", "to do: close it"):
        assert part in text
    assert "https://evidence.example.org/checks/x" in text


def test_a_second_try_of_a_mail_is_the_same_mail(mail_server: MailServer) -> None:
    """A reader's program shows it once."""
    for _ in range(2):
        send(mail_target(mail_server), [an_alert(1), an_alert(2)], NOW, "o")
    first, second = (message_from_bytes(got[2])["Message-ID"] for got in mail_server.got)

    assert first == second


def test_a_name_with_a_line_break_makes_no_header(mail_server: MailServer) -> None:
    """Whoever names a bucket must not write to others by it."""
    send(mail_target(mail_server), [an_alert(what=HOSTILE)], NOW, "o")

    mail = message_from_bytes(mail_server.got[0][2])
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"].replace("\n ", "")


@pytest.mark.parametrize(
    ("verb", "answer", "is_final"),
    [
        ("AUTH", "535 no", False),  # a password that was changed is mended, and then it goes
        ("RCPT", "550 no such user", True),
        ("RCPT", "450 try later", False),
        ("MAIL", "552 too much", True),
        ("DATA", "451 later", False),
    ],
)
def test_what_a_mail_server_refuses_is_told_and_tried_again_where_that_may_help(
    mail_server: MailServer, verb: str, answer: str, is_final: bool
) -> None:
    """By the class of its answer, as RFC 5321 has it."""
    mail_server.refuse[verb] = answer
    with pytest.raises(NotDelivered) as caught:
        send(mail_target(mail_server), [an_alert()], NOW, "o")

    assert caught.value.is_final is is_final
    assert "the-mail-password" not in caught.value.why


def test_mail_without_tls_leaves_no_machine_and_a_strange_certificate_gets_nothing(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password must not be read on the way."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotDelivered):
        send(mail_target(mail_server), [an_alert()], NOW, "o")
    with pytest.raises(NotDelivered, match="this machine only"):
        send(mail_target(mail_server, host="mail.example.org", tls="none"), [an_alert()], NOW, "o")
    mail_server.refuse["STARTTLS"] = "454 not now"
    with pytest.raises(NotDelivered):
        send(mail_target(mail_server), [an_alert()], NOW, "o")

    assert mail_server.got == []


def test_slack_gets_blocks_in_which_no_name_means_anything(desk: Desk) -> None:
    """A bucket called <!channel> would call everybody."""
    send(SlackTarget(url=a_secret(desk.url)), [an_alert(what=HOSTILE), an_alert(2, over=True)], NOW, "o")

    ((_, headers, body),) = desk.got
    sent = json.loads(body)
    texts = [block["text"]["text"] for block in sent["blocks"][1:]]
    assert headers["content-type"].startswith("application/json")
    assert "<!channel>" not in body.decode()
    assert "&lt;!channel&gt;" in texts[0]
    assert "owner: ann" in texts[0]
    assert texts[1].startswith("*over* ")
    assert "to do" not in texts[1]


def test_slack_is_never_sent_more_than_it_takes(desk: Desk) -> None:
    """A message that is too long is refused whole, and nobody hears of any of it."""
    send(SlackTarget(url=a_secret(desk.url)), [an_alert(n, what="&" * 3_000) for n in range(200)], NOW, "o")

    sent = json.loads(desk.got[0][2])
    assert len(sent["blocks"]) <= 50
    assert sum(len(block["text"]["text"]) for block in sent["blocks"]) < 13_000
    assert len(sent["blocks"][0]["text"]["text"]) <= 150
    assert all(not re.search(r"&\w*…$", block["text"]["text"]) for block in sent["blocks"])
    assert "185 more" in sent["blocks"][-1]["text"]["text"]


def test_teams_gets_a_card_whose_text_takes_no_marks(desk: Desk) -> None:
    """Runs are plain text; text blocks would make a link of a name."""
    desk.answers = [(202, {}, b"")]
    send(TeamsTarget(url=a_secret(desk.url)), [an_alert(n, what=HOSTILE * 20) for n in range(100)], NOW, "o")

    ((_, _, body),) = desk.got
    (attachment,) = json.loads(body)["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["version"] == "1.4"
    assert {block["type"] for block in card["body"]} == {"RichTextBlock", "ActionSet"}
    assert len(body) < 28_000


def test_pagerduty_gets_an_event_each_and_what_is_over_resolves_the_same_incident(desk: Desk) -> None:
    """By one key, so that no incident is opened twice."""
    target = PagerDutyTarget(routing_key=a_secret("r" * 32), url=desk.url)
    send(target, [an_alert(), an_alert(2, severity="high")], NOW, "o")
    send(target, [an_alert(id="another", over=True)], NOW, "o")

    first, second, over = (json.loads(body) for _, _, body in desk.got)
    assert (first["event_action"], first["payload"]["severity"]) == ("trigger", "critical")
    assert second["payload"]["severity"] == "error"
    assert over["event_action"] == "resolve"
    assert over["dedup_key"] == first["dedup_key"] != second["dedup_key"]
    assert first["payload"]["custom_details"]["owner"] == "ann"


def test_a_webhook_is_a_signed_cloudevent(desk: Desk) -> None:
    """The receiver can tell who sent it, when, and that it was sent before."""
    key = bytes(range(32))
    secret = f"whsec_{base64.b64encode(key).decode()}"
    send(WebhookTarget(url=a_secret(desk.url), secret=a_secret(secret)), [an_alert()], NOW, "example.org/evidence")

    ((_, headers, body),) = desk.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    event = json.loads(body)
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/cloudevents+json"
    assert (event["specversion"], event["type"], event["id"]) == ("1.0", "io.annexd.alert.raised", "id-1")
    assert event["source"] == "/annexd/example.org/evidence"
    assert event["data"]["owner"] == "ann"
    assert len(body) < 20_000


def test_a_signature_is_that_of_another_maker_of_standard_webhooks() -> None:
    """A vector that was made and checked with the library of the specification."""
    body = (
        b'{"specversion":"1.0","id":"01JDX3T5QH4Z8W2M6N7P9R1S2T","source":"urn:annexd:origin:cc44261f",'
        b'"type":"org.annexd.finding.opened.v1","subject":"aws.s3.public_access/arn:aws:s3:::acme-logs",'
        b'"time":"2026-11-30T03:12:00Z","datacontenttype":"application/json","data":{"check":"aws.s3.public_access",'
        b'"verdict":"fail","since":"2026-11-30T03:11:07Z"}}'
    )
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = headers_of("msg_01JDX3T5QH4Z8W2M6N7P9R1S2T", datetime.fromtimestamp(1796008320, UTC), body, secret)

    assert made["webhook-signature"] == "v1,H01w/bmTpuSMNrfeRR1tWjFHQYHrrfOBdORXN46I0KQ="


def http_targets(url: str) -> list[Target]:
    """A target of each kind that is posted to."""
    secret = a_secret(f"whsec_{base64.b64encode(bytes(32)).decode()}")
    return [
        SlackTarget(url=a_secret(url)),
        TeamsTarget(url=a_secret(url)),
        PagerDutyTarget(routing_key=a_secret("r" * 32), url=url),
        WebhookTarget(url=a_secret(url), secret=secret),
    ]


@pytest.mark.parametrize(
    ("answer", "is_final", "after"),
    [
        ((429, {"Retry-After": "120"}, b""), False, timedelta(minutes=2)),
        ((500, {}, b"oops"), False, None),
        ((503, {}, b""), False, None),
        ((404, {}, b"no_service"), True, None),
        ((410, {}, b""), True, None),
        ((400, {}, b"invalid_blocks"), True, None),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), True, None),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else str(value),
)
def test_what_a_target_answers_is_understood(
    desk: Desk, answer: tuple[int, dict[str, str], bytes], is_final: bool, after: timedelta | None
) -> None:
    """What will not get better is given up; a redirect could lead anywhere, and the address is a secret."""
    for target in http_targets(desk.url):
        desk.answers = [answer]
        with pytest.raises(NotDelivered) as caught:
            send(target, [an_alert()], NOW, "o")

        assert (caught.value.is_final, caught.value.after) == (is_final, after)
        assert "secret-path" not in caught.value.why


def test_what_was_taken_before_a_refusal_is_not_sent_again(desk: Desk) -> None:
    """Half of a batch must not come twice."""
    desk.answers = [(202, {}, b""), (500, {}, b"")]
    with pytest.raises(NotDelivered) as caught:
        send(http_targets(desk.url)[3], [an_alert(1), an_alert(2)], NOW, "o")

    assert caught.value.taken == ("id-1",)


def test_slacks_words_for_a_message_that_it_did_not_post_are_no_success(desk: Desk) -> None:
    """Its proxies answer 200 with a page."""
    desk.answers = [(200, {}, b"<html>sign in</html>")]
    with pytest.raises(NotDelivered):
        send(SlackTarget(url=a_secret(desk.url)), [an_alert()], NOW, "o")


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://example.org/x", "example.org/x"])
def test_nothing_is_posted_in_the_clear(url: str) -> None:
    """The address itself is the key to a channel."""
    with pytest.raises(NotDelivered, match="https") as caught:
        post(url, b"", {})

    assert caught.value.is_final


def test_nothing_is_posted_into_the_own_network_unless_it_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a stranger's can lead to a metadata service."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", ("169.254.169.254", 443))])
    with pytest.raises(NotDelivered, match="private = true"):
        post("https://hooks.example.org/x", b"", {})


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_!!!", "c2VjcmV0", f"whsec_{base64.b64encode(bytes(8)).decode()}"]
)
def test_a_secret_of_another_form_signs_nothing(text: str) -> None:
    """A short one can be guessed."""
    with pytest.raises(NotDelivered) as caught:
        secret_of(text)

    assert caught.value.is_final
    assert len(text) < 10 or text not in caught.value.why


imports_apprise = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
"""It imports what a later Python does not have, where there is one."""


def apprise_target(desk: Desk) -> AppriseTarget:
    """A target of Apprise's that posts JSON to that server."""
    return AppriseTarget(url=a_secret(desk.url.replace("http://", "json://")))


@imports_apprise
def test_apprise_sends_the_same_text_with_how_urgent_it_is(desk: Desk) -> None:
    """Whatever service it is of the many that it knows."""
    send(apprise_target(desk), [an_alert(1, severity="medium"), an_alert(2, severity="low")], NOW, "o")
    send(apprise_target(desk), [an_alert(3, over=True)], NOW, "o")

    first, second = (json.loads(body) for _, _, body in desk.got)
    assert first["title"] == "annexd: 2 alerts, the worst medium"
    assert first["type"] == "warning"
    for part in ("medium: the bucket logs-1 is public", "owner: ann", "to do: close it", "low: the bucket logs-2"):
        assert part in first["message"]
    assert second["type"] == "success"


@imports_apprise
@pytest.mark.parametrize("code", [404, 500, 302])
def test_what_apprise_could_not_send_is_not_taken_for_sent(desk: Desk, code: int) -> None:
    """It raises nothing, and says so by an answer that is false; the address is in no reason."""
    desk.answers = [(code, {"Location": "/elsewhere"}, b"no")]
    with pytest.raises(NotDelivered) as raised:
        send(apprise_target(desk), [an_alert()], NOW, "o")

    assert raised.value.why.startswith("Apprise: failure")
    assert "secret-path" not in raised.value.why
    assert not raised.value.is_final
    assert len(desk.got) == 1


@imports_apprise
@pytest.mark.parametrize("url", ["nothing://here/secret-path", "", "slack://", "file:///etc/secret-path"])
def test_an_address_that_apprise_does_not_know_is_told(url: str) -> None:
    """Apprise itself would send to nobody, and say little of it."""
    with pytest.raises(NotDelivered) as raised:
        send(AppriseTarget(url=a_secret(url)), [an_alert()], NOW, "o")

    assert "names no service" in raised.value.why
    assert "secret-path" not in raised.value.why


def test_a_line_that_repeats_a_piece_of_the_address_is_not_told() -> None:
    """Its services log what they like."""
    lines = ["sent to tok3n%2Fvalue", "room secret-room is gone", "matrix.example.org answered 403"]

    assert first_clean(lines, "matrixs://user:tok3n%2Fvalue@matrix.example.org:443/secret-room") == lines[2]
    assert first_clean(lines[:2], "matrixs://user:tok3n%2Fvalue@matrix.example.org/secret-room") == ""


def test_without_apprise_the_reason_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotDelivered, match=r"annexd\[apprise\]"):
        send(AppriseTarget(url=a_secret("json://localhost")), [an_alert()], NOW, "o")
