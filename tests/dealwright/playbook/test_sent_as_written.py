"""What another tool would fill in, and here would reach the buyer as it is written, is warned of."""

import pytest

from dealwright.playbook.checks.sent_as_written import sent_as_written
from dealwright.playbook.loading import check_bundle
from playbooks import shipped
from tests.dealwright.playbook.valid_playbook import BUNDLE


def told(text: str) -> list[str]:
    return [str(one) for one in sent_as_written("templates/hello.md", text)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Hi {first_name},", "contact.name"),
        ("Hi {First Name},", "contact.name"),
        ("Hi ${firstName},", "contact.name"),
        ("Hi <<Name>>,", "contact.name"),
        ("Hi *|FNAME|*,", "contact.name"),
        ("Hi %FIRSTNAME%,", "contact.name"),
        ("How is [Company] doing?", "account.name"),
        ("How is [[your company name]] doing?", "account.name"),
        ("Yours, [My Name]", "sender.name"),
    ],
)
def test_a_placeholder_of_another_tool_is_told_with_what_it_is_here(written: str, meant: str) -> None:
    (said,) = told(f"Subject: Hello\n\n{written}\n")
    assert said.startswith("templates/hello.md:3: ")
    assert said.endswith(f"reaches the buyer as it is written. Write {{{{ {meant} }}}}.")


def test_a_placeholder_that_nobody_knows_is_told_too() -> None:
    (said,) = told("Subject: {campaign}\n\nHello\n")
    assert "'{campaign}' reaches the buyer as it is written" in said


@pytest.mark.parametrize("written", ["<b>Hello</b>", "Hello<br/>", '<p style="x">Hello', "</table>"])
def test_html_is_told_since_messages_are_plain_text(written: str) -> None:
    (said,) = told(f"Subject: Hello\n\n{written}\n")
    assert said.startswith("templates/hello.md:3: ")
    assert "is HTML, and messages are plain text" in said


@pytest.mark.parametrize(
    "written",
    [
        "Hello {{ contact.name }} of {{ account.name if account else 'yours' }}",
        "{% if sender %}{{ sender.name }}{% endif %}{# {first_name} #}",
        "{{\n  contact.name\n}}",
        "20% off, 30% next year, a < b > c, [1] and [see below], {} and {1}",
        "https://acme.example/a%20b%2Fc and <ana@acme.example>",
    ],
)
def test_what_is_filled_in_or_only_looks_alike_is_not_told(written: str) -> None:
    assert told(f"Subject: Hello\n\n{written}\n") == []


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_templates_have_none(name: str) -> None:
    files = shipped()[name]
    assert [said for path in files if path.endswith(".md") for said in sent_as_written(path, files[path])] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ FirstName }}", "'FirstName' is nothing a template has. Write {{ contact.name }}."),
        ("{{ contact.name|default(\u201cyou\u201d) }}", "Write straight quotes between {{ and }}."),
        ("{% include '/etc/passwd' %}", "There is no /etc/passwd in the playbook's folder."),
    ],
)
def test_what_a_template_cannot_do_is_told_in_plain_words(line: str, said: str) -> None:
    files = {**BUNDLE, "templates/hello.md": f"Subject: Hello\n\n{line}\n"}
    assert any(said in str(one) for one in check_bundle(files))
