"""Whoever asks for a yes does not choose who gives it."""

from __future__ import annotations

import pytest

from tests.dealwright.story import Story, playbook

RULES = """
playbook: tiny
roles: {rep: {reports_to: lead}, lead: {reports_to: head}, head: {}, finance: {}}
approvals: [{name: discount, of: proposal.discount, levels: [{up_to: 20, by: [lead]}, {by: [lead, finance]}]}]
stages: [{name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}]
"""
REA, LEA, HAN = ({"name": name, "email": f"{name.lower()}@us.example"} for name in ("Rea", "Lea", "Han"))
OWNERS = {"rep": REA, "lead": LEA, "head": HAN}


def gives(by: str, role: str, to: dict[str, str] | None, *, how: str = "reassign", **owners: dict[str, str]) -> str:
    """What a deal says to whoever gives a role to somebody; ``lead`` and ``finance`` approve in it."""
    story = Story(playbook(RULES), owners=owners or OWNERS)
    if how == "reassign":
        return story.order("reassign", by=by, role=role, to=to, why="x").text
    return story.order("amend", by=by, known={"owners": {role: to}}, why="x").text


@pytest.mark.parametrize("how", ["reassign", "amend"])
def test_nobody_takes_an_approving_role_that_somebody_holds(how: str) -> None:
    refused = "lead approves, and is handed on by who holds it now, or is above: lead, head."

    assert gives("rea@us.example", "lead", REA, how=how) == refused
    assert gives("service:crm", "lead", REA, how=how) == refused


@pytest.mark.parametrize("by", ["lea@us.example", "LEA@us.example", "lead", "han@us.example", "head"])
def test_an_approving_role_is_handed_on_by_who_holds_it_or_is_above(by: str) -> None:
    assert gives(by, "lead", REA) == "Rea is now lead."


def test_an_approving_role_that_nobody_holds_is_filled_with_somebody_else() -> None:
    assert gives("rea@us.example", "finance", REA) == "finance approves, and nobody gives that role to themselves."
    assert gives("rea@us.example", "finance", {**REA, "email": "REA@us.example"}).startswith("finance approves")
    assert gives("rea@us.example", "finance", HAN) == "Han is now finance."


def test_an_approving_role_is_not_emptied_to_be_filled_anew() -> None:
    story = Story(playbook(RULES), owners=OWNERS)

    emptied = story.order("amend", by="rea@us.example", known={"owners": None}, why="x")

    assert emptied.text.startswith("head is above lead, which approves")
    assert story.state.deal is not None
    assert set(story.state.deal.owners or ()) == {"rep", "lead", "head"}


def test_nobody_rises_above_an_approver_to_replace_them() -> None:
    assert gives("rea@us.example", "head", REA).startswith("head is above lead, which approves")


def test_roles_that_approve_nothing_are_given_by_anybody() -> None:
    assert gives("service:crm", "rep", HAN) == "Han is now rep."


def test_what_is_amended_besides_leaves_approvers_alone() -> None:
    story = Story(playbook(RULES), owners=OWNERS)

    assert story.order("amend", by="rea@us.example", known={"owners": OWNERS, "title": "T"}, why="x").accepted
