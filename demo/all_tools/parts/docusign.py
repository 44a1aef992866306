"""DocuSign: the contract of the second deal goes out for signature, and is signed."""

from __future__ import annotations

from typing import Any

from demo.all_tools.part import Life, Line, Part


async def _sign(life: Life) -> None:
    async def known() -> bool:
        return any(one.fact == "contract_sent" for one in await life.taken())

    await life.until("the contract went out", known)
    life.heard("docusign", "contract_sent")  # which the sending itself tells, and DocuSign not once more
    (envelope,) = await _envelopes(life)
    await life.tool("docusign").change(do="view", envelope=envelope["id"])
    life.heard("docusign", "contract_opened")
    await life.tool("docusign").change(do="sign", envelope=envelope["id"])
    await life.hears("docusign", "contract_signed")
    await life.deal.stage("customer")


async def _envelopes(life: Life) -> list[dict[str, Any]]:
    return [*(await life.state("docusign"))["envelopes"].values()]


async def _compare(life: Life) -> list[Line]:
    there = await _envelopes(life)
    return [
        Line(
            "envelopes sent", len(await life.done("send_document", to="paper")), sum(one["sendings"] for one in there)
        ),
        Line(
            "contracts signed",
            (await life.told_by("docusign"))["contract_signed"],
            sum(one["status"] == "completed" for one in there),
        ),
    ]


DOCUSIGN = Part(tool="docusign", does="signatures", acts={"contract": _sign}, compare=_compare, deal="second")
