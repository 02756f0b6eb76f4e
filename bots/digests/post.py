"""How mail leaves the house: over the company's own mail server, and never twice when it is not known if it arrived."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from store import settings
from store.delivery import Ambiguous
from store.errors import ConfigProblem, QueryRefused, Unavailable

SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_LATER = 500


@dataclass(frozen=True)
class Server:
    """A mail server from the setting: smtp:// upgrades to TLS where it is offered, smtps:// begins with it.

    Credentials are only sent over TLS.
    """

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""


def server() -> Server:
    """The mail server of the setting `smtp_url`. Raises `ConfigProblem` without one."""
    given = str(settings.get("smtp_url"))
    try:
        parts = urlsplit(given)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigProblem(
            "No mail server is set up, so no e-mail can be sent.", code="no_mail_server",
            hint="Set PLAINSAY_SMTP_URL to smtp://user:password@host:587, and PLAINSAY_MAIL_FROM to a sender.",
        )  # fmt: skip
    names = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port, parts.scheme == "smtps", *names)


async def send(mail: EmailMessage) -> str:
    """Hand a mail to the server; a note. Raises `Unavailable` (not sent, try again), `QueryRefused` (never will be),
    `Ambiguous` (sent, and the server gave no answer)."""
    there = server()
    return await asyncio.to_thread(_send, there, mail)


def _send(there: Server, mail: EmailMessage) -> str:
    sender = mail["From"].addresses[0].addr_spec
    recipients = [a.addr_spec for a in mail["To"].addresses]
    try:
        client = _connected(there)
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable("The mail server does not answer.", code="mail_unreachable") from error
    try:
        _envelope(client, sender, recipients)
        _body(client, mail)
    finally:
        client.close()
    return "accepted by the mail server"


def _connected(there: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if there.tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(there.host, there.port, timeout=SECONDS, context=context)
    else:
        client = smtplib.SMTP(there.host, there.port, timeout=SECONDS)
    try:
        client.ehlo()
        if not there.tls and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
        if there.user:
            if not isinstance(client.sock, ssl.SSLSocket):
                raise ConfigProblem("The mail server offers no TLS, so its password is not sent.", code="mail_plain")
            client.login(there.user, there.password)
    except BaseException:
        client.close()
        raise
    return client


def _envelope(client: smtplib.SMTP, sender: str, recipients: list[str]) -> None:
    """Nothing is sent before the server knows from whom and to whom: whatever fails here, no mail went out."""
    try:
        answers = [client.mail(sender), *(client.rcpt(recipient) for recipient in recipients)]
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable("The mail server hung up.", code="mail_unreachable") from error
    for code, _ in answers:
        _check(code)


def _body(client: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        code, _ = client.data(mail.as_bytes())
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except (smtplib.SMTPException, OSError) as error:
        raise Ambiguous("The mail server hung up before it said whether it took the mail.") from error
    _check(code)


def _check(code: int) -> None:
    if code >= _LATER:
        raise QueryRefused(f"The mail server refused the mail (status {code}).", code="mail_refused")
    if not 200 <= code < 300:
        raise Unavailable(f"The mail server cannot take the mail now (status {code}).", code="mail_later")
