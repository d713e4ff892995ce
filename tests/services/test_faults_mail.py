"""The mail server is down: what was said stays said, the message waits its turn and goes out when the server is back."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.models import OutboundMessage, TaskAttempt
from core.worker import Worker
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import open_ticket, setup_desk
from tickets.actions import reply_to_customer
from tickets.models import TicketMessage

pytestmark = pytest.mark.django_db(transaction=True)
GREETING = {"EHLO": "250 test", "HELO": "250 test", "QUIT": "221 bye", "DATA": "354 go on"}


class _Postman(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as Django's backend needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line.strip().split(b" ")[0].upper().decode("ascii", "replace")
            self.wfile.write(GREETING.get(verb, "250 fine").encode() + b"\r\n")
            if verb == "DATA":
                mail = b""
                while (line := self.rfile.readline()) and line != b".\r\n":
                    mail += line
                self.server.mails.append(mail)  # type: ignore[attr-defined]
                self.wfile.write(b"250 taken\r\n")
            if verb == "QUIT":
                return


@pytest.fixture
def mail_port(settings) -> int:
    """A port where no mail server listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    return port


@pytest.fixture
def mail_server(mail_port) -> Iterator[type]:
    """Start the server when asked: `mail_server()` returns the list of mails it took."""
    made: list[socketserver.ThreadingTCPServer] = []

    def start() -> list[bytes]:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", mail_port), _Postman)
        server.mails = []  # type: ignore[attr-defined]
        made.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.mails  # type: ignore[attr-defined]

    yield start  # type: ignore[misc]
    for server in made:
        server.shutdown()
        server.server_close()


def work() -> None:
    """Let the background do what is due, and let every waiting try be due."""
    DBTaskResult.objects.update(run_after=timezone.now())
    TaskAttempt.objects.filter(state=TaskAttempt.State.WAITING).update(run_after=timezone.now())
    Worker(batch=True).serve()


def test_a_reply_is_kept_and_its_mail_goes_out_when_the_server_is_back(agent, mail_server) -> None:
    setup_desk()
    ticket = open_ticket(contact=ContactFactory(email="tom@example.com", phone=""), language="en")
    work()
    OutboundMessage.objects.all().delete()
    reply_to_customer(ticket, by=agent, body="Please clean the filter first.")
    work()
    message = OutboundMessage.objects.get(address="tom@example.com")
    assert message.state == OutboundMessage.State.QUEUED
    assert message.tries >= 1
    assert "refused" in message.error
    assert TicketMessage.objects.filter(ticket=ticket, body__contains="clean the filter").exists()
    taken = mail_server()
    work()
    message.refresh_from_db()
    assert message.state == OutboundMessage.State.SENT
    assert len(taken) == 1
    work()
    assert len(taken) == 1
