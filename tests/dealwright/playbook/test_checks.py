"""What can be told about a playbook without running it: each finding once, and none about a sound one."""

import pytest

from dealwright.playbook.checks.check import check_playbook
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import BadPlaybook, check_bundle, load_playbook
from tests.dealwright.playbook.valid_playbook import BUNDLE, PLAYBOOK, TEMPLATES, with_change

ERRORS = {
    "a stage's owner without a role": (
        "    owner: sdr\n",
        "    owner: srd\n",
        "playbook.yaml:24: stages[0].owner: There is no role 'srd'. Did you mean 'sdr'?",
    ),
    "a step's owner without a role": (
        "task: call, ",
        "task: call, owner: robot, ",
        (
            "playbook.yaml:33: stages[0].plays[0].steps[1].owner: There is no role 'robot'. "
            "Write one of boss, rep, sdr, or add it."
        ),
    ),
    "an escalation to nobody": (
        "task: call, escalate: boss",
        "task: call, escalate: bos",
        "playbook.yaml:33: stages[0].plays[0].steps[1].escalate: There is no role 'bos'. Did you mean 'boss'?",
    ),
    "a notice to nobody": (
        "do: [{approval: discount}]",
        "do: [{approval: discount}, {notify: boos}]",
        "playbook.yaml:21: plays[0].do[1].notify: There is no role 'boos'. Did you mean 'boss'?",
    ),
    "a superior without a role": (
        "rep: {reports_to: boss}",
        "rep: {reports_to: chief}",
        "playbook.yaml:4: roles.rep.reports_to: There is no role 'chief'. Write one of boss, rep, sdr, or add it.",
    ),
    "a handoff to nobody": (
        "to: rep, needs",
        "to: reps, needs",
        "playbook.yaml:11: handoffs[0].to: There is no role 'reps'. Did you mean 'rep'?",
    ),
    "an approver without a role": (
        "by: [boss]",
        "by: [bos]",
        "playbook.yaml:17: approvals[0].levels[1].by[0]: There is no role 'bos'. Did you mean 'boss'?",
    ),
    "a stage that is not there": (
        "    leave_when: {reply_received: interested}\n",
        "    leave_when: {reply_received: interested}\n    to: talk\n",
        "playbook.yaml:26: stages[0].to: There is no stage 'talk'. Did you mean 'talks'?",
    ),
    "a handoff that is not there": (
        "{handoff: to-rep}",
        "{handoff: to-reps}",
        "playbook.yaml:42: stages[1].plays[0].do[0].handoff: There is no handoff 'to-reps'. Did you mean 'to-rep'?",
    ),
    "an approval that is not there": (
        "{approval: discount}",
        "{approval: discounts}",
        "playbook.yaml:21: plays[0].do[0].approval: There is no approval 'discounts'. Did you mean 'discount'?",
    ),
    "a step to a stage that is not there": (
        "{approval: discount}",
        "{enter: discount}",
        (
            "playbook.yaml:21: plays[0].do[0].enter: There is no stage 'discount'. "
            "Write one of customer, outreach, talks, or add it."
        ),
    ),
    "a task that no step opens": (
        "{task_done: sign}",
        "{task_done: sing}",
        "playbook.yaml:38: stages[1].leave_when: There is no step that opens 'sing'. Did you mean 'sign'?",
    ),
    "a template that no step sends": (
        "until: [reply_received, ",
        "until: [{email_sent: helo}, ",
        "playbook.yaml:30: stages[0].plays[0].until: There is no step that sends 'helo'. Did you mean 'hello'?",
    ),
    "an approval's answer that never comes": (
        "on: discount_requested",
        "on: {approval_refused: discounts}",
        "playbook.yaml:20: plays[0].on: There is no approval 'discounts'. Did you mean 'discount'?",
    ),
    "a stage's event of no stage": (
        "on: discount_requested",
        "on: {entered: custom}",
        "playbook.yaml:20: plays[0].on: There is no stage 'custom'. Did you mean 'customer'?",
    ),
    "a comparison with no stage": (
        "if: {deal.source: outbound}",
        "if: {not: {deal.stage: talking}}",
        "playbook.yaml:29: stages[0].plays[0].if: There is no stage 'talking'. Did you mean 'talks'?",
    ),
    "a play's name that is taken": (
        "name: lapsed",
        "name: cold",
        "playbook.yaml:50: stages[2].plays[0].name: There is already a play 'cold'. Give it another name.",
    ),
    "a stage's name that is taken": (
        "name: customer",
        "name: talks",
        "playbook.yaml:46: stages[2].name: There is already a stage 'talks'. Give it another name.",
    ),
    "a deadline for a message": (
        "{email: hello}",
        "{email: hello, due: 1d}",
        (
            "playbook.yaml:32: stages[0].plays[0].steps[0].due: 'due' says nothing for 'email'. "
            "Take it out: it belongs to a step with task."
        ),
    ),
    "a reason for a task": (
        "task: call, ",
        "task: call, reason: because, ",
        (
            "playbook.yaml:33: stages[0].plays[0].steps[1].reason: 'reason' says nothing for 'task'. "
            "Take it out: it belongs to a step with close or enter."
        ),
    ),
    "a time zone that is none": (
        "  boss: {}",
        "  boss: {timezone: Europe/Berln}",
        "playbook.yaml:5: roles.boss.timezone: 'Europe/Berln' is not an IANA time zone. Write Europe/Berlin.",
    ),
    "holidays that are not known": (
        "  boss: {}",
        "  boss: {country: DE-XX}",
        "playbook.yaml:5: roles.boss.country: No holidays are known for 'DE-XX'.",
    ),
    "approval levels out of order": (
        "{up_to: 100, by: [boss]}",
        "{up_to: 5, by: [boss]}",
        (
            "playbook.yaml:17: approvals[0].levels[1].up_to: A level before this one already goes up to 10. "
            "Order the levels from the lowest up_to to the highest."
        ),
    ),
    "an approval with nobody to ask above its last level": (
        "{up_to: 100, by: [boss]}",
        "{up_to: 50, by: [boss]}",
        (
            "playbook.yaml:17: approvals[0].levels[1].up_to: Nothing says who is asked above 50. "
            "Add a last level without up_to: {by: [a role]}."
        ),
    ),
    "an approval that grants whatever is above": (
        "{up_to: 100, by: [boss]}",
        "{by: []}",
        (
            "playbook.yaml:17: approvals[0].levels[1]: Whatever is above the other levels is granted, without anybody "
            "being asked. Say who is asked then: by: [a role]."
        ),
    ),
    "approval levels behind one that takes every value": (
        "{up_to: 10}",
        "{by: [rep]}",
        (
            "playbook.yaml:16: approvals[0].levels[0]: A level without up_to takes every value, so that those below it "
            "are never reached. Put it last, or add up_to."
        ),
    ),
    "an approval of money in no currency": (
        "of: proposal.discount\n    levels:\n      - {up_to: 10}\n      - {up_to: 100, by: [boss]}",
        "of: deal.amount\n    levels:\n      - {up_to: 10}\n      - {by: [boss]}",
        (
            "playbook.yaml:16: approvals[0].levels: 'deal.amount' is money, and nothing says in which currency the "
            "levels are meant. Add currency: EUR, or the one that is meant."
        ),
    ),
    "an approval of money without a last level": (
        "of: proposal.discount",
        "of: deal.amount\n    currency: EUR",
        (
            "playbook.yaml:18: approvals[0].levels[1].up_to: Nothing says who is asked above 100. "
            "Add a last level without up_to: {by: [a role]}."
        ),
    ),
    "a currency for what is no money": (
        "of: proposal.discount",
        "of: proposal.discount\n    currency: EUR",
        (
            "playbook.yaml:15: approvals[0].currency: 'proposal.discount' is no money, so that a currency says "
            "nothing. Take it out."
        ),
    ),
    "a currency that is none": (
        "of: proposal.discount",
        "of: deal.amount\n    currency: eur",
        "playbook.yaml:15: approvals[0].currency: 'eur' is no ISO 4217 code. Write EUR.",
    ),
    "an approval of what is no number": (
        "of: proposal.discount",
        "of: proposal.link",
        "playbook.yaml:14: approvals[0].of: 'proposal.link' is no number, so that it has no level.",
    ),
    "a play that nothing starts": (
        "on: discount_requested",
        "on: []",
        "playbook.yaml:20: plays[0].on: Nothing starts this play. Write a fact or event, such as on: entered.",
    ),
    "roles that report to each other": (
        "  boss: {}",
        "  boss: {reports_to: sdr}",
        (
            "playbook.yaml:3: roles.sdr.reports_to: Whoever 'sdr' reports to reports back to 'sdr'. "
            "Take one of the reports_to out."
        ),
    ),
    "a stage that leads into itself": (
        "do: [{handoff: to-rep}]",
        "do: [{handoff: to-rep}, {enter: talks}]",
        (
            "playbook.yaml:35: stages[1].name: The stage 'talks' leads back into itself without a pause. "
            "Give one of the enter steps an after or an if."
        ),
    ),
    "stages that one fact leads round": (
        "leave_when: [contract_signed, {task_done: sign}]",
        "leave_when: {reply_received: interested}\n    to: outreach",
        (
            "playbook.yaml:25: stages[0].leave_when: 'reply_received:interested' takes a deal from the stage "
            "'outreach' round in a circle, back into itself. Lead one of these stages elsewhere with to:."
        ),
    ),
}

WARNINGS = {
    "a stage that no deal reaches": (
        "    leave_when: [contract_signed, {task_done: sign}]\n",
        "",
        (
            "playbook.yaml:45: stages[2].name: No deal ever reaches the stage 'customer'. "
            "Give it enter_when, or let the stage before it lead here."
        ),
    ),
    "a stage that no deal leaves": (
        "    leave_when: [contract_signed, {task_done: sign}]\n",
        "",
        (
            "playbook.yaml:35: stages[1].name: No deal ever leaves the stage 'talks'. "
            "Give it leave_when, a later stage enter_when, or a play with enter or close."
        ),
    ),
    "a way to nowhere": (
        "    gate: {require",
        "    leave_when: deal_lost\n    gate: {require",
        (
            "playbook.yaml:48: stages[2].leave_when: No stage comes after this one. "
            "Add to: <stage>, or close the deal with a play or under ends."
        ),
    ),
    "a jump into the first stage": (
        "    leave_when: {reply_received: interested}\n",
        "    leave_when: {reply_received: interested}\n    enter_when: lead_qualified\n",
        (
            "playbook.yaml:26: stages[0].enter_when: No stage comes before this one. "
            "Take it out: deals begin in the first stage."
        ),
    ),
    "a stage that is left at once": (
        "leave_when: [contract_signed, ",
        "leave_when: [entered, contract_signed, ",
        (
            "playbook.yaml:38: stages[1].leave_when: The stage is left as soon as it is entered. "
            "Write what has to happen in the stage."
        ),
    ),
    "a play on what ends the deal": (
        "on: discount_requested",
        "on: [discount_requested, deal_lost]",
        (
            "playbook.yaml:20: plays[0].on: 'deal_lost' ends the deal before a play hears it. "
            "Take it out, or take the fact out of ends and let the play close the deal."
        ),
    ),
    "a play on what leaves the stage": (
        "on: {before: demo.starts_at, by: 1bd}",
        "on: contract_signed",
        (
            "playbook.yaml:44: stages[1].plays[1].on: 'contract_signed' takes the deal out of 'talks', "
            "which stops this play before it does anything. "
            "Move it to plays: at the top, or write on: entered in the stage that follows."
        ),
    ),
    "a play on what jumps ahead": (
        "        on: entered\n        if:",
        "        on: [entered, demo_booked]\n        if:",
        (
            "playbook.yaml:28: stages[0].plays[0].on: 'demo_booked' takes the deal out of 'outreach', "
            "which stops this play before it does anything. "
            "Move it to plays: at the top, or write on: entered in the stage that follows."
        ),
    ),
    "a play on what begins the next term": (
        "on: {after: contract.ends_on, by: 1d}",
        "on: contract_renewed",
        (
            "playbook.yaml:51: stages[2].plays[0].on: 'contract_renewed' takes the deal out of 'customer', "
            "which stops this play before it does anything. "
            "Move it to plays: at the top, or write on: entered in the stage that follows."
        ),
    ),
    "a play on another stage's event": (
        "        on: entered\n        if:",
        "        on: {entered: talks}\n        if:",
        (
            "playbook.yaml:28: stages[0].plays[0].on: 'entered: talks' never comes in this stage. "
            "Move the play to that stage."
        ),
    ),
    "a play on leaving its own stage": (
        "        on: entered\n        if:",
        "        on: {left: outreach}\n        if:",
        (
            "playbook.yaml:28: stages[0].plays[0].on: The plays of a stage stop when it is left, "
            "before they hear of it. "
            "Move the play to plays: at the top, which listen in every stage."
        ),
    ),
    "a play that stops itself": (
        "until: [reply_received, ",
        "until: [{entered: outreach}, ",
        "playbook.yaml:30: stages[0].plays[0].until: What starts this play also stops it. Take entered out of until.",
    ),
    "a date that is only known in a later stage": (
        "        on: entered\n        if:",
        "        on: {before: demo.starts_at, by: 1bd}\n        if:",
        (
            "playbook.yaml:28: stages[0].plays[0].on: 'demo.starts_at' is first known by demo_booked, "
            "which takes the deal out of this stage. Move the play to the stage that follows."
        ),
    ),
    "a step behind the end": (
        "          - {after: 5bd, close: unresponsive}\n",
        "          - {after: 5bd, close: unresponsive}\n          - {after: 1bd, task: call}\n",
        (
            "playbook.yaml:35: stages[0].plays[0].steps[3]: This step comes after the deal's end. "
            "Put it before, or take it out."
        ),
    ),
    "an answer to what nobody asks": (
        "do: [{approval: discount}]",
        "do: [{notify: boss}]",
        (
            "playbook.yaml:13: approvals[0].name: No step begins the approval 'discount'. "
            "Add a step with approval: discount, or take it out."
        ),
    ),
    "a handoff that nobody begins": (
        "do: [{handoff: to-rep}]",
        "do: [{notify: boss}]",
        (
            "playbook.yaml:11: handoffs[0].name: No step begins the handoff 'to-rep'. "
            "Add a step with handoff: to-rep, or take it out."
        ),
    ),
    "an event that nobody makes": (
        "do: [{handoff: to-rep}]",
        "do: [{notify: boss, if: {not: {handoff_accepted: to-rep}}}]",
        (
            "playbook.yaml:42: stages[1].plays[0].do[0].if: 'handoff_accepted: to-rep' never comes. "
            "Add a step with handoff to-rep, or take this out."
        ),
    ),
    "a value that hardly ever comes": (
        "if: {deal.source: outbound}",
        "if: {demo.status: done}",
        (
            "playbook.yaml:29: stages[0].plays[0].if: 'demo.status' is hardly ever 'done'. "
            "Write one of booked, held, missed, cancelled."
        ),
    ),
    "more messages than the limit allows": (
        "          - {email: hello}\n",
        "          - {email: hello}\n" * 3 + "          - {after: 6d, email: hello}\n",
        (
            "playbook.yaml:35: stages[0].plays[0].steps[3]: This is message 4 within 7d, and "
            "touches_per_contact allows 3: "
            "it will wait. Send it later, or allow more under limits."
        ),
    ),
    "a limit of the account that makes the one of a contact say nothing": (
        "limits: {touches_per_contact: {per: 7d, max: 3}}",
        "limits: {touches_per_contact: {per: 7d, max: 3}, touches_per_account: {per: 30d, max: 3}}",
        (
            "playbook.yaml:6: limits.touches_per_account: No contact may get more than their whole account does, so "
            "that touches_per_contact says nothing. Allow an account more than a contact, or take one out."
        ),
    ),
    "an escalation to whoever is late": (
        "task: call, escalate: boss",
        "task: call, escalate: sdr",
        (
            "playbook.yaml:33: stages[0].plays[0].steps[1].escalate: 'sdr' is told of their own delay. "
            "Escalate to another role, or take it out."
        ),
    ),
    "a handoff escalated to its receiver": (
        "needs: [use_case], escalate: boss",
        "needs: [use_case], escalate: rep",
        (
            "playbook.yaml:11: handoffs[0].escalate: 'rep' is told of their own delay. "
            "Escalate to another role, or take it out."
        ),
    ),
    "pieces that nobody asks for": (
        ", asks: [use_case]",
        "",
        (
            "playbook.yaml:11: handoffs[0].needs: No task asks for use_case, so that sdr is only asked "
            "when handing over. "
            "Add asks: [use_case] to an earlier task."
        ),
    ),
}


def told(text: str) -> list[str]:
    return [str(mistake) for mistake in check_bundle({"playbook.yaml": text, **TEMPLATES})]


def test_nothing_is_found_in_a_sound_playbook() -> None:
    assert check_bundle(BUNDLE) == ()
    assert check_playbook(load_playbook(PLAYBOOK)) == ()


@pytest.mark.parametrize(("old", "new", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_what_is_wrong_keeps_a_playbook_from_loading(old: str, new: str, expected: str) -> None:
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(with_change(old, new))

    assert any(line.startswith(expected) for line in str(refused.value).splitlines()), str(refused.value)


@pytest.mark.parametrize(("old", "new", "expected"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_is_hardly_meant_is_told_as_a_warning(old: str, new: str, expected: str) -> None:
    text = with_change(old, new)

    assert expected in told(text)
    assert isinstance(load_playbook(text), Playbook)


def test_a_finding_says_how_grave_it_is_and_where_it_stands() -> None:
    playbook = load_playbook(with_change(", asks: [use_case]", ""))

    (finding,) = check_playbook(playbook)

    assert finding.severity == "warning"
    assert finding.place == ("handoffs", 0, "needs")
    assert str(finding).startswith("handoffs[0].needs: No task asks for use_case")


def test_a_task_that_the_deal_opens_by_itself_may_be_waited_for() -> None:
    assert told(with_change("{task_done: sign}", "{task_done: mend_handoff}")) == []


def test_a_hard_gate_may_keep_a_deal_in_the_stage_so_that_its_plays_go_on() -> None:
    gate = "    gate: {hard: true, require: {a name: {account.name: {known: true}}}}\n"
    text = with_change("on: {before: demo.starts_at, by: 1bd}", "on: contract_signed")

    assert told(text.replace("    enter_when: demo_booked\n", f"    enter_when: demo_booked\n{gate}")) == []


def test_stages_far_apart_may_lead_back_with_a_pause() -> None:
    back = "do: [{handoff: to-rep}, {after: 1d, enter: outreach}]"

    assert told(with_change("do: [{handoff: to-rep}]", back)) == []


def test_messages_that_are_far_enough_apart_are_within_the_limit() -> None:
    text = with_change(
        "          - {email: hello}\n",
        "          - {email: hello}\n" * 3 + "          - {after: 7d, email: hello}\n",
    )

    assert not [line for line in told(text) if "touches" in line]
