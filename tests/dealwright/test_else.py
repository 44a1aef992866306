"""What comes instead of a step whose condition does not hold, under its ``else``."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.differences.compare import Bundle, compare
from dealwright.playbook.language.branches import Branches
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import check_bundle
from dealwright.playbook.ways import overview
from tests.dealwright.committee_stories import mail
from tests.dealwright.committee_stories import story as of_committee
from tests.dealwright.story import Story, of_stage

SEATS = "fields: {seats: number}"
BIG = "{fields.seats: {gte: 5}}"
EITHER = f"{{if: {BIG}, task: call, wait: true, else: {{email: intro}}}}"


def either(*steps: str, way: str = "steps") -> Playbook:
    return of_stage(f"- {{name: p, on: entered, {way}: [{', '.join(steps)}]}}", before=SEATS)


def deal(*steps: str, seats: int, way: str = "steps", at: str = "2026-03-02 10:00") -> Story:
    return Story(either(*steps, way=way), at=at, fields={"seats": seats})


def grow(story: Story, seats: int) -> None:
    story.tell("fields_learned", fields={"seats": seats})


def adopt(story: Story, rules: Playbook) -> None:
    story.offers["next"] = ("f" * 64, rules)
    verdict = story.order("adopt_playbook", playbook="next", why="x")
    assert verdict.accepted, verdict.text


# --- one of the two -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["steps", "do"])
def test_the_step_comes_where_its_condition_holds_and_its_else_does_not(way: str) -> None:
    story = deal(EITHER.replace(", wait: true", ""), seats=5, way=way)
    assert (list(story.wait(days=3).tasks), story.sent) == (["call"], [])


@pytest.mark.parametrize("way", ["steps", "do"])
def test_the_else_comes_where_the_condition_does_not_hold(way: str) -> None:
    story = deal(EITHER.replace(", wait: true", ""), seats=4, way=way)
    assert (list(story.wait(days=3).tasks), story.sent) == ([], ["Mon 10:00 intro"])


def test_an_exception_has_an_else_too() -> None:
    step = f"{{unless: {BIG}, notify: rep, text: Small, else: {{notify: boss, text: Big}}}}"
    assert (deal(step, seats=5).told, deal(step, seats=4).told) == (["boss: Big"], ["rep: Small"])


def test_several_steps_come_one_after_another_and_then_what_follows() -> None:
    several = f"{{if: {BIG}, task: call, wait: true, else: [{{email: intro}}, {{after: 1bd, email: more}}]}}"
    story = deal(several, "{after: 1bd, email: end}", seats=4).wait(days=5)
    assert story.sent == ["Mon 10:00 intro", "Tue 10:00 more", "Wed 10:00 end"]


def test_side_by_side_each_comes_so_long_after_the_question() -> None:
    several = (
        f"{{after: 1h, if: {BIG}, task: call, else: [{{notify: rep, text: A}}, {{after: 1h, notify: rep, text: B}}]}}"
    )
    story = deal(several, seats=4, way="do")
    assert story.wait(minutes=59).told == []
    assert story.wait(minutes=1).told == ["rep: A"]
    assert story.wait(hours=1).told == ["rep: A", "rep: B"]


def test_an_else_may_ask_again() -> None:
    chain = (
        f"{{if: {BIG}, notify: boss, text: Big, "
        "else: {if: {fields.seats: {gte: 2}}, notify: rep, text: Some, else: {notify: expert, text: Few}}}"
    )
    told = [deal(chain, seats=seats).told for seats in (5, 2, 1)]
    assert told == [["boss: Big"], ["rep: Some"], ["expert: Few"]]


def test_each_contact_goes_their_own_way() -> None:
    plays = """
- name: hello
  on: entered
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  steps: [{email: one}, {after: 1bd, if: reply_received, email: thanks, else: {email: again}}]
"""
    story = of_committee(plays)
    story.tell("reply_received", contact="ben", sentiment="other")
    story.wait(days=3)
    assert sorted(mail(story)[2:]) == ["Tue 10:00 again to cat", "Tue 10:00 thanks to ben"]


def test_the_story_says_that_the_else_comes() -> None:
    (skipped,) = deal(EITHER, seats=4).noted(e.StepSkipped)
    assert (skipped.index, skipped.otherwise, skipped.why) == (0, True, "not (fields.seats at least 5)")


# --- the choice stands --------------------------------------------------------------------------------------


def test_the_else_does_not_come_after_a_task_whose_condition_no_longer_holds() -> None:
    story = deal(EITHER, "{email: end}", seats=5)
    grow(story, 1)
    story.order("complete_task", task="call")
    assert story.wait(days=2).sent == ["Mon 10:00 end"]


def test_the_else_goes_on_though_a_task_of_it_made_the_condition_true() -> None:
    several = f"{{if: {BIG}, email: big, else: [{{task: ask, wait: true}}, {{email: intro}}]}}"
    story = deal(several, seats=4)
    grow(story, 9)
    story.order("complete_task", task="ask")
    assert story.wait(days=2).sent == ["Mon 10:00 intro"]


def test_a_step_that_somebody_leaves_out_does_not_give_way() -> None:
    story = deal(EITHER.replace("{if", "{after: 1d, if"), seats=4)
    story.order("skip_play", play="p", step="call", why="no need")
    assert story.wait(days=3).sent == []


def test_a_message_that_waited_is_not_sent_once_the_condition_holds() -> None:
    story = deal(EITHER, "{email: end}", seats=4, at="2026-03-01 10:00")  # a Sunday: it waits for Monday
    grow(story, 9)
    assert story.wait(days=3).sent == ["Mon 09:00 end"]
    assert "by now: fields.seats at least 5" in [entry.why for entry in story.noted(e.StepSkipped)]


def test_for_one_date_not_both_are_done() -> None:
    step = f"{{if: {BIG}, notify: rep, text: Big, else: {{notify: boss, text: Small}}}}"
    plays = f"- {{name: p, on: {{before: fields.ends_on, by: 2d}}, do: [{step}]}}"
    story = Story(of_stage(plays, before="fields: {seats: number, ends_on: date}"), at="2026-03-03 10:00")
    for ends_on, seats in (("2026-03-05", 9), ("2026-03-20", 1), ("2026-03-05", 1)):
        story.tell("fields_learned", fields={"seats": seats, "ends_on": ends_on})
        story.wait(hours=1)
    assert story.told == ["rep: Big"]


def test_a_planted_fault_that_lets_an_else_come_anyway_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Branches, "is_taken", lambda *_: True)
    story = deal(EITHER.replace(", wait: true", ""), seats=5).wait(days=3)
    assert (list(story.tasks), story.sent) == (["call"], ["Mon 10:00 intro"])


# --- another playbook in between ----------------------------------------------------------------------------


def test_the_choice_stands_in_another_playbook() -> None:
    begin, two = f"{{if: {BIG}, task: call, wait: true, else: [", "{email: intro}, {after: 1bd, email: more}"
    old, new = f"{begin}{two}]}}", f"{begin}{two}, {{email: extra}}]}}"
    story = deal(old, seats=4)
    grow(story, 9)
    adopt(story, either("{email: before}", new, "{after: 1bd, email: end}"))
    assert story.wait(days=7).sent == ["Mon 10:00 intro", "Tue 10:00 more", "Wed 10:00 extra", "Thu 10:00 end"]


def test_an_else_that_is_new_does_not_come_where_the_step_was_begun() -> None:
    story = deal(f"{{if: {BIG}, task: call, wait: true}}", "{email: end}", seats=5)
    adopt(story, either(EITHER, "{email: end}"))
    grow(story, 1)
    story.order("complete_task", task="call")
    assert story.wait(days=2).sent == ["Mon 10:00 end"]


@pytest.mark.parametrize("way", ["steps", "do"])
def test_an_else_that_is_new_comes_where_the_step_is_still_ahead(way: str) -> None:
    story = deal(f"{{after: 1d, if: {BIG}, task: call}}", seats=4, way=way)
    adopt(story, either(f"{{after: 1d, if: {BIG}, task: call, else: {{email: intro}}}}", way=way))
    assert story.wait(days=2).sent == ["Tue 10:00 intro"]


@pytest.mark.parametrize(("seats", "sent"), [(4, ["Tue 10:00 intro"]), (5, [])])
def test_a_step_to_come_that_stands_under_an_else_now_comes_if_that_does(seats: int, sent: list[str]) -> None:
    story = deal("{after: 2d, email: intro}", f"{{after: 1d, if: {BIG}, task: call}}", seats=seats, way="do")
    adopt(story, either(f"{{after: 1d, if: {BIG}, task: call, else: {{email: intro}}}}", way="do"))
    assert story.wait(days=5).sent == sent


def test_a_deal_that_goes_back_goes_on_under_the_else() -> None:
    several = f"{{if: {BIG}, email: big, else: [{{email: intro}}, {{after: 2d, email: more}}]}}"
    story = deal(several, seats=4)
    bundle, came_from = story.offers["tiny"]
    adopt(story, either("{email: other}", way="do"))
    story.offers["tiny"] = (bundle, came_from)
    grow(story, 9)
    verdict = story.order("adopt_playbook", playbook="tiny", why="back")
    assert verdict.accepted, verdict.text
    assert "Wed 10:00 more" in story.wait(days=5).sent
    assert not [sent for sent in story.sent if sent.endswith("big")]


# --- what is said of it -------------------------------------------------------------------------------------

FILE = """
playbook: x
roles: {rep: {}}
fields: {seats: number}
limits: {touches_per_contact: {per: 7d, max: 2}}
ends: [{when: deal_lost, as: lost}]
stages:
  - name: s
    owner: rep
    plays:
      - name: p
        on: entered
        until: [reply_received, opted_out]
        steps:
"""


def mistakes(*steps: str) -> list[str]:
    text = FILE + "".join(f"          - {step}\n" for step in steps)
    hello = "Subject: x\n\nHi {{ contact.name }} {{ unsubscribe_url }}"
    found = check_bundle({"playbook.yaml": text, "templates/hello.md": hello})
    return [str(one).partition("plays[0].")[2] for one in found]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            ["{email: hello, else: {email: hello}}"],
            "steps[0]: The step has else, and no condition. Add if or unless, or write its steps without else.",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: []}}"],
            "steps[0].else: Else does nothing. Write the steps that come instead, or take it out.",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: {{emial: hello}}}}"],
            "steps[0].else[0].emial: 'emial' is no key here. Did you mean 'email'?",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: {{notify: nobody}}}}"],
            "steps[0].else[0].notify: There is no role 'nobody'. Write one of rep, or add it.",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: {{email: hallo}}}}"],
            "steps[0].else[0].email: There is no templates/hallo.md. Did you mean 'templates/hello.md'?",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: {{notify: rep, if: {{deal.health: {{gt: 100}}}}}}}}"],
            (
                "steps[0].else[0].if: This is never true: 'deal.health' is never above 100. "
                "Write what can be so, or take it out."
            ),
        ),
        (
            [f"{{email: hello, if: {BIG}, else: {{task: x, wait: true}}}}"],
            "steps[0].else[0].wait: No step comes after this one. Add the step that waits, or take it out.",
        ),
        (
            [f"{{task: y, if: {BIG}, else: [{{close: lost}}, {{task: z}}]}}", "{email: hello}"],
            "steps[0].else[1]: This step comes after the deal's end. Put it before, or take it out.",
        ),
        (
            [f"{{email: hello, if: {BIG}, else: [{{email: hello}}, {{email: hello}}]}}", "{email: hello}"],
            (
                "steps[1]: This is message 3 within 7d, and touches_per_contact allows 2: it will wait. "
                "Send it later, or allow more under limits."
            ),
        ),
    ],
)
def test_a_mistake_under_an_else_is_told_with_its_place(steps: list[str], told: str) -> None:
    assert mistakes(*steps) == [told]


@pytest.mark.parametrize(
    "steps",
    [
        [f"{{task: y, wait: true, if: {BIG}, else: {{task: x, wait: true}}}}", "{email: hello}"],
        [f"{{task: y, if: {BIG}, else: {{close: lost}}}}", "{email: hello}"],
        [f"{{email: hello, if: {BIG}, else: {{email: hello}}}}", "{email: hello}"],
    ],
    ids=["both wait", "one of them ends", "two messages in either"],
)
def test_what_is_done_in_one_case_only_is_no_mistake_in_the_other(steps: list[str]) -> None:
    assert mistakes(*steps) == []


def test_the_ways_of_a_playbook_say_when_an_else_leads_somewhere() -> None:
    (way,) = overview(either(f"{{if: {BIG}, task: call, else: {{close: lost}}}}", "{email: end}")).ways
    assert (way.outcome, way.when) == ("lost", "entered, if not (fields.seats at least 5)")


def test_two_playbooks_differ_in_what_stands_under_an_else() -> None:
    without, with_ = (
        either(f"{{if: {BIG}, task: call}}", "{email: end}"),
        either(f"{{if: {BIG}, task: call, else: {{email: end}}}}"),
    )
    (moved,) = [one.text for one in compare(Bundle(without, {}), Bundle(with_, {}))]
    assert moved == "play p: its e-mail comes under the else of task call instead of anyway"
