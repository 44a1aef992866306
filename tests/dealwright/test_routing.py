"""Routing: a step gives a role to somebody of a pool, and the play goes on with them."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.deal import Person
from dealwright.effects import ChooseOwner, CreateTask, Notify
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, mistakes_in, with_change
from tests.dealwright.story import Story, of_stage, playbook

POOL = """
pools:
  experts:
    members:
      - {name: Ines Iyer, email: Ines@Seller.example, weight: 2, territory: {account.country: {in: [IN, LK]}}}
      - name: Omar Ott
        email: omar@seller.example
        capacity: 3
        timezone: America/New_York
        cover: ines@seller.example
"""
PLAYS = """
- {name: share, on: demo_booked, steps: [{assign: expert, from: experts}, {after: 1h, notify: expert, text: Yours}]}
- {name: again, on: note_added, steps: [{assign: expert, from: experts, anew: true}, {task: call, owner: expert}]}
- {name: prepare, on: demo_booked, do: [{task: prepare, owner: expert, due: 2bd}]}
"""
INDIA = {"id": "acme", "domain": "acme.example", "country": "IN"}


def a_deal(more: str = "", account: dict[str, str] | None = None, owners: object = None) -> Story:
    return Story(of_stage(PLAYS, before=POOL + more), account=account, owners=owners)


def holders(story: Story) -> dict[str, Person] | None:
    return story.state.deal.owners if story.state.deal else None


def book(story: Story) -> ChooseOwner:
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")
    return story.all(ChooseOwner)[-1]


def test_whoever_was_chosen_has_the_role_and_what_is_open_for_it() -> None:
    story = a_deal(account=INDIA)
    story.keep("choose_owner")
    choice = book(story)
    assert holders(story) is None

    story.come_back(choice, "done", reference="ines@seller.example", reason="it was their turn")

    assert holders(story) == {"expert": Person(name="Ines Iyer", email="Ines@Seller.example")}
    assert [task.owner.name if task.owner else None for task in story.all(CreateTask)] == [None, "Ines Iyer"]
    assert story.last(e.OwnerChosen).sentence() == "Ines Iyer is expert, of experts: it was their turn"


def test_the_next_step_waits_until_somebody_is_chosen() -> None:
    story = a_deal()
    story.keep("choose_owner")
    choice = book(story)
    story.wait(hours=5)
    assert story.all(Notify) == []

    story.come_back(choice, "done", reference="omar@seller.example")
    story.wait(hours=1)

    assert [note.owner.name for note in story.all(Notify) if note.owner] == ["Omar Ott"]


def test_those_who_can_be_chosen_are_given_with_their_territories_weights_and_capacities() -> None:
    choice = book(a_deal(account={"id": "acme", "country": "DE"}))
    seen = [(one.person.name, one.weight, one.capacity, one.fits, one.cover) for one in choice.candidates]
    assert seen == [("Ines Iyer", 2, None, False, None), ("Omar Ott", 1, 3, True, "ines@seller.example")]
    assert (choice.account, choice.account_first, choice.keeps) == ("acme", False, None)


def test_of_those_at_work_it_is_said_from_when_they_are() -> None:
    choice = book(a_deal("    at_work: true\n"))  # Monday 10:00 in London is before nine in New York
    assert [f"{one.at_work_from:%a %H:%M}" for one in choice.candidates if one.at_work_from] == [
        "Mon 10:00",
        "Mon 14:00",
    ]


def test_whoever_has_the_role_already_keeps_it() -> None:
    story = a_deal(owners={"expert": {"name": "Exa", "email": "exa@seller.example"}})
    assert book(story).keeps == Person(name="Exa", email="exa@seller.example")
    assert story.last(e.OwnerChosen).person.name == "Exa"


def test_a_step_may_choose_anew() -> None:
    story = a_deal(owners={"expert": {"name": "Omar", "email": "omar@seller.example"}}, account=INDIA)
    story.tell("note_added", text="He is swamped")
    assert story.all(ChooseOwner)[-1].replaces == Person(name="Omar", email="omar@seller.example")
    assert story.last(e.OwnerChosen).person.name == "Ines Iyer"


def test_who_was_given_the_role_by_a_person_meanwhile_keeps_it() -> None:
    story = a_deal()
    story.keep("choose_owner")
    choice = book(story)
    story.order("reassign", role="expert", to={"name": "Neo", "email": "neo@seller.example"}, why="knows them")

    story.come_back(choice, "done", reference="omar@seller.example")

    assert holders(story) == {"expert": Person(name="Neo", email="neo@seller.example")}


def test_while_nobody_can_be_chosen_the_deal_waits_and_asks_for_attention() -> None:
    story = a_deal()
    story.keep("choose_owner")
    choice = book(story)
    story.come_back(choice, "deferred", reason="nobody in experts can take it", until="2026-03-02T11:00:00Z")
    assert story.state.attention == {f"effect:{choice.id}": "nobody in experts can take it"}
    assert story.wakes == "Mon 02 Mar 11:00"

    story.until("2026-03-02 11:00")
    again = story.all(ChooseOwner)[-1]
    assert (again.id, again.at, again.since) == (choice.id, story.now, choice.at)
    story.come_back(again, "done", reference="omar@seller.example")
    assert story.state.attention == {}


@pytest.mark.parametrize(("otherwise", "asked"), [("    otherwise: boss\n", "boss"), ("", "rep")])
def test_where_nobody_is_to_be_had_a_role_is_asked_to_choose_and_the_play_goes_on(otherwise: str, asked: str) -> None:
    story = a_deal(otherwise)
    story.keep("choose_owner")
    choice = book(story)
    assert choice.waits == (not otherwise)

    story.come_back(choice, "skipped", reason="nobody in experts can take it")

    assert (story.task("choose_owner").role, "choose who is expert" in story.task("choose_owner").title) == (
        asked,
        True,
    )
    assert "notify expert" in story.steps


def test_a_play_that_stops_calls_the_choice_off() -> None:
    stopping = PLAYS.replace("on: demo_booked, steps", "on: demo_booked, until: demo_cancelled, steps")
    story = Story(of_stage(stopping, before=POOL))
    story.keep("choose_owner")
    choice = book(story)
    story.tell("demo_cancelled")
    assert story.withdrawn == [choice.id]


TWO_STAGES = """
pools: {reps: {members: [{name: Ana, email: ana@seller.example}]}}
stages:
  - {name: first, owner: rep, plays: [{name: share, on: entered, do: [{assign: rep, from: reps}]}]}
  - {name: second, owner: boss}
"""


def test_a_deal_counts_for_whoever_was_chosen_until_it_has_gone_beyond_their_role() -> None:
    story = Story(playbook(TWO_STAGES))
    assert (story.state.assigned, story.noted(e.OwnerCounted)) == ({"rep": True}, [])

    story.order("move_to_stage", stage="second", why="on we go")
    assert (story.state.assigned, story.decision.report_now) == ({"rep": False}, True)

    story.order("move_to_stage", stage="first", why="back again")
    assert [one.counts for one in story.noted(e.OwnerCounted)] == [False, True]


def test_for_a_role_that_owns_no_stage_a_deal_counts_until_it_is_won() -> None:
    won = TWO_STAGES.replace("assign: rep", "assign: expert").replace("owner: boss}", "owner: boss, marks: won}")
    story = Story(playbook(won))
    story.order("move_to_stage", stage="second", why="signed")
    assert story.state.assigned == {"expert": False}


def test_others_hear_at_once_that_the_crm_gave_a_role_to_somebody_else() -> None:
    story = Story(playbook(TWO_STAGES))
    story.tell("crm_properties_changed", owners={"rep": {"name": "Ben", "email": "ben@seller.example"}})
    assert story.decision.report_now


ANA = "{name: Ana, email: ana@seller.example}"


def with_pools(pools: str, step: str = "{assign: rep, from: aes}") -> str:
    with_step = with_change("do: [{handoff: to-rep}]", f"do: [{{handoff: to-rep}}, {step}]")
    return with_step.replace("\nroles:", f"\npools:\n  {pools}\nroles:", 1)


def warned(pools: str) -> list[str]:
    return [str(one) for one in check_bundle({"playbook.yaml": with_pools(pools), **TEMPLATES})]


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ("{name: Ana}", "email"),
        ("{name: Ana, email: ana}", "'ana' is no e-mail address"),
        ("{name: Ana, email: ana@seller.example, weight: 0}", "with a weight of 0 nobody gets their share"),
        ("{name: Ana, email: ana@seller.example, capacity: 0}", "with a capacity of 0 nobody gets a deal"),
        ("{name: Ana, email: ana@seller.example, territory: {account.land: DE}}", "account.land"),
        ("{name: Ana, email: ana@seller.example, timezone: Europe/Berlim}", "Europe/Berlim"),
        (f"{ANA}, {ANA}", "ana@seller.example stands in the pool twice"),
        (ANA.replace("}", ", cover: Ana@Seller.example}"), "ana@seller.example covers for themselves"),
        (ANA.replace("}", ", cover: ben@seller.example}"), "'ben@seller.example' is no member of the pool"),
    ],
)
def test_a_mistake_in_a_member_is_told(member: str, problem: str) -> None:
    assert any(problem.casefold() in one.casefold() for one in mistakes_in(with_pools(f"aes: {{members: [{member}]}}")))


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("{assign: rep, from: aces}", "'aces'"),
        ("{assign: reb, from: aes}", "'reb'"),
        ("{assign: rep}", "from"),
    ],
)
def test_a_mistake_in_a_step_is_told(step: str, problem: str) -> None:
    assert any(
        problem.casefold() in one.casefold() for one in mistakes_in(with_pools(f"aes: {{members: [{ANA}]}}", step))
    )


def test_a_role_that_is_none_cannot_choose() -> None:
    assert any("'bos'" in one for one in mistakes_in(with_pools(f"aes: {{members: [{ANA}], otherwise: bos}}")))


def test_the_check_warns_of_a_pool_that_nobody_uses() -> None:
    assert any("no step assigns anybody from unused" in one.casefold() for one in warned(
        f"aes: {{members: [{ANA}]}}\n  unused: {{members: [{ANA}]}}"
    ))  # fmt: skip


def test_the_check_warns_of_deals_that_nobody_gets() -> None:
    with_territory = ANA.replace("}", ", territory: {account.country: DE}}")
    hole = "a deal in no territory of aes has nobody"
    assert any(hole in one.casefold() for one in warned(f"aes: {{members: [{with_territory}]}}"))
    assert not any(hole in one.casefold() for one in warned(f"aes: {{members: [{with_territory}], otherwise: boss}}"))
