from __future__ import annotations

from datetime import date

import pytest

from integrations.mail.inbound.automatic import automatic_mail
from integrations.mail.inbound.incoming import read_mail
from tests.integrations.mail.letters import RECEIVED, letter, sample


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("rfc3834", "Auto-Submitted"),
        ("minimal_utf8", "Auto-Submitted"),
        ("apple.vacation_dates", "X-Apple-Action"),
        ("exchange.no_auto_submitted", "X-Ms-Exchange-Inbox-Rules-Loop"),
    ],
)
def test_absence_notices_are_known_by_their_headers(name: str, mark: str) -> None:
    found = automatic_mail(sample(f"auto_reply.{name}"))
    assert found is not None
    assert found.mark == mark


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Auto_Submitted": "Auto-Replied; owner-email=ada@acme.test"},
        {"Precedence": "bulk"},
        {"Precedence": "AUTO_REPLY"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Re: hello"},
        {"List_Id": "<news.acme.test>"},
        {"Return_Path": "<>"},
    ],
)
def test_any_mark_of_a_program_is_enough(headers: dict[str, str]) -> None:
    assert automatic_mail(read_mail(letter(**headers), RECEIVED)) is not None


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "no"}, {"Precedence": "normal"}, {"Auto_Submitted": ""}])
def test_people_leave_no_mark(headers: dict[str, str]) -> None:
    words = "I am out of office until Friday.\r\nAutomatic reply\r\n"
    assert automatic_mail(read_mail(letter(words, Subject="Automatic reply: away", **headers), RECEIVED)) is None


@pytest.mark.parametrize(
    ("end", "returns_on"),
    [
        ("2020-01-10T14:59:59Z", date(2020, 1, 11)),  # Japan, +9
        ("2020-01-10T23:59:59Z", date(2020, 1, 11)),  # UTC
        ("2020-01-10T22:59:59Z", date(2020, 1, 11)),  # Berlin, +1
        ("2020-01-11T07:59:59Z", date(2020, 1, 11)),  # Los Angeles, -8
        ("2020-01-11T09:59:59Z", date(2020, 1, 11)),  # Hawaii, -10
        ("2020-01-10T10:59:59Z", date(2020, 1, 11)),  # New Zealand in summer, +13
    ],
)
def test_apple_says_when_somebody_is_back(end: str, returns_on: date) -> None:
    criteria = "{kind=VACATION,startDate=2019-12-30T15:00:00Z,endDate=" + end + "}"
    found = automatic_mail(read_mail(letter(X_Apple_Action="VACATION", X_Apple_Criteria=criteria), RECEIVED))
    assert found is not None
    assert found.returns_on == returns_on


@pytest.mark.parametrize("end", ["2020-13-10T14:59:59Z", "9999-12-31T23:59:59Z", "soon"])
def test_a_date_that_is_none_leaves_the_notice(end: str) -> None:
    criteria = f"{{endDate={end}}}"
    found = automatic_mail(read_mail(letter(X_Apple_Action="VACATION", X_Apple_Criteria=criteria), RECEIVED))
    assert found is not None
    assert found.returns_on is None
