from __future__ import annotations

from decimal import Decimal

import pytest

from dealwright.deal import Deal, Money
from integrations.mail.rendering import BadTemplate, Rendered, Templates
from tests.store.samples import ADA, deal, email


def render(source: str, **changes: object) -> Rendered:
    effect = email("acme-1/cold/1/0/1", **changes)
    return Templates({"templates/cold-1.md": source}).render(effect, unsubscribe_url="https://go.test/unsubscribe/t")


def test_the_first_line_is_the_subject_and_the_rest_the_body() -> None:
    rendered = render("Subject: A word for {{ account.name }}\n\nHello {{ contact.name }},\n\nbye\n{{ sender.name }}\n")
    assert rendered.subject == "A word for Acme GmbH"
    assert rendered.body == "Hello Ada Byron,\n\nbye\nJane Doe\n"


def test_money_reads_as_people_write_it() -> None:
    assert (
        render("Subject: x\n\n{{ proposal.amount }} for {{ deal.title }}").body == "12,000.00 EUR for Acme platform\n"
    )


def test_money_has_the_digits_of_its_currency() -> None:
    yen = deal().model_copy(update={"amount": Money(amount=Decimal(1_200_000), currency="JPY")})
    assert render("Subject: x\n\n{{ deal.amount }}", deal=yen).body == "1,200,000 JPY\n"


def test_the_playbooks_own_fields_read_as_people_write_them() -> None:
    budget = Money(amount=Decimal(1200), currency="EUR")
    own = deal().model_copy(update={"fields": {"seats": 40.0, "trial_ends_on": "2026-03-20", "budget": budget}})
    source = "Subject: x\n\n{{ fields.seats }} until {{ fields.trial_ends_on.strftime('%d %B') }}, {{ fields.budget }}"
    assert render(source, deal=own).body == "40 until 20 March, 1,200.00 EUR\n"


def test_a_template_sees_the_deals_first_contact_and_the_way_out() -> None:
    rendered = render("Subject: x\n\n{{ deal.contact.name }}: {{ unsubscribe_url }}\n")
    assert rendered.body == "Ada Byron: https://go.test/unsubscribe/t\n"


def test_a_message_may_say_where_its_buyer_books_a_meeting_if_there_is_such_a_page() -> None:
    source = "Subject: x\n\n{{ scheduling_link if scheduling_link else 'Call me.' }}\n"
    templates, effect = Templates({"templates/cold-1.md": source}), email("acme-1/cold/1/0/1")
    link = "https://calendly.com/acme/intro?utm_source=dealwright&utm_content=acme-1"
    assert templates.render(effect, unsubscribe_url=None, scheduling_link=link).body == f"{link}\n"
    assert templates.render(effect, unsubscribe_url=None).body == "Call me.\n"


def test_line_breaks_in_what_is_known_do_not_break_the_subject() -> None:
    contact = ADA.model_copy(update={"name": "Ada\r\nBcc: eve@evil.test"})
    assert render("Subject: For {{ contact.name }}\n\nx", to=contact).subject == "For Ada Bcc: eve@evil.test"


def test_text_is_not_escaped_for_a_browser() -> None:
    contact = ADA.model_copy(update={"name": "Ada & <Bob>"})
    assert render("Subject: x\n\n{{ contact.name }}", to=contact).body == "Ada & <Bob>\n"


def test_templates_may_share_pieces_of_their_bundle() -> None:
    files = {"templates/cold-1.md": "Subject: x\n\n{% include 'templates/foot.md' %}", "templates/foot.md": "Jane\n"}
    assert Templates(files).render(email(), unsubscribe_url=None).body == "Jane\n"


def test_what_is_not_known_may_be_asked_for() -> None:
    assert render("Subject: x\n\n{% if demo %}Demo{% else %}No demo{% endif %}").body == "No demo\n"


def test_a_note_that_nobody_took_may_be_asked_for() -> None:
    noted = Deal(id="acme-1", contacts=(ADA,), notes={"use_case": "Reports"})
    text = "Subject: x\n\n{{ deal.notes.budget if deal.notes.budget else deal.notes.use_case }}\n"
    assert render(text, deal=noted).body == "Reports\n"


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("Subject: x\n\nHello {{ contact.nmae }}", r"line 3: .*nmae"),
        ("Subject: x\n\nHello\n\n{{ nobody }}", r"line 5: 'nobody' is undefined"),
        ("Subject: {{ nobody }}\n\nHello", r"line 1: 'nobody' is undefined"),
        ("Subject: x\n\nCall {{ contact.phone }}", r"line 3: a value that is not known \(None\)"),
        ("Subject: x\n\n{{ demo.link }}", r"line 3: .*no attribute 'link'"),
        ("Subject: x\n\nHello\n{% if contact %}", r"line 4: .*endif"),
        ("Subject: x\n\n{{ 1 / 0 }}", r"line 3: division by zero"),
        ("Subject: x\n\n{{ range(10000000) | list }}", r"line 3: .*too big"),
        ("Hello\n\nno subject", r"line 1: a template begins with `Subject: …`"),
        ("", r"line 1: a template begins"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_line(source: str, mistake: str) -> None:
    with pytest.raises(BadTemplate, match=rf"templates/cold-1\.md, {mistake}"):
        render(source)


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ contact.__class__.__mro__ }}",
        "{{ deal.model_copy() }}",
        "{{ deal.parse_file('/etc/passwd') }}",
        "{{ deal.changes() }}",
        "{{ deal.owners.clear() }}",
        "{{ ''.__class__ }}",
        "{{ render.__globals__ }}",
    ],
)
def test_a_template_can_reach_nothing_but_the_deals_fields(attempt: str) -> None:
    with pytest.raises(BadTemplate, match="line 3"):
        render(f"Subject: x\n\n{attempt}")


def test_a_template_that_is_not_in_the_bundle_is_named() -> None:
    with pytest.raises(BadTemplate, match=r"templates/cold-9\.md is not in the playbook's bundle"):
        Templates({}).render(email(template="cold-9"), unsubscribe_url=None)


@pytest.mark.parametrize("template", ["../secret", "/etc/passwd"])
def test_a_template_outside_its_folder_is_not_found(template: str) -> None:
    with pytest.raises(BadTemplate, match="is not in the playbook's bundle"):
        Templates({"secret.md": "Subject: x\n\nx"}).render(email(template=template), unsubscribe_url=None)


def test_a_deal_with_little_known_still_gets_a_message() -> None:
    bare = Deal(id="acme-1", contacts=(ADA,))
    assert render("Subject: x\n\nHello {{ contact.name }}{% if account %}!{% endif %}", deal=bare).body == (
        "Hello Ada Byron\n"
    )
