"""Words that a playbook declares: a list of them, and an error wherever the playbook itself uses another."""

import pytest

from dealwright.playbook.loading import check_bundle, load_playbook
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES, mistakes_in, with_change

SOURCES = "sources: [inbound, outbound]\n"
SIGNALS = "signals: {pricing: read the pricing page, trial: }\n"
NOTES = "notes: [use_case, budget_owner]\n"


def told(declared: str, old: str = "playbook: small\n", new: str = "playbook: small\n", **files: str) -> list[str]:
    text = with_change(old, new) + declared
    return [str(mistake) for mistake in check_bundle({"playbook.yaml": text, **(files or TEMPLATES)})]


def test_words_are_a_list_or_each_has_its_meaning() -> None:
    playbook = load_playbook(PLAYBOOK + SOURCES + SIGNALS)

    assert playbook.sources == {"inbound": "", "outbound": ""}
    assert playbook.signals == {"pricing": "read the pricing page", "trial": ""}
    assert playbook.notes is None


def test_nothing_is_found_where_every_word_is_declared() -> None:
    assert told(SOURCES + SIGNALS + NOTES) == []


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ("sources: inbound\n", "sources: There are no words here. Write a list of words, such as [inbound, outbound]"),
        ("sources:\n", "sources: There are no words here. Write a list of words, such as [inbound, outbound]"),
        ("sources: []\n", "sources: There are no words here. Write a list of words, such as [inbound, outbound]"),
        ("sources: [inbound, 7]\n", "sources: 7 is no word. Write a list of words"),
        ("sources: [inbound, ' ']\n", "sources: ' ' is no word. Write a list of words"),
        ("sources: [inbound, Inbound]\n", "sources: 'Inbound' and 'inbound' are one word to people. Keep one of them."),
        ("notes: [use_case, use-case]\n", "notes: 'use-case' and 'use_case' are one word to people. Keep one of them."),
        ("signals: {pricing: [page]}\n", "signals: 'pricing' is no word. Write a list of words"),
    ],
)
def test_a_list_of_words_that_is_none_is_refused(declared: str, mistake: str) -> None:
    assert any(mistake in line for line in mistakes_in(PLAYBOOK + declared))


@pytest.mark.parametrize(
    ("declared", "old", "new", "expected"),
    [
        (
            SOURCES,
            "{deal.source: outbound}",
            "{deal.source: Outbound}",
            "stages[0].plays[0].if: 'Outbound' is no source of this playbook. Did you mean 'outbound'?",
        ),
        (
            SOURCES,
            "{deal.source: outbound}",
            "{not: {deal.source: {in: [inbound, referal]}}}",
            "stages[0].plays[0].if: 'referal' is no source of this playbook. Sources are inbound, outbound",
        ),
        (
            SIGNALS,
            "on: discount_requested",
            "on: [discount_requested, {buying_signal_seen: pricng}]",
            "plays[0].on: 'pricng' is no signal of this playbook. Did you mean 'pricing'?",
        ),
        (
            SIGNALS,
            "leave_when: {reply_received: interested}",
            "leave_when: {buying_signal_seen: [pricing, demo]}",
            "stages[0].leave_when: 'demo' is no signal of this playbook. Signals are pricing, trial",
        ),
        (
            NOTES,
            "{deal.source: outbound}",
            "{notes.use_cse: {known: true}}",
            "stages[0].plays[0].if: 'use_cse' is no note of this playbook. Did you mean 'use_case'?",
        ),
        (NOTES, "asks: [use_case]", "asks: [use_case, budgt_owner]", "asks[1]: 'budgt_owner' is no note"),
        (NOTES, "needs: [use_case]", "needs: [timeline]", "handoffs[0].needs[0]: 'timeline' is no note"),
        (
            NOTES,
            "of: proposal.discount\n",
            "of: proposal.discount\n    terms: {who: notes.budget_ownr}\n",
            "approvals[0].terms.who: 'budget_ownr' is no note of this playbook. Did you mean 'budget_owner'?",
        ),
    ],
)
def test_a_word_that_is_not_declared_is_an_error(declared: str, old: str, new: str, expected: str) -> None:
    assert any(expected in line for line in told(declared, old, new)), told(declared, old, new)
    assert any(expected in line for line in mistakes_in(with_change(old, new) + declared))


def test_a_note_that_a_template_misspells_is_an_error() -> None:
    hello = "Subject: Hello\n\n{% if deal.notes %}{{ deal.notes.use_cse or '' }}{% endif %}\n"

    assert told(NOTES, **{"templates/hello.md": hello}) == [
        (
            "templates/hello.md:3: 'use_cse' is no note of this playbook. Did you mean 'use_case'? "
            "Notes are use_case, budget_owner, or add it under notes."
        )
    ]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("{deal.source: outbuond}", "The source 'outbuond' is hardly another one than 'outbound'."),
        ("{deal.source: Outbound}", "The source 'Outbound' is hardly another one than 'outbound'."),
        ("[{buying_signal_seen: pricing}, {buying_signal_seen: pricng}]", "'pricng' is hardly another one than"),
        ("[{notes.use_case: {known: true}}, {notes.use_cse: {known: true}}]", "'use_cse' is hardly another one than"),
    ],
)
def test_where_nothing_is_declared_a_slip_of_the_pen_is_a_warning(new: str, expected: str) -> None:
    found = told("", "{deal.source: outbound}", new)

    assert [expected in line for line in found] == [True]


def test_where_nothing_is_declared_words_are_free() -> None:
    assert told("", "{deal.source: outbound}", "{deal.source: {in: [event, webinar]}}") == []
