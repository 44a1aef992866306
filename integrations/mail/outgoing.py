"""How an installation sends mail, as its settings say."""

from __future__ import annotations

from integrations.mail.messages import MessageBuilder
from integrations.mail.smtp import SmtpMailer
from integrations.mail.touch_addresses import TouchAddresses
from runtime.settings import Settings


def mailer_of(settings: Settings) -> SmtpMailer:
    """What hands messages to the mail server."""
    password = settings.smtp_password
    login = (settings.smtp_username, password.get_secret_value()) if settings.smtp_username and password else None
    return SmtpMailer(settings.smtp_host, settings.smtp_port, security=settings.smtp_tls, login=login)


def message_builder_of(settings: Settings, secret: bytes) -> MessageBuilder:
    """What makes messages; ``secret`` signs the addresses in them."""
    return MessageBuilder(
        address=settings.mail_from,
        name=settings.mail_name,
        domain=settings.mail_domain,
        public_url=settings.public_url or None,
        secret=secret,
        inbound=TouchAddresses(mailbox=settings.mail_inbound, secret=secret) if settings.mail_inbound else None,
    )
