"""Ids that a deal has seen, and what it was told under them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dealwright import entries as e
from dealwright.decision import Received
from dealwright.dedup import KEPT_FOR, SeenIds
from dealwright.fingerprints import fingerprint
from tests.dealwright.story import Story, of_stage

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param('{"id": "a", "health": 50}', '{"health":50,"id":"a"}', id="order and spaces"),
        pytest.param('{"health": 50}', '{"health": 50.0}', id="a number with a point"),
        pytest.param('{"health": 50}', '{"health": 5e1}', id="a number with an exponent"),
        pytest.param('{"amount": "1200.00"}', '{"amount": 1200}', id="an amount as text"),
        pytest.param('{"note": "Gr\u00fc\u00df"}', '{"note": "Gr\\u00fc\\u00df"}', id="escaped letters"),
        pytest.param('{"at": "2026-03-02T10:00:00Z"}', '{"at": "2026-03-02T11:00:00.000+01:00"}', id="the same moment"),
        pytest.param('{"note": null, "health": 1}', '{"health": 1}', id="what is null"),
    ],
)
def test_the_same_content_is_the_same_however_its_json_is_written(one: str, other: str) -> None:
    assert fingerprint("usage_reported", one) == fingerprint("usage_reported", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"health": 50}', '{"health": 51}'),
        ('{"note": "a"}', '{"note": "A"}'),
        ('{"at": "2026-03-02T10:00:00Z"}', '{"at": "2026-03-02T10:00:00+01:00"}'),
        ('{"tags": ["a", "b"]}', '{"tags": ["b", "a"]}'),
        ('{"ok": true}', '{"ok": 1}'),
        ("no json", "no jsom"),
    ],
)
def test_other_content_is_told_apart(one: str, other: str) -> None:
    assert fingerprint("usage_reported", one) != fingerprint("usage_reported", other)


def test_the_same_content_under_two_names_is_told_apart() -> None:
    assert fingerprint("demo_held", "{}") != fingerprint("demo_missed", "{}")


def test_an_id_that_says_something_else_is_another_one_once() -> None:
    seen = SeenIds()
    first = seen.is_new("usage_reported:a", NOW, "11111111")

    told = [seen.is_another("usage_reported:a", NOW, content) for content in ("11111111", "22222222", "22222222")]

    assert (first, told) == (True, [False, True, False])


def test_a_later_run_knows_what_each_id_said() -> None:
    seen = SeenIds()
    seen.is_new("a", NOW, "11111111")
    seen.is_another("a", NOW, "22222222")

    later = SeenIds(seen.by_day())

    assert not later.is_new("a", NOW, "11111111")
    assert [later.is_another("a", NOW, content) for content in ("22222222", "33333333")] == [False, True]


def test_ids_of_which_only_the_digest_is_known_are_repetitions() -> None:
    old = SeenIds()
    old.is_new("a", NOW)

    assert not SeenIds(old.by_day()).is_another("a", NOW, "22222222")


def test_ids_are_forgotten_when_no_source_delivers_them_again() -> None:
    seen = SeenIds()
    seen.is_new("a", NOW)

    seen.is_new("b", NOW + KEPT_FOR + timedelta(days=1))

    assert seen.is_new("a", NOW + KEPT_FOR + timedelta(days=1))


def test_other_content_under_a_known_id_changes_nothing_and_asks_for_attention() -> None:
    story = Story(of_stage("[{name: low, on: usage_reported, do: [{notify: rep}]}]"))
    story.tell("usage_reported", id="7", health=80)
    again = Received(
        kind="fact", name="usage_reported", id="7", at=story.now, payload='{"health": 10}', contradicts=True
    )

    story.tell_at_once(again)
    story.tell("usage_reported", id="8", health=70)

    assert story.state.deal is not None
    assert story.state.deal.health == 70
    assert story.last(e.FactContradicted).excerpt == '{"health": 10}'
    assert story.state.attention == {
        "fact-id:usage_reported:7": "Fact 'usage_reported' came again as '7' with other content: the first one stands"
    }
    assert len(story.told) == 2
