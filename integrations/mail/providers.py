"""The tools that bring mail: providers by their webhooks, a mailbox by polling."""

from __future__ import annotations

from integrations.imap.polling import ImapPolling
from integrations.imap.settings import ImapConnection
from integrations.kit.inbound import InboundHandler
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Connected, Tool
from integrations.mail.inbound import raw
from integrations.mail.inbound.handler import MailHandler
from integrations.mailgun import webhooks as mailgun
from integrations.postmark import webhooks as postmark
from integrations.sendgrid import webhooks as sendgrid
from integrations.ses.bucket import Bucket
from integrations.ses.handler import SesHandler
from integrations.ses.settings import SesConnection


def _raw(_: Connected | None) -> InboundHandler:
    return MailHandler(read=raw.read)


def _postmark(_: Connected | None) -> InboundHandler:
    return MailHandler(read=postmark.read)


def _sendgrid(_: Connected | None) -> InboundHandler:
    return MailHandler(read=sendgrid.read)


def _mailgun(_: Connected | None) -> InboundHandler:
    return MailHandler(read=mailgun.read, once_by=mailgun.token_of)


def _mailgun_routes(_: Connected | None) -> InboundHandler:
    return MailHandler(read=mailgun.read_route, once_by=mailgun.token_of)


def _ses(connected: Connected | None) -> InboundHandler:
    connection = connected.block(SesConnection) if connected else None
    return SesHandler(bucket=Bucket(connection) if connection and connection.bucket else None)


def _imap(connected: Connected) -> PollingSource:
    return ImapPolling(connected.block(ImapConnection), connected.store)


MAIL_TOOLS = (
    Tool(name="mail", title="Raw mail", source="mail", handler=_raw),
    Tool(name="postmark", title="Postmark", source="postmark", handler=_postmark),
    Tool(name="sendgrid", title="SendGrid", source="sendgrid", handler=_sendgrid),
    Tool(name="sendgrid_parse", title="SendGrid Inbound Parse", source="sendgrid_parse", handler=_sendgrid),
    Tool(name="mailgun", title="Mailgun", source="mailgun", handler=_mailgun),
    Tool(name="mailgun_routes", title="Mailgun routes", source="mailgun_routes", handler=_mailgun_routes),
    Tool(name="ses", title="Amazon SES", source="ses", connection=SesConnection, handler=_ses),
    Tool(name="imap", title="A mailbox over IMAP", connection=ImapConnection, polling=_imap),
)
