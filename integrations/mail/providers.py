"""The tools that bring mail: providers by their webhooks, a mailbox by polling."""

from __future__ import annotations

from integrations.imap.settings import ImapConnection
from integrations.kit.inbound import InboundHandler
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Connected, Tool
from integrations.ses.settings import SesConnection


def _raw(_: Connected | None) -> InboundHandler:
    from integrations.mail.inbound.handler import MailHandler
    from integrations.mail.inbound.raw import read

    return MailHandler(read=read)


def _postmark(_: Connected | None) -> InboundHandler:
    from integrations.mail.inbound.handler import MailHandler
    from integrations.postmark.webhooks import read

    return MailHandler(read=read)


def _sendgrid(_: Connected | None) -> InboundHandler:
    from integrations.mail.inbound.handler import MailHandler
    from integrations.sendgrid.webhooks import read

    return MailHandler(read=read)


def _mailgun(_: Connected | None) -> InboundHandler:
    from integrations.mail.inbound.handler import MailHandler
    from integrations.mailgun.webhooks import read, token_of

    return MailHandler(read=read, once_by=token_of)


def _mailgun_routes(_: Connected | None) -> InboundHandler:
    from integrations.mail.inbound.handler import MailHandler
    from integrations.mailgun.webhooks import read_route, token_of

    return MailHandler(read=read_route, once_by=token_of)


def _ses(connected: Connected | None) -> InboundHandler:
    from integrations.ses.bucket import Bucket
    from integrations.ses.handler import SesHandler

    connection = connected.block(SesConnection) if connected else None
    return SesHandler(bucket=Bucket(connection) if connection and connection.bucket else None)


def _imap(connected: Connected) -> PollingSource:
    from integrations.imap.polling import ImapPolling

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
