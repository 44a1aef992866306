"""A seller's mailbox, read over IMAP: in it lie the answer that came by a route of Mailgun as well, and one more."""

from __future__ import annotations

from datetime import UTC, datetime

from demo.all_tools.around import Around
from demo.all_tools.letters import answer_to, first_letter
from demo.all_tools.part import Life, Line, Part, read_beside
from demo.all_tools.parts.mailgun import ANSWER
from demo.all_tools.parts.pipedrive import ADA
from integrations.kit.simulator.simulator import ConnectionExample
from local.imap_server import PASSWORD

_MORE = "answer-2@reed.example"


async def _write_once_more(life: Life) -> None:
    more = answer_to(await first_letter(life, ADA), "Ada Roth", _MORE, "Tuesday would be best.")
    for message in (life.noted[ANSWER], more.as_string()):
        life.around.mailbox.deliver(message.encode(), datetime.now(UTC))
    await read_beside(life.stack, "imap")
    life.heard("mail", "reply_received")  # the other one is known: a message counts once, whichever way it comes


async def _compare(life: Life) -> list[Line]:
    answers = {one.id for one in await life.taken() if one.fact == "reply_received"}
    there = life.around.mailbox.folders["INBOX"]
    return [Line("messages, each once over both ways", len(answers), len(there))]


def _connected(around: Around) -> ConnectionExample:
    login = {"username": "sam@seller.example", "password": "secret:password"}
    block = {"host": "127.0.0.1", "port": around.mailbox.port, "security": "none", **login}
    return ConnectionExample(source="imap", block=block, secrets={"password": PASSWORD})


IMAP = Part(
    tool="imap", does="mail in, read", acts={"answer": _write_once_more}, compare=_compare, deal="fourth",
    source="mail", connected=_connected,
)  # fmt: skip
