"""PandaDoc: the proposal goes out for the terms that were granted, then the contract; the buyer signs both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dealwright.facts import FieldsLearned
from demo.all_tools.part import Life, Line, Part

TEMPLATE = "7Xfnrk7dTaWJ78wNUrg3rr"
_SOON = timedelta(days=10)


async def _days_are_agreed(life: Life) -> None:
    starts_on = (await life.deal.now()).date() + _SOON
    life.noted["starts on"] = starts_on.isoformat()
    days: dict[str, Any] = {"starts_on": starts_on, "ends_on": _year_after(starts_on) - timedelta(days=1)}
    await life.deal.tell(FieldsLearned(id="all-days", fields=days, by="Sam Holt"))


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1)


async def _proposal(life: Life) -> None:
    document = await _sent(life, "offer", as_="proposal_sent")
    await life.tool("pandadoc").change(do="view", document=document)
    await life.hears("pandadoc", "proposal_opened")
    await life.tool("pandadoc").change(do="sign", document=document)
    await life.hears("pandadoc", "proposal_signed", "proposal_accepted")


async def _contract(life: Life) -> None:
    document = await _sent(life, "paper", as_="contract_sent")
    await life.tool("pandadoc").change(do="view", document=document)
    life.heard("pandadoc", "contract_opened")  # nothing waits for it: it is taken with what comes next
    await life.tool("pandadoc").change(do="sign", document=document)
    await life.hears("pandadoc", "contract_signed")
    await life.deal.stage("customer")


async def _sent(life: Life, name: str, *, as_: str) -> str:
    """A document that went out, once the deal knows it: the buyer is not faster than that here."""

    async def known() -> bool:
        return any(one.fact == as_ for one in await life.taken())

    await life.until(f"{name} went out", known)
    life.heard("pandadoc", as_)  # which the sending itself tells, and PandaDoc's webhook not once more
    return next(str(one["id"]) for one in await _documents(life) if f": {name}," in one["name"])


async def _documents(life: Life) -> list[dict[str, Any]]:
    all_: Any = (await life.state("pandadoc"))["documents"].values()
    return [one for one in all_ if one["metadata"].get("dealwright_deal") == life.deal.deal_id]


async def _compare(life: Life) -> list[Line]:
    documents = await _documents(life)
    facts = [one.fact for one in await life.taken() if one.source == "pandadoc"]
    signed = [name for name, fact in (("offer", "proposal_accepted"), ("paper", "contract_signed")) if fact in facts]
    completed = [one["name"] for one in documents if one["status"] == "document.completed"]
    return [
        Line("documents sent", len(await life.done("send_document")), sum(one["sendings"] for one in documents)),
        Line("documents signed", signed, sorted(name.rpartition(": ")[2].partition(",")[0] for name in completed)),
    ]


PANDADOC = Part(
    tool="pandadoc",
    does="proposals and contracts",
    acts={"discount": _days_are_agreed, "proposal": _proposal, "contract": _contract},
    compare=_compare,
    options={"drafting_looks": "0"},
    block={"templates": {"offer 3": TEMPLATE, "paper 1": TEMPLATE}},
)
