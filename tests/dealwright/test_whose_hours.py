"""Whose hours a deadline keeps to: a person's own, else their role's, else the team's; never somebody else's."""

from __future__ import annotations

import pytest

from dealwright.deal import Person
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.effects import ChooseOwner
from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import MONDAY, Story, playbook

EVERYBODY_AT_THEIR_TIME = """
playbook: shifts
roles:
  rep: {reports_to: boss, hours: "Mon-Fri 07:00-19:00"}
  expert: {reports_to: boss, hours: "Mon-Fri 14:00-18:00", timezone: Europe/Berlin}
  boss: {hours: "Thu 08:00-16:00"}
calendar: {hours: "Mon-Fri 09:00-17:00", timezone: UTC}
"""
ASKED = "[{name: ask, on: note_added, do: [{task: call, due: 1bh}, {task: show, owner: expert, due: 1bh}]}]"


def selling(plays: str, before: str = "") -> Playbook:
    return playbook(f"{EVERYBODY_AT_THEIR_TIME}{before}\nstages: [{{name: selling, owner: rep, plays: {plays}}}]\n")


def noted(story: Story) -> Story:
    story.tell("note_added", text="They want more")
    return story


def test_a_task_is_due_in_the_hours_of_whoever_has_it() -> None:
    story = noted(Story(selling(ASKED), at="2026-03-02 18:30"))

    assert story.tasks == {"call": "Tue 03 Mar 07:30", "show": "Tue 03 Mar 14:00"}


def test_hours_of_their_own_go_before_those_of_the_role() -> None:
    owners = {"rep": {"name": "Rae", "hours": "Mon-Sun 20:00-23:00"}}
    story = noted(Story(selling(ASKED), at="2026-03-02 18:30", owners=owners))

    assert story.tasks["call"] == "Mon 02 Mar 21:00"


def test_whoever_has_only_a_zone_of_their_own_works_the_hours_of_the_role_there() -> None:
    owners = {"rep": {"name": "Rae", "timezone": "America/New_York"}}
    story = noted(Story(selling(ASKED), at="2026-03-02 10:00", owners=owners))

    assert story.tasks["call"] == "Mon 02 Mar 13:00"


def test_a_role_may_work_where_the_contact_is() -> None:
    late = EVERYBODY_AT_THEIR_TIME.replace("Mon-Fri 07:00-19:00", "Mon-Fri 09:00-17:00")
    rules = playbook(
        late.replace("reports_to: boss, hours", "reports_to: boss, timezone: contact, country: contact, hours", 1)
        + f"\nstages: [{{name: selling, owner: rep, plays: {ASKED}}}]\n"
    )

    def due(contact: dict[str, str], **own: str) -> str:
        contacts = [{"id": "ana", "name": "Ana", "email": "ana@buyer.example", **contact}]
        owners = {"rep": {"name": "Rae", **own}}
        return noted(Story(rules, at="2026-04-03 07:00", contacts=contacts, owners=owners)).tasks["call"]

    assert due({"timezone": "America/New_York", "country": "US"}) == "Fri 03 Apr 14:00"
    assert due({"timezone": "Europe/Berlin", "country": "DE"}) == "Tue 07 Apr 08:00"  # Good Friday, Easter Monday
    assert due({}) == "Fri 03 Apr 10:00"
    assert due({"timezone": "America/New_York"}, timezone="Europe/London") == "Fri 03 Apr 09:00"


def test_contacts_are_written_to_in_the_hours_of_the_team_whenever_our_people_work() -> None:
    story = noted(Story(selling("[{name: w, on: note_added, do: [{email: hello}]}]"), at="2026-03-02 07:30"))
    assert story.sent == []

    assert story.until("2026-03-02 09:00").sent == ["Mon 09:00 hello"]


def test_of_a_pool_those_are_at_work_whose_shift_it_is() -> None:
    pool = """
pools:
  callers:
    at_work: true
    members:
      - {name: Early, email: early@seller.example, hours: "Mon-Fri 05:00-13:00"}
      - {name: Late, email: late@seller.example, hours: "Mon-Fri 13:00-21:00"}
      - {name: Usual, email: usual@seller.example}
      - {name: Abroad, email: abroad@seller.example, timezone: America/New_York}
"""
    story = noted(Story(selling("[{name: s, on: note_added, do: [{assign: rep, from: callers}]}]", pool), at=MONDAY))

    candidates = story.all(ChooseOwner)[-1].candidates
    assert {one.person.name: f"{one.at_work_from:%H:%M}" for one in candidates} == {
        "Early": "10:00",
        "Late": "13:00",
        "Usual": "10:00",
        "Abroad": "12:00",
    }
    assert candidates[1].person == Person(name="Late", email="late@seller.example", hours="Mon-Fri 13:00-21:00")


def test_whoever_was_chosen_keeps_their_shift_in_the_deal() -> None:
    pool = 'pools: {callers: {members: [{name: Late, email: l@seller.example, hours: "Mon-Fri 13:00-21:00"}]}}\n'
    plays = "[{name: s, on: note_added, steps: [{assign: rep, from: callers}, {task: call, due: 1bh}]}]"

    assert noted(Story(selling(plays, pool), at=MONDAY)).tasks["call"] == "Mon 02 Mar 14:00"


def test_a_deal_that_adopts_other_hours_keeps_what_was_promised_and_goes_by_them_from_then_on() -> None:
    story = noted(Story(selling(ASKED), at="2026-03-02 18:30"))
    late = EVERYBODY_AT_THEIR_TIME.replace("Mon-Fri 07:00-19:00", "Mon-Fri 20:00-22:00")
    next_rules = playbook(
        f"{late}\nstages: [{{name: selling, owner: rep, plays: {ASKED.replace('task: call', 'task: ring')}}}]\n"
    )
    story.offers["shifts-next"] = ("f" * 64, next_rules)
    promised = story.tasks["show"]

    story.order("adopt_playbook", playbook="shifts-next", why="they work in the evening")
    story.tell("note_added", text="And more")

    assert story.tasks == {"show": promised, "ring": "Mon 02 Mar 21:00"}


@pytest.mark.parametrize("hours", ["whenever", "Mon 09:00-12:00", "Mon-Fri 17:00-09:00"])
def test_a_deal_whose_people_have_no_hours_that_anybody_could_keep_is_refused(hours: str) -> None:
    with pytest.raises(BadInput, match=r"owners\.rep\.hours"):
        Story(selling(ASKED), owners={"rep": {"name": "Rae", "hours": hours}})


def test_hours_that_once_were_let_in_and_say_nothing_are_those_of_the_role() -> None:
    calendars = selling(ASKED).calendars

    assert calendars.of("rep", Person(name="Rae", hours="Mon 09:00-09:01"), None) == calendars.of("rep", None, None)
