"""No message has a hole in it: what may be missing when a template is used is asked for, or the check tells."""

import pytest

from dealwright.playbook.loading import BadPlaybook, check_bundle, load_bundle
from tests.dealwright.playbook.valid_playbook import BUNDLE, with_change


def told(body: str, *changes: tuple[str, str]) -> list[str]:
    text = BUNDLE["playbook.yaml"]
    for change in changes:
        text = with_change(*change)
    files = {"playbook.yaml": text, "templates/hello.md": f"Subject: Hello\n\nHello {{{{ contact.name }}}}\n{body}\n"}
    return [str(mistake) for mistake in check_bundle(files) if mistake.severity == "error"]


def test_a_sender_who_may_not_be_known_is_asked_for_first() -> None:
    assert told("{{ sender.name }}") == [
        (
            "templates/hello.md:4: 'sender' may be missing, which leaves a hole here. "
            "Ask first: {% if sender %} … {% endif %}."
        )
    ]


def test_a_template_with_a_hole_keeps_the_playbook_from_loading() -> None:
    with pytest.raises(BadPlaybook, match="'account' may be missing"):
        load_bundle({**BUNDLE, "templates/hello.md": "Subject: For {{ account.name }}\n\nHello\n"})


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("{{ demo.starts_at.strftime('%A') }}", "demo"),
        ("{{ proposal.amount.currency if proposal else '' }}", "proposal.amount"),
        ("{{ deal.qualification.bant }}", "deal.qualification"),
        ("{{ deal.title }}", "deal.title"),
        ("{{ contact.phone }}", "contact.phone"),
        ("{% for each in deal.contacts %}{{ each.role }}{% endfor %}", "contact.role"),
        ("{% if sender or account %}{{ account.name }}{% endif %}", "account"),
        ("{{ deal.owners.csm.name }}", "deal.owners"),
        ("{{ deal.notes.use_case }}", "deal.notes"),
        ("{{ contract.value.amount if contract else '' }}", "contract.value"),
    ],
)
def test_every_part_that_a_deal_may_lack_is_tried(body: str, missing: str) -> None:
    assert told(body)[0].startswith(f"templates/hello.md:4: '{missing}' may be missing")


@pytest.mark.parametrize(
    "body", ["{{ 'to ' ~ contact.phone }}", "{{ deal.title | upper }}", "{{ '%s' | format(deal.title) }}"]
)
def test_a_hole_that_would_read_none_is_found(body: str) -> None:
    assert "may be missing" in told(body)[0]


def test_what_was_asked_for_may_be_written() -> None:
    assert told('{{ sender.name if sender else "The team" }}') == []
    assert told("{% if account and account.name %}{{ account.name }}{% endif %}") == []
    assert told("{{ deal.notes.use_case if deal.notes and deal.notes.use_case else '' }}") == []


def test_a_note_that_may_not_have_been_taken_is_asked_for_by_its_name() -> None:
    assert told("{% if deal.notes %}{{ deal.notes.use_case }}{% endif %}")[0].startswith(
        "templates/hello.md:4: 'deal.notes.*' may be missing"
    )


def test_whoever_is_written_to_has_a_name_and_an_address() -> None:
    assert told("{{ contact.name }} {{ contact.email }} {{ deal.contact.name }} {{ unsubscribe_url }}") == []


def test_an_installation_may_have_no_page_where_meetings_are_booked() -> None:
    assert "'scheduling_link' may be missing" in told("{{ scheduling_link }}")[0]
    assert told("{% if scheduling_link %}{{ scheduling_link }}{% endif %}") == []


def test_the_date_that_starts_a_play_is_known_to_its_messages() -> None:
    text = with_change("on: entered\n        if:", "on: {before: demo.starts_at, by: 1bd}\n        if:")
    hello = "Subject: Hello\n\n{{ demo.starts_at.strftime('%A') }}\n"

    assert [
        str(one)
        for one in check_bundle({"playbook.yaml": text, "templates/hello.md": hello})
        if one.severity == "error"
    ] == []


@pytest.mark.parametrize(
    ("condition", "sure"),
    [
        ("{deal.title: {known: true}}", True),
        ("{deal.title: Acme}", True),
        ("{all: [demo_held, {deal.title: {known: true}}]}", True),
        ("{any: [demo_held, {deal.title: {known: true}}]}", False),
        ("{not: {deal.title: {known: false}}}", True),
        ("{not: {deal.title: {known: true}}}", False),
        ("{not: {deal.title: Acme}}", False),
    ],
)
def test_what_a_condition_makes_sure_of_is_known_to_the_messages_behind_it(condition: str, sure: bool) -> None:
    found = told("{{ deal.title }}", ("if: {deal.source: outbound}", f"if: {condition}"))

    assert (found == []) is sure


def test_a_note_that_a_condition_makes_sure_of_is_known() -> None:
    change = ("if: {deal.source: outbound}", "if: {notes.use_case: {known: true}}")

    assert told("{{ deal.notes.use_case }}", change) == []
    assert "'deal.notes.*' may be missing" in told("{{ deal.notes.timeline }}", change)[0]


def test_a_template_that_two_steps_send_counts_only_on_what_both_make_sure_of() -> None:
    twice = "- {email: hello, if: {deal.title: {known: true}}}\n          - {after: 5d, email: hello}\n"

    assert "'deal.title' may be missing" in told("{{ deal.title }}", ("- {email: hello}\n", twice))[0]


def test_a_template_that_fails_whatever_is_known_is_told_as_such() -> None:
    assert told("{{ contact.name / 2 }}")[0].endswith("Mend it: it fails though everything is known.")
    assert told("{{ contact.name.__class__ }}")[0].endswith("Take it out: a message only shows.")
