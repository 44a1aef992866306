"""In what two playbooks differ, in words."""

from __future__ import annotations

import pytest

from dealwright.playbook.differences.compare import Bundle, compare
from dealwright.playbook.loading import load_bundle, load_playbook
from playbooks import shipped
from tests.dealwright.story import playbook

CADENCE = """
plays: [{name: whole, on: opted_out, do: [{notify: rep}]}]
stages:
  - name: outreach
    owner: rep
    leave_when: reply_received
    stalls_after: 7d
    plays:
      - name: cold-cadence
        on: entered
        until: reply_received
        steps: [{email: cold-1}, {after: 2bd, email: cold-2}, {after: 1d, task: call, due: 1bd}]
  - {name: discovery, owner: rep}
"""


def told(old: str, new: str) -> list[str]:
    before, after = playbook(old), playbook(new)
    return [one.text for one in compare(Bundle(before, {}), Bundle(after, {}))]


def test_that_a_reason_is_asked_before_the_end_is_a_difference() -> None:
    ends = "ends: [{when: deal_lost, as: lost}]\nreasons: {lost: [price]}\n"
    (said,) = told(ends + CADENCE, ends.replace("as: lost", "as: lost, ask_first: 2bd") + CADENCE)
    assert said == "end deal_lost: asks for the reason before the end for 2bd instead of nothing"


def test_hours_of_a_role_are_a_difference_of_the_role() -> None:
    whole = "playbook: p\nroles: {rep: {reports_to: boss}, boss: {}}\n" + CADENCE
    (said,) = told(whole, whole.replace("rep: {", "rep: {hours: Mon-Fri 07:00-19:00, "))
    assert said == "role rep: hours is Mon-Fri 07:00-19:00 instead of nothing"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("after: 2bd", "after: 3bd", "play cold-cadence: its second e-mail comes after 3bd instead of 2bd"),
        ("due: 1bd", "due: 2bd", "play cold-cadence: its task is due after 2bd instead of 1bd"),
        ("email: cold-1", "email: cold-1, marketing: false",
         "play cold-cadence: its first e-mail marketing is false instead of true"),
        (", {after: 1d, task: call, due: 1bd}", "", "play cold-cadence: its task is gone (task call)"),
        ("{email: cold-1}", "{email: cold-1}, {after: 1bd, email: cold-9}",
         "play cold-cadence: its second e-mail is new (e-mail cold-9, after 1bd)"),
        ("{email: cold-1}, {after: 2bd, email: cold-2}", "{after: 2bd, email: cold-2}, {email: cold-1}",
         "play cold-cadence: its steps come in another order: email cold-2, email cold-1, task call"),
        ("until: reply_received", "until: opted_out",
         "play cold-cadence: is stopped by opted_out instead of reply_received"),
        ("stalls_after: 7d", "stalls_after: 9d", "stage outreach: counts as stalled after 9d instead of 7d"),
        ("leave_when: reply_received", "leave_when: {not: reply_received}",
         "stage outreach: is left when: not (reply received), instead of: reply received"),
        ("plays: [{name: whole", "limits: {touches_per_contact: {per: 7d, max: 3}}\nplays: [{name: whole",
         "limits.touches_per_contact is {per: 7d, max: 3, service: false} instead of nothing"),
        ("{name: discovery, owner: rep}", "{name: discovery, owner: boss}",
         "stage discovery: belongs to boss instead of rep"),
        ("- {name: discovery, owner: rep}", "- {name: demo, owner: rep}\n  - {name: discovery, owner: rep}",
         "stage demo: is new"),
    ],
)  # fmt: skip
def test_a_difference_is_one_sentence_about_the_part_that_has_the_name(was: str, becomes: str, said: str) -> None:
    assert CADENCE.count(was) == 1
    assert told(CADENCE, CADENCE.replace(was, becomes)) == [said]


def test_a_play_that_moves_to_a_stage_is_told_as_moved_and_not_as_another_one() -> None:
    moved = CADENCE.replace("plays: [{name: whole, on: opted_out, do: [{notify: rep}]}]\n", "").replace(
        "{name: discovery, owner: rep}",
        "{name: discovery, owner: rep, plays: [{name: whole, on: opted_out, do: [{notify: rep}]}]}",
    )
    assert told(CADENCE, moved) == ["play whole: belongs to stage discovery instead of the whole deal"]


def test_templates_differ_in_their_subject_and_line_by_line() -> None:
    rules = playbook(CADENCE)
    old = {"templates/a.md": "Subject: Hello\n\nOne\nTwo\n", "templates/b.md": "x", "playbook.yaml": "1"}
    new = {"templates/a.md": "Subject: Hi\n\nOne\nThree\nFour\n", "templates/c.md": "y", "playbook.yaml": "2"}

    found = compare(Bundle(rules, old), Bundle(rules, new))

    assert [one.text for one in found] == [
        'template a: its subject is "Hi" instead of "Hello"',
        "template a: its text is another one (1 line gone, 2 lines new)",
        "template b: is gone",
        "template c: is new",
    ]
    assert (found[1].before, found[1].after) == (["Two"], ["Three", "Four"])


def test_conditions_that_read_alike_and_are_not_the_same_are_told() -> None:
    same = CADENCE.replace("leave_when: reply_received", "leave_when: {%s}")
    old, new = same % "any: [reply_received]", same % "all: [reply_received]"
    assert told(old, new) == [
        "stage outreach: leave_when is another one, in the same words: reply received",
    ]


def test_each_difference_is_told_as_data_with_its_place_and_both_values() -> None:
    before, after = (playbook(CADENCE.replace("after: 2bd", f"after: {span}")) for span in ("2bd", "3bd"))
    (found,) = compare(Bundle(before, {}), Bundle(after, {}))
    assert found.model_dump(exclude={"text"}) == {
        "kind": "play", "name": "cold-cadence", "step": "email cold-2", "field": "after", "what": "changed",
        "before": "2bd", "after": "3bd",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_playbook_does_not_differ_from_itself_however_it_is_written(name: str) -> None:
    files = shipped()[name]
    commented = {**files, "playbook.yaml": files["playbook.yaml"] + "\n# nothing else\n"}
    assert compare(Bundle(load_bundle(files), files), Bundle(load_bundle(commented), commented)) == ()


def test_a_key_deep_in_the_file_is_told_with_those_that_it_stands_under() -> None:
    text = shipped()["b2b-saas"]["playbook.yaml"]
    before, after = load_playbook(text), load_playbook(text.replace("max: 80", "max: 81", 1))
    assert [one.field for one in compare(Bundle(before, {}), Bundle(after, {}))] == ["limits.sends_per_rep.max"]
