"""What reports will need is recorded when it is told: forecasts, prices, templates, and where a message belongs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dealwright import entries as e
from tests.dealwright.consent_stories import NEWS
from tests.dealwright.story import Story, of_stage

EUR = {"currency": "EUR"}
OFFER = {
    "amount": {"amount": "24000", **EUR}, "list_price": {"amount": "30000", **EUR}, "discount": "20",
    "recurring": {"amount": "20000", **EUR}, "one_off": {"amount": "4000", **EUR}, "template": "enterprise v7",
}  # fmt: skip


def test_a_forecast_is_known_with_who_said_so() -> None:
    story = Story(NEWS)

    story.tell("forecast_given", forecast="commit", close_on="2026-06-30", by="Sam Fox")

    taken = story.last(e.FactTaken)
    assert taken.by == "Sam Fox"
    assert taken.learned is not None
    assert (taken.learned.forecast, taken.learned.close_on) == ("commit", date(2026, 6, 30))


def test_an_older_forecast_changes_nothing_of_a_newer_one() -> None:
    story = Story(NEWS).until("2026-03-05 10:00")
    story.tell("forecast_given", forecast="commit", at="2026-03-04T10:00:00Z")

    story.tell("forecast_given", forecast="pipeline", at="2026-03-03T10:00:00Z")

    assert story.state.deal is not None
    assert story.state.deal.forecast == "commit"


def test_a_play_may_wait_for_a_forecast() -> None:
    story = Story(of_stage("[{name: sure, on: {forecast_given: commit}, do: [{task: plan_the_start}]}]"))

    story.tell("forecast_given", forecast="commit")

    assert [*story.tasks] == ["plan_the_start"]


def test_a_proposal_keeps_its_list_price_what_recurs_and_its_template() -> None:
    story = Story(NEWS)

    story.tell("proposal_sent", proposal="p1", **OFFER)

    things = story.last(e.FactTaken).things
    assert things is not None
    sent = things.proposals["p1"]
    assert (str(sent.list_price), str(sent.recurring), str(sent.one_off)) == (
        "30,000.00 EUR", "20,000.00 EUR", "4,000.00 EUR",
    )  # fmt: skip
    assert (sent.discount, sent.template) == (Decimal(20), "enterprise v7")


def test_a_signature_keeps_what_recurs_and_what_is_paid_once() -> None:
    story = Story(NEWS)

    story.tell(
        "contract_signed", starts_on="2026-04-01", ends_on="2027-03-31", value=OFFER["amount"],
        recurring=OFFER["recurring"], one_off=OFFER["one_off"],
    )  # fmt: skip

    things = story.last(e.FactTaken).things
    assert things is not None
    assert (str(things.terms["1"].recurring), str(things.terms["1"].one_off)) == ("20,000.00 EUR", "4,000.00 EUR")


def test_a_message_says_its_stage_and_its_play() -> None:
    story = Story(NEWS)

    story.tell("note_added", text="anything")

    sent = next(entry for entry in story.noted(e.EffectStarted) if entry.does == "send_email")
    assert (sent.stage, sent.play) == ("selling", "news")
