"""Clari: a forecast is given there, and read; Clari tells nothing by itself."""

from __future__ import annotations

from demo.all_tools.part import Life, Line, Part, read_beside

_FIELD = "opportunity.forecastCategory"


async def _forecast(life: Life) -> None:
    await life.tool("clari").change(do="set", opportunity=await _record(life), field=_FIELD, value="Commit")
    await read_beside(life.stack, "clari")
    await life.hears("clari", "forecast_given")


async def _record(life: Life) -> str:
    """The deal's record in the CRM, by which Clari knows it."""
    return next(
        ref for ref in [row.result.reference for row in await life.done("update_crm") if row.result] if ref
    ).rpartition(":")[2]


async def _compare(life: Life) -> list[Line]:
    given = [one.learned.forecast for one in await life.taken() if one.fact == "forecast_given" and one.learned]
    there = (await life.state("clari"))["opportunities"][await _record(life)]["fields"][_FIELD]["value"]
    return [Line("the forecast", given, [there.lower()])]


CLARI = Part(tool="clari", does="forecasts", acts={"discount": _forecast}, compare=_compare, deal="second")
