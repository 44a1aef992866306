"""Messages as they go out: headers that let a retry, a reply and an unsubscription find their effect."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from activities.errors import Refused
from activities.rendering import Rendered
from deals.deal import Person
from deals.effects import SendEmail
from store.unsubscribe import token_for

EFFECT_HEADER = "X-Dealwright-Effect"
_ADDRESS = re.compile(r"""([^\s@<>()\[\],;:\\"\x00-\x1f]+)@([^\s@<>()\[\],;:\\"\x00-\x1f]+)""")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """What all messages of an installation share.

    ``domain`` stands in Message-IDs. ``address`` gets bounces and unsubscriptions by mail, and is the sender where
    the rep has none. ``public_url`` is where contacts reach the gateway; without it a message has no unsubscribe
    link, only the address. ``secret`` signs the links' tokens (see ``store.unsubscribe``).
    """

    address: str
    domain: str
    name: str
    public_url: str | None
    secret: bytes

    def message_id(self, effect_id: str) -> str:
        """The Message-ID of an effect's message: always the same, so that it can be found and answered."""
        digest = hashlib.sha256(effect_id.encode()).hexdigest()[:32]
        return f"<{digest}@{self.domain}>"

    def unsubscribe_url(self, effect_id: str) -> str | None:
        """The link in an effect's message that ends all marketing to its contact."""
        if self.public_url is None:
            return None
        return f"{self.public_url.rstrip('/')}/unsubscribe/{token_for(effect_id, self.secret)}"

    def way_out(self, effect_id: str) -> str:
        """What a message says to whoever wants no more of them: the link, or where none can be, the address."""
        by_mail = f"mailto:{self.address}?subject=unsubscribe%20{token_for(effect_id, self.secret)}"
        return self.unsubscribe_url(effect_id) or by_mail

    def touch(self, effect: SendEmail, rendered: Rendered, at: datetime) -> EmailMessage:
        """A message to a contact, dated in the deal's time.

        Raises:
            Refused: an address is none.
        """
        message = self._begin(effect.id, rendered.subject, effect.sender, at)
        message["To"] = _address(effect.to.name, effect.to.email)
        if effect.reply_to_effect is not None:
            earlier = self.message_id(effect.reply_to_effect)
            message["In-Reply-To"] = earlier
            message["References"] = earlier
        if effect.marketing:
            self._let_unsubscribe(message, effect.id)
        message.set_content(rendered.body, cte="quoted-printable")
        return message

    def word(self, effect_id: str, to: Person, subject: str, body: str, at: datetime) -> EmailMessage:
        """A message to a colleague.

        Raises:
            Refused: an address is none.
        """
        message = self._begin(effect_id, subject, None, at)
        message["To"] = _address(to.name, to.email)
        message.set_content(body, cte="quoted-printable")
        return message

    def _begin(self, effect_id: str, subject: str, sender: Person | None, at: datetime) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["Subject"] = " ".join(subject.split())
        if sender is not None and sender.email:
            message["From"] = _address(sender.name, sender.email)
        else:
            message["From"] = _address(sender.name if sender else self.name, self.address)
        message["Date"] = at
        message["Message-ID"] = self.message_id(effect_id)
        message[EFFECT_HEADER] = effect_id
        return message

    def _let_unsubscribe(self, message: EmailMessage, effect_id: str) -> None:
        token = token_for(effect_id, self.secret)
        ways = [f"<mailto:{self.address}?subject=unsubscribe%20{token}>"]
        if url := self.unsubscribe_url(effect_id):
            ways.insert(0, f"<{url}>")
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["List-Unsubscribe"] = ", ".join(ways)


def _address(name: str, address: str | None) -> Address:
    if not address or not address.strip():
        raise Refused(f"{name} has no e-mail address")
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or len(address) > _LONGEST_ADDRESS:
        raise Refused(f"{address!r} of {name} is no e-mail address: write it like ada@example.com")
    return Address(display_name=" ".join(name.split()), username=found[1], domain=found[2])
