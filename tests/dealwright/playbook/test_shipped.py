"""The playbooks that ship: short, without findings, and with messages that can be sent to anybody."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

import playbooks
from dealwright.calendar.durations import Span
from dealwright.deal import Account, Contact, Contract, Deal, Meeting, Person, Proposal
from dealwright.effects import SendEmail
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.loading import check_bundle, load_bundle
from integrations.mail.rendering import Rendered, Templates

SHIPPED = playbooks.shipped()
TEMPLATES = sorted((name, path) for name, files in SHIPPED.items() for path in files if path.endswith(".md"))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTACT = Contact(id="c", name="Kim")


@pytest.fixture(scope="module")
def b2b() -> Playbook:
    return load_bundle(SHIPPED["b2b-saas"])


def test_four_playbooks_ship() -> None:
    assert sorted(SHIPPED) == ["b2b-saas", "enterprise-outbound", "five-steps", "product-led"]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_nothing_is_found_in_a_shipped_playbook(name: str) -> None:
    assert [str(mistake) for mistake in check_bundle(SHIPPED[name])] == []
    assert load_bundle(SHIPPED[name]).playbook == name


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_bundle_holds_nothing_but_the_playbook_and_its_templates(name: str) -> None:
    assert all(path == "playbook.yaml" or path.startswith("templates/") for path in SHIPPED[name])


def test_the_default_playbook_is_read_in_five_minutes() -> None:
    lines = SHIPPED["b2b-saas"]["playbook.yaml"].splitlines()

    assert len(lines) <= 245
    assert max(map(len, lines)) <= 140


def test_the_default_playbook_has_all_seven_stages(b2b: Playbook) -> None:
    stages = ["research", "outreach", "discovery", "presentation", "proposal", "close", "customer"]

    assert [stage.name for stage in b2b.stages if stage.name != "nurture"] == stages
    assert [stage.name for stage in b2b.stages if stage.marks == "won"] == ["close"]


def test_the_small_playbook_has_five_steps() -> None:
    small = load_bundle(SHIPPED["five-steps"])

    assert [len(play.actions) for _, play in small.everything()] == [5]
    assert len(SHIPPED["five-steps"]["playbook.yaml"].splitlines()) <= 22


def test_the_cold_cadence_touches_five_times_and_then_closes(b2b: Playbook) -> None:
    play = b2b.play("cold-cadence")

    assert play is not None
    assert [step.action for step in play.steps] == ["email", "social", "email", "call", "email", "close"]
    assert play.steps[-1].does == "close unresponsive"
    assert {"meeting_booked", "opted_out", "reply_received:interested"} <= set(play.until)


def test_a_large_discount_needs_the_manager_and_then_finance(b2b: Playbook) -> None:
    rule = b2b.approval("discount")

    assert rule is not None
    assert [(level.up_to, level.by) for level in rule.levels] == [
        (10, ()),
        (20, ("sales_manager",)),
        (None, ("sales_manager", "finance")),
    ]


def test_customer_success_gets_what_it_needs_or_the_lead_is_told(b2b: Playbook) -> None:
    rule = b2b.handoff("ae-to-csm")

    assert rule is not None
    assert rule.needs == ("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements")
    assert rule.accept_within == Span.parse("8bh")
    assert rule.escalate == "csm_lead"


def test_the_default_playbook_declares_where_deals_come_from(b2b: Playbook) -> None:
    assert set(b2b.sources or ()) == {"inbound", "outbound", "referral", "partner", "trade-fair", "expansion"}
    assert {piece for rule in b2b.handoffs for piece in rule.needs} <= set(b2b.notes or ())


def test_the_renewal_is_prepared_from_90_to_60_days_before_the_end(b2b: Playbook) -> None:
    play = b2b.play("renewal")

    assert play is not None
    assert play.dated is not None
    assert (play.dated.before, play.dated.by) == ("contract.ends_on", Span.parse("90d"))
    assert set(play.until) == {"contract_renewed", "contract_cancelled"}
    assert str(getattr(getattr(play.do[0], "due", None), "by", None)) == "60d"


DATES: dict[str, Any] = {
    "meeting": Meeting(starts_at=NOON),
    "demo": Meeting(starts_at=NOON),
    "contract": Contract(starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31)),
}
WHOLE = Deal(
    id="d",
    contacts=(CONTACT,),
    account=Account(id="a", name="Acme"),
    proposal=Proposal(link="https://offer.example", sent_at=NOON),
    **DATES | {part: Meeting(starts_at=NOON, link="https://meet.example") for part in ("meeting", "demo")},
)


@pytest.mark.parametrize(("name", "path"), TEMPLATES)
def test_a_message_can_be_sent_when_hardly_anything_is_known(name: str, path: str) -> None:
    message = rendered(name, path, Deal(id="d", contacts=(CONTACT,), **DATES), sender=None, unsubscribe_url=None)

    assert message.subject
    assert message.body.startswith("Hello Kim,\n\n")
    assert message.body.endswith("\n\nThe team\n")


@pytest.mark.parametrize(("name", "path"), TEMPLATES)
def test_a_message_reads_well_when_all_is_known(name: str, path: str) -> None:
    message = rendered(name, path, WHOLE, Person(name="Robin"), unsubscribe_url="https://stop.example")
    paragraphs = message.body.strip().split("\n\n")

    assert "Robin" in paragraphs[-2:]
    assert all("\n" not in paragraph or paragraph.startswith("- ") for paragraph in paragraphs)
    assert not re.search(r"[ \t]\n|  |\n\n\n", message.body)


def test_every_marketing_message_says_how_to_stop_it() -> None:
    for name, files in SHIPPED.items():
        for _, play in load_bundle(files).everything():
            for step in play.actions:
                if isinstance(step, EmailStep) and step.marketing:
                    path = f"templates/{step.email}.md"
                    message = rendered(name, path, WHOLE, sender=None, unsubscribe_url="https://stop.example")
                    assert message.body.endswith("\n\nNo more of these, please: https://stop.example\n"), path


def rendered(name: str, path: str, deal: Deal, sender: Person | None, unsubscribe_url: str | None) -> Rendered:
    template = path.removeprefix("templates/").removesuffix(".md")
    effect = SendEmail(
        id="d/p/1/1/1", at=NOON, summary="", template=template, bundle="b", to=CONTACT, sender=sender, deal=deal
    )
    return Templates(SHIPPED[name]).render(effect, unsubscribe_url=unsubscribe_url)
