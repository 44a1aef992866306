"""Each chain of an approval, and each who may answer too, is a thing of its own on a list of work."""

from __future__ import annotations

from store.open_work import rows_of
from tests.dealwright.approval_stories import euros
from tests.dealwright.test_approval_matrix import asked, say

CORA = {"name": "Cora", "email": "cora@seller.example"}


def test_everybody_who_may_answer_now_has_it_on_their_list() -> None:
    story = asked("11", amount=euros(200_000), owners={"ceo": CORA})

    rows = rows_of("acme", story.entries)

    assert [(row["role"], row["person"]) for row in rows] == [
        ("manager", ""), ("cfo", ""), ("ceo", "cora@seller.example")
    ]  # fmt: skip
    assert len({row["id"] for row in rows}) == len(rows)


def test_who_need_not_answer_any_more_has_it_on_their_list_no_longer() -> None:
    story = asked("11", amount=euros(200_000))

    say(story, "ceo")

    assert [row["role"] for row in rows_of("acme", story.entries)] == ["manager"]
