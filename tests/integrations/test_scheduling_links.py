"""Where the buyer of a deal books a meeting, so that the booking names the deal."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from dealwright.diagnostics.diagnostic import BadValue
from integrations.cal_com.settings import CalComConnection
from integrations.calendly.settings import CalendlyConnection
from integrations.kit.connections import Connections

TOKEN = {"token": SecretStr("t")}


def calendly(**about: object) -> CalendlyConnection:
    return CalendlyConnection.model_validate({**TOKEN, **about})


def test_calendlys_link_names_the_deal_as_its_webhooks_do() -> None:
    link = calendly(scheduling_page="https://calendly.com/acme/intro").scheduling_link("acme-2026")
    assert link == "https://calendly.com/acme/intro?utm_source=dealwright&utm_content=acme-2026"


def test_what_the_page_says_already_stays_and_the_source_is_that_of_the_settings() -> None:
    page = "https://calendly.com/acme/intro?month=2026-12"
    link = calendly(scheduling_page=page, settings={"utm_source": "sales"}).scheduling_link("a b&c")
    assert parse_qs(urlsplit(link or "").query) == {
        "month": ["2026-12"], "utm_source": ["sales"], "utm_content": ["a b&c"],
    }  # fmt: skip


def test_cal_coms_link_names_the_deal_in_the_bookings_metadata() -> None:
    connection = CalComConnection.model_validate({**TOKEN, "scheduling_page": "https://cal.com/acme/intro"})
    query = parse_qs(urlsplit(connection.scheduling_link("acme-2026") or "").query)
    assert query == {"metadata[dealwright_deal]": ["acme-2026"]}


def test_the_first_calendar_with_a_page_counts_and_without_one_there_is_no_link() -> None:
    first, second = "https://calendly.com/one", "https://calendly.com/two"
    tools = {"none": calendly(), "a": calendly(scheduling_page=first), "b": calendly(scheduling_page=second)}
    assert (Connections(tools=tools).scheduling_link("d") or "").startswith(first)
    assert Connections(tools={"none": calendly()}).scheduling_link("d") is None


@pytest.mark.parametrize("page", ["calendly.com/acme", "javascript:alert(1)", "https://calendly.com/acme#x"])
def test_what_is_no_address_of_a_page_is_refused(page: str) -> None:
    with pytest.raises((BadValue, ValueError), match="no address of a page"):
        calendly(scheduling_page=page)
