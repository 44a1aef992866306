"""Twilio: who allowed text messages gets one once a meeting is booked, and answers it."""

from __future__ import annotations

from typing import Any

from dealwright.facts import ChannelAllowed
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.hubspot import PHONE


async def _allow(life: Life) -> None:
    """On the phone, Ada agrees to text messages; what nobody said is no consent."""
    await life.deal.tell(ChannelAllowed(id="all-sms", channel="sms", by="Sam Holt"))


async def _answer(life: Life) -> None:
    async def arrived() -> bool:
        return bool((await _texts(life))["outbound-api"])

    await life.until("the text message arrived", arrived)
    await life.tool("twilio").change(do="text", **{"from": PHONE}, body="Looking forward to it")
    await life.hears("twilio", "reply_received")


async def _texts(life: Life) -> dict[str, list[str]]:
    messages: list[dict[str, Any]] = [*(await life.state("twilio"))["messages"].values()]
    ours = [one for one in messages if PHONE in {one["to"], one["sender"]}]
    return {way: [one["body"] for one in ours if one["direction"] == way] for way in ("outbound-api", "inbound")}


async def _compare(life: Life) -> list[Line]:
    texts = await _texts(life)
    return [
        Line("text messages to the buyer", len(await life.done("send_sms")), len(texts["outbound-api"])),
        Line("answers", (await life.told_by("twilio"))["reply_received"], len(texts["inbound"])),
    ]


TWILIO = Part(tool="twilio", does="text messages", acts={"answer": _allow, "reminder": _answer}, compare=_compare)
