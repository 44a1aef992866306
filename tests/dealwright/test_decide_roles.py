"""Whoever takes a role takes its open work."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import CloseTask, CreateTask, HandOver, RequestApproval
from tests.dealwright.story import Story, playbook

RULES = """
roles: {rep: {reports_to: boss}, expert: {reports_to: boss, name: Exa, email: exa@seller.example}, boss: {}}
handoffs: [{name: over, from: rep, to: expert, accept_within: 4bh}]
approvals: [{name: discount, of: proposal.discount, levels: [{by: [expert, boss]}], answer_within: 1bd}]
stages:
  - name: selling
    owner: rep
    plays:
      - name: prepare
        on: demo_booked
        do: [{task: prepare, text: Bring slides, owner: expert, due: 2bd, asks: [use_case]}]
      - {name: own, on: entered, do: [{task: mine, due: 2bd}]}
      - {name: ask, on: discount_requested, do: [{approval: discount}]}
      - {name: pass, on: demo_held, do: [{handoff: over}]}
      - {name: chain, on: call_logged, steps: [{task: first, owner: expert, wait: true}, {task: second}]}
"""
EXA = {"name": "Exa", "email": "exa@seller.example"}
NEO = {"name": "Neo", "email": "neo@seller.example"}


def a_deal(**owners: dict[str, str]) -> Story:
    return Story(playbook("playbook: tiny\n" + RULES), owners=owners)


def take_over(story: Story, how: str = "reassign", role: str = "expert", who: dict[str, str] = NEO) -> None:
    if how == "reassign":
        story.order("reassign", role=role, to=who, why="left")
    elif how == "amend":
        story.order("amend", known={"owners": {role: who}}, why="left")
    else:
        other = playbook("playbook: next\n" + RULES.replace("name: Exa, email: exa@", "name: Neo, email: neo@"))
        story.offers["next"] = ("another bundle", other)
        story.order("adopt_playbook", playbook="next", why="new team")


@pytest.mark.parametrize("how", ["reassign", "amend", "adopt"])
def test_a_task_goes_to_whoever_takes_the_role(how: str) -> None:
    story = a_deal()
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")
    old = story.task("prepare")

    take_over(story, how)

    given = [(task.owner.name if task.owner else None, task.detail) for task in story.all(CreateTask)][1:]
    assert given == [("Exa", "Bring slides Note down: use case."), ("Neo", "Bring slides Note down: use case.")]
    assert [closed.task for closed in story.all(CloseTask)] == [old.id]
    assert (story.task("prepare").due_at, story.task("prepare").run) == (old.due_at, old.run)


def test_the_story_says_who_takes_over_what() -> None:
    story = a_deal()
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")

    take_over(story)

    assert story.last(e.WorkGiven).sentence() == "Neo is expert now, and takes over: prepare"


def test_work_of_other_roles_stays_where_it_is() -> None:
    story = a_deal()

    take_over(story)

    assert story.noted(e.WorkGiven) == []
    assert len(story.all(CreateTask)) == 1


@pytest.mark.parametrize(
    "same", [{**EXA, "email": "Exa@Seller.example"}, {**EXA, "name": "Exa Minor"}, {**EXA, "timezone": "Asia/Tokyo"}]
)
def test_the_same_person_keeps_the_work(same: dict[str, str]) -> None:
    story = a_deal()
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")

    take_over(story, who=same)

    assert story.noted(e.WorkGiven) == []


def test_work_that_nobody_had_goes_to_the_first_who_takes_the_role() -> None:
    story = a_deal()

    take_over(story, role="rep")

    assert [task.owner.name if task.owner else None for task in story.all(CreateTask)] == [None, "Neo"]


def test_work_may_go_from_hand_to_hand() -> None:
    story = a_deal()
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")

    for who in (NEO, EXA, NEO):
        take_over(story, who=who)

    ids = [task.id for task in story.all(CreateTask)]
    assert len(ids) == len(set(ids)) == 5
    assert len(story.task("prepare").id) < len("acme/prepare/1/1.given99/1")


def test_an_overdue_task_goes_on_with_its_deadlines() -> None:
    story = a_deal().until("2026-03-04 12:00")
    missed = story.task("mine").missed

    take_over(story, role="rep")

    assert (missed, story.task("mine").missed) == (1, 1)


def test_a_play_that_waits_for_a_task_goes_on_when_the_new_one_is_done() -> None:
    story = a_deal()
    story.tell("call_logged", result="connected")
    take_over(story)

    story.order("complete_task", task="first")

    assert "second" in story.tasks


def test_the_new_approver_is_asked_and_the_old_one_no_longer_counts() -> None:
    story = a_deal()
    story.tell("discount_requested", percent="25")
    story.wait(hours=3)

    take_over(story)

    requests = story.all(RequestApproval)
    assert [request.owner.name if request.owner else None for request in requests] == ["Exa", "Neo"]
    assert requests[-1].answer_by.isoformat() == "2026-03-03T13:00:00+00:00"
    answer = {"approval": "discount", "answer": "approve", "terms": {"discount": "25"}}
    assert not story.order("decide_approval", **{**answer, "by": "Exa"}).accepted
    assert story.order("decide_approval", **{**answer, "by": "Neo"}).text == "Approved; now boss is asked."


def test_the_second_of_a_chain_may_change_too() -> None:
    story = a_deal()
    story.tell("discount_requested", percent="25")
    story.order("decide_approval", approval="discount", by="expert", answer="approve", terms={"discount": "25"})

    take_over(story, role="boss")

    assert [request.role for request in story.all(RequestApproval)] == ["expert", "boss", "boss"]
    assert story.order(
        "decide_approval", approval="discount", by="Neo", answer="approve", terms={"discount": "25"}
    ).accepted


def test_the_new_receiver_gets_the_package_and_the_whole_time() -> None:
    story = a_deal()
    story.tell("demo_held")
    story.wait(hours=3)

    take_over(story)

    first, second = story.all(HandOver)
    assert [offer.to.name if offer.to else None for offer in (first, second)] == ["Exa", "Neo"]
    assert (first.id != second.id, second.accept_by.isoformat()) == (True, "2026-03-02T17:00:00+00:00")
    assert story.order("accept_handoff", by="neo@seller.example", handoff="over").accepted


def test_work_changes_hands_when_a_pause_ends() -> None:
    story = a_deal()
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")
    story.order("pause", why="holidays")
    take_over(story)
    during = story.noted(e.WorkGiven)

    story.order("resume")

    assert during == []
    assert story.last(e.WorkGiven).person == "Neo"


def test_what_is_asked_by_the_engine_itself_changes_hands_too() -> None:
    rules = playbook("""
handoffs: [{name: over, from: rep, to: expert, needs: [use_case]}]
stages: [{name: one, owner: rep, plays: [{name: pass, on: demo_held, do: [{handoff: over}]}]}]
""")
    story = Story(rules, owners={"rep": EXA})
    story.tell("demo_held")

    take_over(story, role="rep")
    story.order("complete_task", task="supply_handoff_pieces", notes={"use_case": "reports"})

    assert len(story.all(HandOver)) == 1
