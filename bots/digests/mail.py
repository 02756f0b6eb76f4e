"""A message as e-mail: one encoder for text and HTML, the chart inside the mail, nothing loaded from elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import quote

from bots.digests.changes import in_brackets
from bots.reports.files import MEDIA, Report
from store.models import utc_now

_TONES = {"good": "#15803d", "bad": "#b91c1c"}
_BODY = (
    "margin:0;background:#f4f5f7;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#111827"
)
_CARD = "max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px"
_DARK = (
    "@media (prefers-color-scheme:dark){.bg{background:#0f1115!important}"
    ".card{background:#1a1d23!important;color:#e5e7eb!important}.soft{color:#9ca3af!important}"
    ".line td{border-color:#2b3038!important}.card a{color:#93c5fd!important}.pic{border-radius:8px}}"
)
"""For readers whose mail program is dark; a program that knows no style sheets shows it light."""
_LONGEST_SUBJECT = 140
_ASIDE = (("why", "Why: "), ("silence", ""))
"""What is said below a finding, and how it begins."""


@dataclass(frozen=True)
class Envelope:
    """From whom to whom, and where the links of the mail lead; `site` may be empty, and then there are none."""

    sender: str
    recipient: str
    message_id: str
    digest_id: str
    workspace: str
    site: str = ""
    unsubscribe: str = ""


def encode(
    envelope: Envelope, body: dict[str, Any], picture: bytes | None, reports: Sequence[Report] = ()
) -> EmailMessage:
    """The mail of a message; its Message-ID is the message's own, so that a copy is known as one."""
    mail = EmailMessage(policy=SMTP)
    host = envelope.sender.rpartition("@")[2]
    mail["From"] = Address("Plainsay", addr_spec=envelope.sender)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = _subject(f"{body['name']}: {body['headline']}")
    mail["Message-ID"] = f"<{envelope.message_id}@{host}>"
    mail["Date"] = format_datetime(utc_now())
    mail["Auto-Submitted"] = "auto-generated"
    if envelope.unsubscribe:
        mail["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Id"] = f"<{envelope.digest_id}.digests.{host}>"
    mail.set_content("\n".join(text(envelope, body)))
    cid = hashlib.blake2s(envelope.message_id.encode(), digest_size=8).hexdigest() + f"@{host}"
    mail.add_alternative("".join(_html(envelope, body, cid if picture else None)), subtype="html")
    if picture:
        parts = mail.get_payload()
        page = parts[1] if isinstance(parts, list) else None
        if isinstance(page, EmailMessage):
            page.add_related(picture, "image", "png", cid=f"<{cid}>", filename="chart.png", disposition="inline")
    for one in reports:
        main, sub = MEDIA[one.format]
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return mail


def link(envelope: Envelope, question: str) -> str:
    """Where a question of the mail is asked; empty without a site."""
    if not envelope.site:
        return ""
    return f"{envelope.site}/?workspace={quote(envelope.workspace)}&q={quote(question)}"


def opened(envelope: Envelope) -> str:
    """Where the message itself is opened, by whom it went to, to go on from its figures; there must be a site."""
    return f"{envelope.site}/inbox/{quote(envelope.message_id)}"


def text(envelope: Envelope, body: dict[str, Any]) -> Iterator[str]:
    """The lines of a message as plain text."""
    yield body["headline"]
    for number, item in enumerate(body["items"]):
        if number:
            yield f"\n- {item['text']}"
        yield from (f"  {title}{item[name]}" for name, title in _ASIDE if item.get(name))
    if body["figures"]:
        yield ""
        yield from (f"{f['label']}: {f['value']}{in_brackets(f)}" for f in body["figures"])
    for title, lines in (("Goals", body["goals"]), ("Ahead", [body["ahead"]] if body["ahead"] else [])):
        if lines:
            yield f"\n{title}"
            yield from (f"- {line}" for line in lines)
    if body["questions"]:
        yield "\nAsk next"
        for question in body["questions"]:
            yield f"- {question}"
            if envelope.site:
                yield f"  {link(envelope, question)}"
    if envelope.site:
        yield f"\nGo on from here: {opened(envelope)}"
    if body["note"]:
        yield f"\n{body['note']}"
    if envelope.unsubscribe or envelope.site:
        yield f"\nYou get “{body['name']}” because you asked for it."


def _html(envelope: Envelope, body: dict[str, Any], cid: str | None) -> Iterator[str]:
    title = escape(body["name"])
    yield f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
    yield "<meta name='viewport' content='width=device-width'><meta name='color-scheme' content='light dark'>"
    yield f"<meta name='supported-color-schemes' content='light dark'><style>{_DARK}</style></head>"
    yield f"<body class='bg' style=\"{_BODY}\"><div class='bg' style='padding:24px 12px'>"
    yield f"<div class='card' style='{_CARD}'>"
    period = f" · {escape(body['period'])}" if body["period"] else ""
    yield f"<p class='soft' style='margin:0 0 8px;color:#6b7280;font-size:13px'>{title}{period}</p>"
    yield f"<h1 style='margin:0 0 16px;font-size:20px;line-height:1.35'>{escape(body['headline'])}</h1>"
    yield from _html_items(body)
    if cid and body["chart"]:
        alt = escape(body["chart"]["alt"], quote=True)
        look = "width:100%;max-width:552px;height:auto"
        yield f"<img class='pic' src='cid:{cid}' alt=\"{alt}\" width='552' style='{look}'>"
    yield from _html_figures(body["figures"])
    yield from _section("Goals", body["goals"])
    yield from _section("What is ahead", [body["ahead"]] if body["ahead"] else [])
    yield from _section_of_links(envelope, body["questions"])
    if envelope.site:
        there = escape(opened(envelope), quote=True)
        yield f"<p style='margin:20px 0 0'><a href=\"{there}\">Go on from here</a></p>"
    if body["note"]:
        yield f"<p class='soft' style='color:#6b7280;font-size:13px'>{escape(body['note'])}</p>"
    yield "</div><p class='soft' style='max-width:600px;margin:12px auto 0;color:#6b7280;font-size:12px'>"
    yield f"You get “{title}” because you asked for it."
    yield "</p></div></body></html>"


def _html_items(body: dict[str, Any]) -> Iterator[str]:
    for number, item in enumerate(body["items"]):
        colour = _TONES.get(item["tone"], "#d1d5db")
        said = f"<div>{escape(item['text'])}</div>" if number else ""
        for name, title in _ASIDE:
            if item.get(name):
                said += f"<div class='soft' style='color:#374151;margin-top:4px'>{title}{escape(item[name])}</div>"
        if said:
            yield f"<div style='border-left:3px solid {colour};padding:2px 0 2px 12px;margin:0 0 12px'>{said}</div>"


def _html_figures(figures: list[dict[str, str]]) -> Iterator[str]:
    if figures:
        yield "<table role='presentation' style='width:100%;border-collapse:collapse;margin:16px 0 0'>"
        for one in figures:
            said = f"{escape(one['value'])}<span class='soft' style='color:#6b7280'>{escape(in_brackets(one))}</span>"
            yield "<tr class='line'><td style='padding:6px 0;border-top:1px solid #e5e7eb'>" + escape(one["label"])
            yield f"</td><td style='padding:6px 0;border-top:1px solid #e5e7eb;text-align:right'>{said}</td></tr>"
        yield "</table>"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"<h2 style='font-size:14px;margin:20px 0 6px'>{title}</h2>"
        yield from (f"<p style='margin:0 0 6px'>{escape(line)}</p>" for line in lines)


def _section_of_links(envelope: Envelope, questions: list[str]) -> Iterator[str]:
    if not questions:
        return
    yield "<h2 style='font-size:14px;margin:20px 0 6px'>Ask next</h2><ul style='margin:0;padding-left:20px'>"
    for question in questions:
        there, text = link(envelope, question), escape(question)
        yield f'<li><a href="{escape(there, quote=True)}">{text}</a></li>' if there else f"<li>{text}</li>"
    yield "</ul>"


def _subject(text: str) -> str:
    """One line that ends at a word where it is too long for a list of mails."""
    said = _one_line(text)
    return said if len(said) <= _LONGEST_SUBJECT else f"{said[: _LONGEST_SUBJECT - 1].rsplit(' ', 1)[0]}…"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
