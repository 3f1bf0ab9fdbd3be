"""From the outbox to a local mail server, ledger on, by two workers; against Django's way and against bare bytes."""

import multiprocessing
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import css_inline
from django.conf import settings
from django.core.mail import send_mail
from django.db import connections
from django.utils import timezone

from messaging import outbox, sending
from messaging.email import mime
from messaging.email.carrier import sender
from messaging.models import Message, State, Wording
from messaging.outbox import Draft
from tests.benchmarks.harness import Measurement, Row, bench, compare, measure

WORKERS = 2
PARAGRAPH = "Vi møtes ved elva lørdag klokka ti, rydder langs bredden og griller etterpå. Ta gjerne med naboen. "
TEXT = "Kjære [[name]]!\n\n" + (PARAGRAPH * 3 + "\n\n") * 6 + "Meld deg av: [[unsubscribe_url]]\n"
STYLE = "<style>p { color: #222; line-height: 1.5; } h1 { font-size: 24px; } a { color: #0b5f73; }</style>"
HTML = (
    f"<!DOCTYPE html><html lang='nb'><head><title>Vårbrev</title>{STYLE}</head><body><h1>Kjære [[name]]!</h1>"
    + f"<p>{PARAGRAPH * 3}</p>" * 6
    + '<p><a href="[[unsubscribe_url]]">Meld deg av</a></p></body></html>'
)


def values(number: int) -> dict[str, str]:
    return {"name": f"Kåre Ærlig {number}", "unsubscribe_url": f"https://vvnf.example/av/{number}-abcdefghijklmnop/"}


@contextmanager
def mail_server(seconds_a_reply: float) -> Iterator[int]:
    """The sink in a process of its own, and Django's mail pointed at it. Yields its port."""
    command = [sys.executable, "-m", "tests.benchmarks.smtp_sink", str(seconds_a_reply)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        port = int(sink.stdout.readline())
        before = settings.MAILERS
        backend = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"host": "127.0.0.1", "port": port}}}
        try:
            yield port
        finally:
            settings.MAILERS = before
            sink.terminate()


def fill_the_outbox(n: int) -> None:
    """A newsletter to n recipients."""
    wording = outbox.store_wording(key=f"bench:{n}", subject="Vårbrev til [[name]]", text=TEXT, html=HTML)
    rows = (
        Draft(
            kind="newsletter",
            recipient_ref=f"member:{number}",
            address=f"m{number}@example.org",
            language="nb",
            unique_key=f"bench:{n}:{number}",
            wording=wording,
            values=values(number),
            headers={"List-Unsubscribe": f"<{values(number)['unsubscribe_url']}>"},
        )
        for number in range(n)
    )
    outbox.queue_many(rows=rows, at=timezone.now())


def one_worker() -> None:
    """What the task does until nothing is left."""
    while sending.send_due(at=timezone.now()).changed:
        pass


def by_two_workers(n: int) -> Measurement:
    """Send everything in the outbox and make sure that all of it counts as sent."""
    context = multiprocessing.get_context("fork")

    def work() -> None:
        connections.close_all()
        workers = [context.Process(target=one_worker) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    measured = measure(work)
    assert Message.objects.filter(kind="newsletter", state=State.SENT).count() == n
    return measured


def the_usual_way(n: int) -> None:
    """Django's send_mail: a connection each, the style sheet inlined each."""
    for number in range(n):
        send_mail(
            f"Vårbrev til {values(number)['name']}",
            mime.merged(TEXT, values(number)),
            settings.DEFAULT_FROM_EMAIL,
            [f"m{number}@example.org"],
            html_message=css_inline.inline(mime.merged(HTML, values(number), escape=True)),
        )


def bare_bytes(n: int, port: int) -> None:
    """Bytes made beforehand, over one connection, without any ledger."""
    wording = Wording(subject="Vårbrev", body_text=TEXT, body_html=HTML)
    message = Message(address="m@example.org", language="nb", unique_key="x", wording=wording, values=values(0))
    content = mime.build(message, sender=sender(), at=timezone.now())
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for _ in range(n):
            connection.sendmail("post@vvnf.example", ["m@example.org"], content)


@bench("mail", n=20_000)
def mail(n: int) -> Iterator[Row]:
    """A newsletter to n recipients, the server answering at once."""
    with mail_server(0) as port:
        fill_the_outbox(n)
        ours = by_two_workers(n)
        few = min(n, 200)
        usual = measure(lambda: the_usual_way(few))
        yield compare(n=n, ours=ours, baseline="send_mail, a connection each", theirs=usual, theirs_n=few)
        bare = measure(lambda: bare_bytes(n, port))
        yield compare(n=n, ours=ours, baseline="ready-made bytes, one connection, no ledger", theirs=bare)


@bench("mail_slow", n=4_000)
def mail_slow(n: int) -> Iterator[Row]:
    """The same, the server answering after 10 ms: what counts is how many conversations go on at once."""
    with mail_server(0.01) as port:
        fill_the_outbox(n)
        ours = by_two_workers(n)
        few = min(n, 100)
        one = measure(lambda: bare_bytes(few, port))
        yield compare(n=n, ours=ours, baseline="one connection", theirs=one, theirs_n=few)
