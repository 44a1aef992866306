"""A bundle is a playbook with its templates: loaded together, checked together, named by their content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.playbook.loading import BadPlaybook, check_bundle, load_bundle, load_pinned
from dealwright.playbook.source.bundle import bundle_hash
from tests.dealwright.playbook.valid_playbook import BUNDLE, PLAYBOOK, with_change

HELLO = "templates/hello.md"


def told(files: dict[str, str]) -> list[str]:
    return [str(mistake) for mistake in check_bundle(files)]


def with_template(text: str) -> dict[str, str]:
    return {**BUNDLE, HELLO: text}


def test_a_sound_bundle_loads() -> None:
    assert load_bundle(BUNDLE).playbook == "small"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Hello there\n",
            "templates/hello.md:1: The first line is no subject. Begin with Subject: and the message's subject.",
        ),
        ("", "templates/hello.md:1: The first line is no subject. Begin with Subject: and the message's subject."),
        (
            "Subject:  \n\nHello\n",
            "templates/hello.md:1: The first line is no subject. Begin with Subject: and the message's subject.",
        ),
        ("Subject: Hello\n \n", "templates/hello.md:1: The message is empty. Write its text below the subject."),
        (
            "Subject: Hello\n\nHello {{ contact.name }\n",
            "templates/hello.md:3: This is no Jinja: unexpected '}'. Close every {{ and {%, and end every if and for.",
        ),
        (
            "Subject: Hello\n\n{% if sender %}\nHello\n",
            (
                "templates/hello.md:3: This is no Jinja: Unexpected end of template. "
                "Jinja was looking for the following "
                "tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'. "
                "Close every {{ and {%, and end every if and for."
            ),
        ),
        (
            "Subject: Hello\n\nHello {{ contakt.name }}\n",
            "templates/hello.md:3: 'contakt' is nothing a template has. Did you mean 'contact'?",
        ),
        (
            "Subject: Hello\n\n{{ contact.name | shout }}\n",
            "templates/hello.md:3: This is no Jinja: No filter named 'shout'. Use one of Jinja's own.",
        ),
        (
            "Subject: Hello {{ contact.nam }}\n\nHello\n",
            "templates/hello.md:1: Contact has no 'nam'. Did you mean 'name'?",
        ),
        (
            "Subject: Hello\n\nHello\n{{ deal.contact.mail }}\n",
            "templates/hello.md:4: Contact has no 'mail'. Did you mean 'email'?",
        ),
        (
            "Subject: Hello\n\n{{ proposal.amount.sum }}\n",
            "templates/hello.md:3: Money has no 'sum'. Write one of amount, currency.",
        ),
        (
            f"Subject: Hello\n\n{'x' * 300_000}",
            "templates/hello.md:1: The template has 300,016 characters. Keep it below 262,144.",
        ),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_line(text: str, expected: str) -> None:
    assert told(with_template(text)) == [expected]
    with pytest.raises(BadPlaybook):
        load_bundle(with_template(text))


@pytest.mark.parametrize(
    "body",
    [
        "{{ contact.name | upper }}",
        "{{ contact.name.split()[0] }}",
        "{{ sender.name if sender else 'The team' }}",
        "{{ demo.starts_at.strftime('%A') if demo }}",
        "{% for each in deal.contacts %}{{ each.name }}{% endfor %}",
        "{% set first = contact.name %}{{ first }}",
        "{{ proposal.amount.currency if proposal and proposal.amount }} {{ deal.contact.email }}",
        "{{ deal.notes.use_case if deal.notes and deal.notes.use_case }}",
        "{{ deal.qualification.bant if deal.qualification }}",
    ],
)
def test_whatever_a_deal_has_may_stand_in_a_template(body: str) -> None:
    assert told(with_template(f"Subject: Hello\n\n{body}\n")) == []


def test_a_template_that_is_not_there_is_told_at_the_step_that_sends_it() -> None:
    assert told({"playbook.yaml": PLAYBOOK}) == [
        (
            "playbook.yaml:32: stages[0].plays[0].steps[0].email: There is no templates/hello.md. "
            "Write it, beginning with Subject: and a text."
        )
    ]


def test_a_template_with_a_similar_name_is_suggested() -> None:
    files = {**BUNDLE, "playbook.yaml": with_change("{email: hello}", "{email: helo}")}

    assert told(files)[0].endswith("There is no templates/helo.md. Did you mean 'templates/hello.md'?")


def test_a_template_that_no_step_sends_is_a_warning() -> None:
    files = {**BUNDLE, "templates/bye.md": "Subject: Bye\n\nBye.\n"}

    assert told(files) == [
        "templates/bye.md:1: No step sends this template. Add a step with email: bye, or delete the file."
    ]
    assert load_bundle(files).playbook == "small"


def test_a_bundle_without_a_playbook_is_refused() -> None:
    assert told({HELLO: BUNDLE[HELLO]}) == [
        "playbook.yaml:1: The bundle has no playbook.yaml. Put the playbook into playbook.yaml."
    ]


def test_a_bundle_that_deals_follow_is_read_without_checks_that_came_later() -> None:
    text = with_change("owner: sdr", "owner: nobody")

    assert load_pinned({"playbook.yaml": text}).stages[0].owner == "nobody"


def test_a_bundle_that_cannot_be_read_is_refused_even_to_deals_that_follow_it() -> None:
    with pytest.raises(BadPlaybook, match="'owne' is no key here"):
        load_pinned({"playbook.yaml": with_change("owner: sdr", "owne: sdr")})
    with pytest.raises(BadPlaybook, match="The playbook is empty"):
        load_pinned({})


FILES = st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4)


@given(FILES)
def test_the_hash_does_not_depend_on_the_order_of_the_files(files: dict[str, str]) -> None:
    assert bundle_hash(files) == bundle_hash(dict(reversed(files.items())))


@given(FILES, FILES)
def test_other_content_has_another_hash(one: dict[str, str], other: dict[str, str]) -> None:
    assert (bundle_hash(one) == bundle_hash(other)) is (one == other)


def test_the_hash_is_the_same_in_every_release() -> None:
    assert bundle_hash({"playbook.yaml": "a", "templates/b.md": "ä"}) == (
        "9146847549640b3b62d0583ebbba16fef760861cf61f774970054f5c645f57ca"
    )
