"""Builds outgoing messages, with headers by which a retry, a reply and an unsubscription find their effect."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.policy import Policy
from email.quoprimime import body_encode
from email.utils import format_datetime
from urllib.parse import quote

from typing_extensions import override

from dealwright.deal import Person
from dealwright.effects import Conversation, SendEmail
from integrations.kit.errors import Refused
from integrations.mail.conversations import continued_conversation, new_conversation
from integrations.mail.headers import address_header, plain, text_header, token_header, without_surrogates
from integrations.mail.mailboxes import Mailbox, mailbox
from integrations.mail.proofreading import Expected, proofread
from integrations.mail.rendering import Rendered
from integrations.mail.touch_addresses import TouchAddresses
from store.unsubscribe import token_for

EFFECT_HEADER = "X-Dealwright-Effect"
_BODY_LINE = 76
"""Characters of a line in quoted-printable (RFC 2045)."""
_FOR_READERS = {
    "MIME-Version": "1.0",
    "Content-Type": 'text/plain; charset="utf-8"',
    "Content-Transfer-Encoding": "quoted-printable",
}


class MailMessage(EmailMessage):
    """A finished message: what a reader finds in it, and the very bytes that go out."""

    content: bytes = b""
    sender: str = ""
    recipient: str = ""
    needs_utf8: bool = False
    """Whether an address has letters beyond ASCII before its ``@``."""
    conversation: Conversation | None = None
    """What the next message to the same contact may carry on."""

    @override
    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None) -> bytes:
        """The message as it was proofread: Python's policy would write it anew."""
        return self.content


@dataclass(frozen=True, kw_only=True)
class MessageBuilder:
    """Builds messages, with what all of an installation share.

    ``domain`` stands in Message-IDs. ``address`` gets bounces and unsubscriptions by mail, and is the sender where
    the rep has none. ``public_url`` is where contacts reach the gateway; without it a message has no unsubscribe
    link, only the address. ``secret`` signs the links' tokens (see ``store.unsubscribe``). ``inbound`` makes each
    message's own addresses, where the installation receives mail.
    """

    address: str
    domain: str
    name: str
    public_url: str | None
    secret: bytes
    inbound: TouchAddresses | None = None

    def message_id(self, effect_id: str) -> str:
        """The Message-ID of an effect's message: always the same, so that it can be found and answered."""
        digest = hashlib.sha256(effect_id.encode()).hexdigest()[:32]
        return f"<{digest}@{self.domain}>"

    def return_path(self, effect_id: str) -> str:
        """Where bounces of an effect's message go: the sender in its envelope."""
        return self.address if self.inbound is None else self.inbound.of(effect_id, "bounce")

    def unsubscribe_url(self, effect_id: str) -> str | None:
        """The link in an effect's message that ends all marketing to its contact."""
        if self.public_url is None:
            return None
        return f"{self.public_url.rstrip('/')}/unsubscribe/{token_for(effect_id, self.secret)}"

    def unsubscribe_text(self, effect_id: str) -> str:
        """What a message says to whoever wants no more of them: the link, or where none can be, the address."""
        return self.unsubscribe_url(effect_id) or self._unsubscribe_by_mail(effect_id)

    def to_contact(
        self, effect: SendEmail, rendered: Rendered, at: datetime, earlier: Conversation | None = None
    ) -> MailMessage:
        """A message to a contact, dated in the deal's time; ``earlier`` is the conversation that it carries on.

        Raises:
            Refused: an address is none, or the message would not arrive as it was meant.
        """
        own = self.message_id(effect.id)
        if earlier is None and effect.reply_to_effect is not None:
            # Whoever has not asked the ledger knows the message's id, and nothing of what it said.
            earlier = new_conversation(plain(rendered.subject), self.message_id(effect.reply_to_effect))
        if earlier is None:
            conversation, tokens = new_conversation(plain(rendered.subject), own), self._id_headers(effect.id, at)
        else:
            conversation = continued_conversation(earlier, effect.reply_to_message_id, own)
            chain = conversation.references[:-1]
            tokens = self._id_headers(effect.id, at) | {"In-Reply-To": chain[-1:], "References": chain}
        if effect.marketing:
            tokens |= self._unsubscribe_headers(effect.id)
        tokens |= self._reply_headers(effect.id, self._sender(effect.sender))
        people = {"From": self._sender(effect.sender), "To": mailbox(effect.to.name, effect.to.email)}
        letter = _written(people, conversation.subject, tokens, rendered.body)
        letter.conversation = conversation
        return letter

    def to_colleague(self, effect_id: str, to: Person, subject: str, body: str, at: datetime) -> MailMessage:
        """A message to a colleague.

        Raises:
            Refused: an address is none, or the message would not arrive as it was meant.
        """
        people = {"From": self._sender(None), "To": mailbox(to.name, to.email)}
        return _written(people, subject, self._id_headers(effect_id, at), body)

    def _sender(self, sender: Person | None) -> Mailbox:
        if sender is not None and sender.email:
            return mailbox(sender.name, sender.email)
        return mailbox(sender.name if sender else self.name, self.address)

    def _id_headers(self, effect_id: str, at: datetime) -> dict[str, tuple[str, ...]]:
        return {
            "Date": (format_datetime(at),),
            "Message-ID": (self.message_id(effect_id),),
            EFFECT_HEADER: (effect_id,),
        }

    def _reply_headers(self, effect_id: str, sender: Mailbox) -> dict[str, tuple[str, ...]]:
        """Answers go to the rep as before, and to the message's own address."""
        if self.inbound is None or sender.needs_utf8:
            return {}
        own = self.inbound.of(effect_id, "reply")
        return {"Reply-To": (own,) if sender.address == self.inbound.mailbox else (f"{sender.address},", own)}

    def _unsubscribe_headers(self, effect_id: str) -> dict[str, tuple[str, ...]]:
        by_mail = f"<{self._unsubscribe_by_mail(effect_id)}>"
        url = self.unsubscribe_url(effect_id)
        if url is None:
            return {"List-Unsubscribe": (by_mail,)}
        return {
            "List-Unsubscribe": (f"<{url}>,", by_mail),
            "List-Unsubscribe-Post": ("List-Unsubscribe=One-Click",),
        }

    def _unsubscribe_by_mail(self, effect_id: str) -> str:
        token = token_for(effect_id, self.secret)
        address = self.address if self.inbound is None else self.inbound.of(effect_id, "unsubscribe")
        return f"mailto:{quote(address, safe='@+')}?subject=unsubscribe%20{token}"


def _written(
    people: Mapping[str, Mailbox], subject: str, tokens: Mapping[str, tuple[str, ...]], body: str
) -> MailMessage:
    """The message with these headers, read back before anybody may hand it over."""
    subject, text = plain(subject), _lines(body)
    headers = [address_header(name, person.name, person.address) for name, person in people.items()]
    headers.append(text_header("Subject", subject))
    headers += [token_header(name, *parts) for name, parts in tokens.items()]
    headers += [token_header(name, value) for name, value in _FOR_READERS.items()]
    try:
        content = "".join(headers).encode() + b"\r\n" + _quoted_printable(text)
    except UnicodeError as error:
        raise Refused(f"the message cannot be written as mail ({error})") from error
    texts = {"Subject": subject} | {name: " ".join(parts) for name, parts in tokens.items()} | _FOR_READERS
    proofread(content, Expected(people=people, texts=texts, body=text))
    return _finished(content, people)


def _finished(content: bytes, people: Mapping[str, Mailbox]) -> MailMessage:
    head, _, text = content.decode().partition("\r\n\r\n")
    letter = MailMessage(policy=policy.SMTP)
    for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n"):
        name, _, value = line.partition(": ")
        letter.set_raw(name, value)
    letter.set_payload(text)
    letter.content, letter.sender, letter.recipient = content, people["From"].address, people["To"].address
    letter.needs_utf8 = any(person.needs_utf8 for person in people.values())
    return letter


def _lines(body: str) -> str:
    text = re.sub(r"\r\n?", "\n", without_surrogates(body))
    return text if text.endswith("\n") else text + "\n"


def _quoted_printable(text: str) -> bytes:
    # Octets as characters is what ``quoprimime`` takes. A lone dot would end the message, if a relay forgot its part.
    encoded = body_encode(text.encode().decode("latin-1"), maxlinelen=_BODY_LINE, eol="\r\n")
    return re.sub(r"^\.(?=\r?$)", "=2E", encoded, flags=re.MULTILINE).encode("ascii")
