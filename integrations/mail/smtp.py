"""Mail over SMTP, in steps, so that it is known at each how far a message has come.

Nothing is handed over before the ``DATA`` command. From it on, an answer says what became of the message; a
connection that ends without one leaves it unknown, for SMTP has no way to ask again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import timedelta
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.mail.headers import plain
from integrations.mail.mailboxes import deliverable
from integrations.mail.messages import MailMessage

_QUOTED_ADDRESS = re.compile(r"""[^\s<>()\[\]"':;,]+@[^\s<>()\[\]"':;,]+|<[^<>]*@[^<>]*>""")

Security = Literal["none", "starttls", "tls"]


class SmtpMailer:
    """Sends through one mail server, with a connection of its own for each message.

    ``timeout`` bounds twice: all that comes before the message, and the wait for the answer to it. Both together
    must be shorter than an attempt of the activity, or a slow message counts as uncertain.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: Security = "none",
        login: tuple[str, str] | None = None,
        timeout: timedelta = timedelta(seconds=10),
        hello: str = "localhost",
    ) -> None:
        self._host, self._port, self._security, self._login = host, port, security, login
        self._timeout, self._hello = timeout.total_seconds(), hello

    async def send(self, message: MailMessage, *, sender: str, recipient: str) -> None:
        """Hand a message to the mail server; ``sender`` is where bounces go.

        Raises:
            NotHandedOver: the server is away, or takes no messages now.
            Refused: the server will never take this message.
            Unanswered: the connection ended after ``DATA`` and before the answer.
        """
        envelope = _path(sender), _path(recipient)
        smtp = self._connection()
        try:
            await self._come_to_the_message(smtp, message, *envelope)
            await _hand_over(smtp, message.as_bytes())
            await _leave(smtp)
        finally:
            smtp.close()

    async def check(self) -> None:
        """Make sure that the mail server takes us, and send nothing.

        Raises:
            NotHandedOver: it does not, and why.
        """
        smtp = self._connection()
        try:
            async with asyncio.timeout(self._timeout):
                await self._open(smtp)
            await _leave(smtp)
        except TimeoutError:
            raise NotHandedOver(f"The mail server {self._host}:{self._port} takes too long") from None
        finally:
            smtp.close()

    async def _come_to_the_message(self, smtp: SMTP, message: MailMessage, sender: str, recipient: str) -> None:
        # All steps share one time-out: an attempt must not outlive its activity before anything was sent.
        try:
            async with asyncio.timeout(self._timeout):
                await self._open(smtp)
                await self._envelope(smtp, message, sender, recipient)
        except TimeoutError:
            raise NotHandedOver(f"The mail server {self._host}:{self._port} takes too long") from None

    def _connection(self) -> SMTP:
        return SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            timeout=self._timeout,
            local_hostname=self._hello,
        )

    async def _open(self, smtp: SMTP) -> None:
        try:
            await smtp.connect()
            if self._login is not None:
                await smtp.login(*self._login)
        except (SMTPException, OSError) as error:
            raise NotHandedOver(
                f"The mail server {self._host}:{self._port} does not take us ({_words(error)})"
            ) from None
        except UnicodeError:
            raise NotHandedOver("The mail server's login has letters that mail cannot carry") from None

    async def _envelope(self, smtp: SMTP, message: MailMessage, sender: str, recipient: str) -> None:
        options = ["SMTPUTF8"] if message.needs_utf8 or not (sender + recipient).isascii() else []
        try:
            if options:
                await smtp.ehlo()
            if options and not smtp.supports_extension("smtputf8"):
                raise Refused("the mail server takes no address with letters beyond ASCII before the @")
            await smtp.mail(sender, options=options, encoding="utf-8" if options else "ascii")
            await smtp.rcpt(recipient, encoding="utf-8" if options else "ascii")
        except (SMTPSenderRefused, SMTPRecipientRefused) as error:
            raise _by_code(error) from None
        except ValueError:
            raise Refused("its address is none that mail can go to") from None
        except (SMTPException, OSError) as error:
            raise NotHandedOver(f"The mail server broke off before the message ({_words(error)})") from None


async def _hand_over(smtp: SMTP, content: bytes) -> None:
    try:
        await smtp.data(content)
    except SMTPDataError as error:
        raise _by_code(error) from None
    except (SMTPException, OSError) as error:
        raise Unanswered(f"the mail server did not answer after the message ({_words(error)})") from None


def _by_code(error: SMTPResponseException) -> NotHandedOver | Refused | Unanswered:
    answer = f"the mail server answered {_words(error)}"
    if 400 <= error.code < 500:  # noqa: PLR2004 - RFC 5321: transient
        return NotHandedOver(answer[0].upper() + answer[1:])
    if 500 <= error.code < 600:  # noqa: PLR2004 - RFC 5321: permanent
        return Refused(answer)
    return Unanswered(answer)


def _path(address: str) -> str:
    found = deliverable(address.strip())
    if found is None:
        raise Refused("its address is none that mail can go to")
    return found


def _words(error: BaseException) -> str:
    """What went wrong, for people and logs. Servers quote addresses in their answers: those are left out."""
    if isinstance(error, SMTPResponseException):
        text = f"{error.code} {error.message}"
    else:
        text = f"{type(error).__name__}: {error}"
    return _QUOTED_ADDRESS.sub("<address>", plain(text))[:300]


async def _leave(smtp: SMTP) -> None:
    # The message is handed over by now: how the connection ends changes nothing.
    with contextlib.suppress(SMTPException, OSError):
        await smtp.quit(timeout=1)
