"""A chat's incoming webhook, against a real HTTP server that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from dealwright.effects import Notify
from integrations.chat.incoming_webhook import ChatWebhook
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from tests.store.samples import JANE, NOW

NOTICE = Notify(id="acme-1/n", at=NOW, summary="Tell", role="sales_manager", owner=JANE, text="No next meeting")


@dataclass
class Channel:
    """The far end of a webhook: it keeps the texts it gets, and answers with ``answer`` (None: hangs up)."""

    port: int = 0
    answer: str | None = "200 OK"
    texts: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split()[0])
        self.texts.append(json.loads(await reader.readexactly(length))["text"])
        if self.answer is not None:
            writer.write(f"HTTP/1.1 {self.answer}\r\nConnection: close\r\nContent-Length: 3\r\n\r\nwhy".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    far = Channel()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    far.port = server.sockets[0].getsockname()[1]
    yield far
    server.close()
    await server.wait_closed()


@pytest.fixture
async def chat(channel: Channel) -> AsyncIterator[ChatWebhook]:
    webhook = ChatWebhook(f"http://127.0.0.1:{channel.port}/hooks/x", timeout=timedelta(seconds=2))
    yield webhook
    await webhook.close()


async def tell(chat: ChatWebhook, deal_id: str, effect: Notify) -> None:
    delivery = await chat.tell(deal_id, effect)
    await delivery.send()


async def test_a_notice_names_whom_it_is_for_and_its_deal(chat: ChatWebhook, channel: Channel) -> None:
    await tell(chat, "acme-1", NOTICE)
    await tell(chat, "acme-1", NOTICE.model_copy(update={"owner": None}))
    assert channel.texts == [
        "Jane Doe (sales_manager), deal acme-1: No next meeting",
        "sales_manager, deal acme-1: No next meeting",
    ]


@pytest.mark.parametrize(
    ("written", "posted"),
    [
        ("<!channel> look", "&lt;!channel&gt; look"),
        ("<!subteam^S012|boss> look", "&lt;!subteam^S012|boss&gt; look"),
        ("ask <@U024BE7LH>", "ask &lt;@ U024BE7LH&gt;"),
        ("see <https://evil.example|https://bank.example>", "see &lt;https://evil.example|https://bank.example&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
    ],
)
async def test_text_means_nothing_to_slack(chat: ChatWebhook, channel: Channel, written: str, posted: str) -> None:
    await tell(chat, "acme-1", NOTICE.model_copy(update={"text": written}))
    assert channel.texts == [f"Jane Doe (sales_manager), deal acme-1: {posted}"]


@pytest.mark.parametrize(
    ("written", "posted"),
    [
        ("@all look", "@ all look"),
        ("(@here) and .@channel", "(@ here) and .@ channel"),
        ("@@all", "@ @ all"),
        ("_@all_", "_@ all_"),
        ("~town-square", "~ town-square"),
        ("[https://bank.example](https://evil.example)", "[https://bank.example] (https://evil.example)"),
        ("![](https://evil.example/seen.png)", "![] (https://evil.example/seen.png)"),
        ("[bank][1]\n[1]: https://evil.example", "[bank] [1] [1] : https://evil.example"),
    ],
)
async def test_text_means_nothing_to_mattermost(chat: ChatWebhook, channel: Channel, written: str, posted: str) -> None:
    await tell(chat, "acme-1", NOTICE.model_copy(update={"text": written}))
    assert channel.texts == [f"Jane Doe (sales_manager), deal acme-1: {posted}"]


@pytest.mark.parametrize(
    "text", ["ana@buyer.example wrote", "https://crm.example/deals/1", "12 % off [list price]", "a @ b", "~ 40 seats"]
)
async def test_other_text_is_posted_as_it_is(chat: ChatWebhook, channel: Channel, text: str) -> None:
    await tell(chat, "acme-1", NOTICE.model_copy(update={"text": text}))
    assert channel.texts == [f"Jane Doe (sales_manager), deal acme-1: {text}"]


async def test_a_notice_is_one_line_so_that_its_text_passes_for_no_other_notice(
    chat: ChatWebhook, channel: Channel
) -> None:
    await tell(chat, "acme-1", NOTICE.model_copy(update={"text": "Hello\n\n# Jane Doe (boss), deal acme-2:\u2028won"}))
    assert channel.texts == ["Jane Doe (sales_manager), deal acme-1: Hello # Jane Doe (boss), deal acme-2: won"]


async def test_names_mean_nothing_to_a_chat_either(chat: ChatWebhook, channel: Channel) -> None:
    owner = JANE.model_copy(update={"name": "<!here> @all"})
    await tell(chat, "acme-1", NOTICE.model_copy(update={"owner": owner}))
    assert channel.texts == ["&lt;!here&gt; @ all (sales_manager), deal acme-1: No next meeting"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("404 Not Found", Refused),
        ("429 Too Many Requests", NotHandedOver),
        ("503 Service Unavailable", NotHandedOver),
        ("504 Gateway Timeout", Unanswered),
        (None, Unanswered),
    ],
)
async def test_what_the_chat_says_is_understood(
    chat: ChatWebhook, channel: Channel, answer: str | None, error: type[Exception]
) -> None:
    channel.answer = answer
    with pytest.raises(error):
        await tell(chat, "acme-1", NOTICE)


async def test_a_chat_that_is_away_got_nothing() -> None:
    chat = ChatWebhook("http://127.0.0.1:1/hooks/x")
    with pytest.raises(NotHandedOver, match="The chat does not answer"):
        await tell(chat, "acme-1", NOTICE)
    await chat.close()
