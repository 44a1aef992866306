"""Mistakes that were once taken for sound: each is planted in a sound playbook, and told with what to write instead."""

import pytest

from dealwright.playbook.loading import BadPlaybook, check_bundle, load_bundle, load_playbook
from dealwright.playbook.source.bundle import LARGEST_BUNDLE, too_large
from tests.dealwright.playbook.valid_playbook import BUNDLE, PLAYBOOK, TEMPLATES, mistakes_in, with_change

IF = "if: {deal.source: outbound}"
ON = "on: {before: demo.starts_at, by: 1bd}"
LEAVE = "leave_when: {reply_received: interested}"
SIGN = "do: [{task: sign, due: {before: demo.starts_at, by: 2h}}]"
UNTIL = "until: [reply_received, opted_out]"


def told(old: str, new: str, **more: str) -> list[str]:
    files = {"playbook.yaml": with_change(old, new), **TEMPLATES, **more}
    return [str(mistake) for mistake in check_bundle(files)]


NEVER = [
    ("{deal.health: {gt: 100}}", "'deal.health' is never above 100"),
    ("{deal.health: {lt: 0}}", "'deal.health' is never below 0"),
    ("{qualification.bant: {gte: 5}}", "'qualification.bant' is never above 4"),
    ("{qualification.meddic: 7}", "'qualification.meddic' is never above 6"),
    ("{proposal.discount: {gte: 101}}", "'proposal.discount' is never above 100"),
    ("{deal.term: 0}", "'deal.term' is never below 1"),
    ("{deal.amount: {lt: 0}}", "'deal.amount' is never below 0"),
    ("{deal.currency: Euro}", "'Euro'"),
    ("{account.country: Germany}", "'Germany'"),
    ("{all: [{deal.source: inbound}, {deal.source: outbound}]}", "'deal.source' has one value at a time"),
    ("{all: [{deal.source: inbound}, {not: {deal.source: inbound}}]}", "'deal.source' has one value at a time"),
    ("{all: [{deal.source: {in: [a, b]}}, {deal.source: {not_in: [a, b]}}]}", "'deal.source' has one value at a time"),
    ("{all: [{deal.score: {gte: 80}}, {deal.score: {lt: 50}}]}", "'deal.score' would be above and below"),
    ("{all: [{deal.score: {gt: 50}}, {deal.score: {lte: 50}}]}", "'deal.score' would be above and below"),
    ("{all: [{deal.score: 40}, {deal.score: {gt: 50}}]}", "'deal.score' has one value at a time"),
    ("{all: [{deal.score: {known: false}}, {deal.score: {gt: 50}}]}", "'deal.score' would be known and not known"),
    ("{all: [demo_held, {not: demo_held}]}", "'demo held' would have happened and not happened"),
    ("{all: [{reply_received: interested}, {not: reply_received}]}", "would have happened and not happened"),
    ("{any: [{deal.health: {gt: 100}}, {deal.term: 0}]}", "'deal.health' is never above 100"),
    (
        "{all: [{contract.ends_on: {lt: 2026-01-01}}, {contract.ends_on: {gt: 2026-06-01}}]}",
        "'contract.ends_on' would be above and below",
    ),
]


@pytest.mark.parametrize(("condition", "why"), NEVER)
def test_a_condition_that_is_never_true(condition: str, why: str) -> None:
    (found,) = told(IF, f"if: {condition}")

    assert found.startswith("playbook.yaml:29: stages[0].plays[0].if: This is never true: ")
    assert why in found
    assert found.endswith("Write what can be so, or take it out.")


def test_a_condition_in_a_gate_that_is_never_true() -> None:
    (found,) = told("{contract.starts_on: {known: true}}", "{qualification.bant: 5}")

    assert "gate.require.a start: This is never true: 'qualification.bant' is never above 4" in found


@pytest.mark.parametrize(
    "condition",
    [
        "{deal.health: {gte: 100}}",
        "{all: [{deal.score: {gte: 50}}, {deal.score: {lte: 50}}]}",
        "{all: [{account.technologies: kafka}, {account.technologies: spark}]}",
        "{all: [{not: demo_held}, {not: demo_missed}]}",
        "{all: [reply_received, {not: {reply_received: interested}}]}",
        "{any: [demo_held, {not: meeting_held}]}",
        "{not: {deal.source: inbound}}",
    ],
)
def test_a_condition_that_may_be_true_is_no_mistake(condition: str) -> None:
    assert told(IF, f"if: {condition}") == []


def test_one_value_of_several_that_never_comes() -> None:
    assert told(IF, "if: {any: [demo_held, {deal.health: {gt: 100}}]}") == [
        (
            "playbook.yaml:29: stages[0].plays[0].if: 'deal.health' is never above 100. "
            "Write what can be so, or take it out."
        )
    ]


def test_a_play_whose_condition_denies_its_own_trigger() -> None:
    (found,) = told("on: discount_requested", "on: discount_requested\n    if: {not: discount_requested}")

    assert "plays[0].if: The play never starts: what starts it has just happened" in found


def test_a_play_that_asks_for_another_stage_than_its_own() -> None:
    (found,) = told(IF, "if: {deal.stage: talks}")

    assert "stages[0].plays[0].if: The plays of 'outreach' only listen while the deal is there" in found


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("{not: reply_received}", "The stage is left as soon as it is entered."),
        ("{all: [{not: demo_held}, {not: demo_missed}]}", "The stage is left as soon as it is entered."),
        ("[reply_received, {not: demo_held}]", "The stage is left as soon as it is entered."),
        ("{deal.score: {gte: 70}}", "This may be so already when the stage is entered, which is then left at once."),
        ("{deal.source: inbound}", "This may be so already when the stage is entered, which is then left at once."),
        ("[reply_received, {qualification.bant: {gte: 3}}]", "This may be so already"),
        ("{not: {deal.score: {known: true}}}", "This may be so already"),
    ],
)
def test_a_stage_that_is_left_before_anything_happens_in_it(condition: str, problem: str) -> None:
    (found,) = told(LEAVE, f"leave_when: {condition}")

    assert f"playbook.yaml:25: stages[0].leave_when: {problem}" in found


def test_a_stage_that_waits_for_a_fact_and_a_value_is_left_when_both_are_there() -> None:
    assert told(LEAVE, "leave_when: {all: [reply_received, {deal.score: {gte: 70}}, {not: demo_missed}]}") == []


def test_waiting_among_actions_that_come_side_by_side() -> None:
    new = "do: [{task: sign, wait: true}]"

    (found,) = mistakes_in(with_change(SIGN, new))
    assert "'wait' says nothing under 'do'" in found
    assert "Write the actions under steps, or take wait out." in found


def test_waiting_after_the_last_step() -> None:
    (found,) = told(SIGN, "steps: [{task: sign, wait: true}]")

    assert "wait: No step comes after this one." in found


@pytest.mark.parametrize(
    ("on", "until"),
    [
        ("demo_missed", "demo_missed"),
        ("{reply_received: interested}", "[opted_out, reply_received]"),
        ("[demo_missed, demo_held]", "demo_held"),
        ("entered", "entered"),
        ("entered", "{entered: outreach}"),
    ],
)
def test_a_play_that_its_own_trigger_stops(on: str, until: str) -> None:
    text = with_change(UNTIL, f"until: {until}").replace("on: entered\n        if:", f"on: {on}\n        if:")
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]

    assert any("stages[0].plays[0].until: What starts this play also stops it." in line for line in found), found


REMINDER = "\n        do: [{email: hello, marketing: false}, {task: sign}]"


@pytest.mark.parametrize(
    ("until", "missed"),
    [
        ("", "demo_held, demo_missed, demo_cancelled"),
        ("\n        until: [demo_held]", "demo_missed, demo_cancelled"),
        ("\n        until: [demo_held, demo_cancelled]", "demo_missed"),
    ],
)
def test_a_reminder_of_a_demo_that_does_not_hear_how_the_demo_ends(until: str, missed: str) -> None:
    (found,) = told(f"{ON}\n        {SIGN}", f"{ON}{until}{REMINDER}")

    assert "until: It writes about 'demo.starts_at' also after " in found
    assert found.endswith(f"Add {missed} to until.")


def test_a_reminder_of_a_meeting_hears_that_it_was_held_by_either_of_its_names() -> None:
    on = "on: {before: meeting.starts_at, by: 1bd}\n        until: "

    for held in ("meeting_held", "discovery_held"):
        until = f"[{held}, meeting_missed, meeting_cancelled]"
        assert told(f"{ON}\n        {SIGN}", f"{on}{until}{REMINDER}") == []
    (found,) = told(f"{ON}\n        {SIGN}", f"{on}[meeting_missed]{REMINDER}")
    assert found.endswith("Add meeting_held, meeting_cancelled to until.")


def test_a_retraction_of_a_fact_that_does_not_exist() -> None:
    (found,) = mistakes_in(with_change("on: discount_requested", "on: {fact_retracted: demo_hled}"))

    assert "plays[0].on: There is no fact 'demo_hled'. Did you mean 'demo_held'?" in found


def test_a_skipped_step_that_is_none() -> None:
    (found,) = mistakes_in(with_change("on: discount_requested", "on: {step_skipped: helo}"))

    assert "plays[0].on: There is no step about 'helo'. Did you mean 'hello'?" in found


def test_a_message_reckoned_from_a_date_within_another_play() -> None:
    (found,) = told("- {email: hello}", "- {email: hello, at: {before: contract.ends_on, by: 30d}}")

    assert "until: It writes about 'contract.ends_on' also after contract_cancelled." in found


def test_a_nudge_about_a_proposal_that_was_answered() -> None:
    on = "on: {after: proposal.sent_at, by: 1bd}"
    (found,) = told(f"{ON}\n        {SIGN}", f"{on}{REMINDER}")

    assert found.endswith("Add proposal_accepted, proposal_declined, proposal_expired, proposal_withdrawn to until.")


def test_a_reminder_that_hears_every_end_is_sound() -> None:
    until = "\n        until: [demo_held, demo_missed, demo_cancelled]"
    assert told(f"{ON}\n        {SIGN}", f"{ON}{until}{REMINDER}") == []


def with_two_messages(until: str) -> list[str]:
    another = "- {email: hello}\n          - {after: 3bd, email: hello-again}\n"
    text = with_change(UNTIL, until).replace("- {email: hello}\n", another)
    files = {"playbook.yaml": text, **TEMPLATES, "templates/hello-again.md": TEMPLATES["templates/hello.md"]}
    return [str(one) for one in check_bundle(files)]


def test_marketing_that_goes_on_although_somebody_answered() -> None:
    (found,) = with_two_messages("until: opted_out")

    assert found.endswith("until: It goes on writing although somebody answered. Add reply_received to until.")


def test_marketing_that_goes_on_after_one_kind_of_answer() -> None:
    (found,) = with_two_messages("until: [opted_out, {reply_received: [interested, other]}]")

    problem = "It goes on writing although somebody answered not_interested."
    assert found.endswith(f"until: {problem} Add not_interested to reply_received in until.")


def test_marketing_that_stops_at_every_answer_that_the_playbook_speaks_of_is_sound() -> None:
    assert with_two_messages("until: [opted_out, {reply_received: [interested, not_interested, other]}]") == []


def test_marketing_that_goes_on_after_an_answer_of_which_another_rule_speaks() -> None:
    until = "until: [opted_out, {reply_received: [interested, not_interested, other]}]"
    text = with_change(UNTIL, until).replace(
        "- {email: hello}\n",
        "- {email: hello}\n          - {after: 3bd, email: hello, unless: {reply_received: not_now}}\n",
    )

    (found,) = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]

    assert found.endswith("answered not_now. Add not_now to reply_received in until.")


def test_a_task_that_is_due_before_it_begins() -> None:
    (found,) = told(SIGN, "do: [{task: sign, due: {before: demo.starts_at, by: 2bd}}]")

    assert "do[0].due: This is due before it begins." in found


def test_a_step_whose_time_is_past_when_its_play_starts() -> None:
    (found,) = told(SIGN, "do: [{task: sign, at: {before: demo.starts_at, by: 3bd}}]")

    assert "do[0].at: This time is already past when the play starts." in found


def test_a_required_task_of_no_stage() -> None:
    (found,) = told("do: [{approval: discount}]", "do: [{approval: discount}, {task: note, required: true}]")

    assert "required: 'required' counts when a stage is left, and this play belongs to none." in found


def test_a_deal_that_is_closed_for_silence_although_nobody_was_written_to() -> None:
    steps = "          - {email: hello}\n          - {after: 2bd, task: call, escalate: boss, asks: [use_case]}\n"
    problem = "close: This closes a deal for silence although nobody was written to or called."

    assert any(problem in line for line in told(steps, ""))


def test_a_play_of_the_whole_deal_may_be_what_writes_before_a_deal_is_closed_for_silence() -> None:
    steps = "          - {email: hello}\n          - {after: 2bd, task: call, escalate: boss, asks: [use_case]}\n"
    first = "plays:\n  - {name: first, on: lead_qualified, do: [{email: hello}]}\n"
    changed = with_change("plays:\n  - name: ask", f"{first}  - name: ask").replace(steps, "")

    assert not any("for silence" in str(one) for one in check_bundle({"playbook.yaml": changed, **TEMPLATES}))


@pytest.mark.parametrize("document", ["{document: offer}", "{document: other}"])
def test_a_document_that_goes_out_asks_for_the_approval_that_it_needs(document: str) -> None:
    terms = "terms: {discount: proposal.discount, amount: deal.amount, score: deal.score}"
    documents = f"documents:\n  offer: {{tool: pandadoc, template: a, version: 1, needs: discount, {terms}}}\n"
    documents += "  other: {tool: pandadoc, template: b, version: 1, terms: {amount: deal.amount}}\n"
    changed = with_change("do: [{approval: discount}]", f"do: [{document}]").replace(
        "plays:\n", f"{documents}plays:\n", 1
    )
    found = [str(one) for one in check_bundle({"playbook.yaml": changed, **TEMPLATES})]

    assert [line for line in found if line.startswith("error")] == []
    assert any("No step begins the approval 'discount'" in line for line in found) == ("other" in document)


HANDOFF = "  - {name: to-rep, from: sdr, to: rep, needs: [use_case], escalate: boss}\n"
BACK = "  - {name: back, from: rep, to: sdr, escalate: boss}\n"
ONWARD = "  - {name: on, from: rep, to: boss}\n  - {name: down, from: boss, to: sdr}\n"


@pytest.mark.parametrize("more", [BACK, ONWARD])
def test_handoffs_that_go_in_a_circle(more: str) -> None:
    problem = "handoffs[0].to: Handoffs go in a circle: from 'rep' the deal comes back to 'sdr'."

    assert any(problem in line for line in told(HANDOFF, HANDOFF + more))


def test_a_handoff_to_oneself() -> None:
    found = mistakes_in(with_change("from: sdr, to: rep", "from: rep, to: rep"))

    assert any("handoffs[0].to: 'rep' hands over to themselves." in line for line in found)


def test_a_chain_of_handoffs_is_no_circle() -> None:
    found = told(HANDOFF, HANDOFF + "  - {name: on, from: rep, to: boss}\n")

    assert [line for line in found if "circle" in line] == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{after: 2bd, task: call, ", '{after: 2bd, task: call, title: "Call {{ contact.name }}", ', "steps[1].title"),
        ("{after: 2bd, task: call, ", '{after: 2bd, task: call, text: "{% if x %}", ', "steps[1].text"),
        (
            "{approval: discount}]",
            '{approval: discount}, {notify: boss, text: "{{ deal.id }}"}]',
            "plays[0].do[1].text",
        ),
        ("close: unresponsive}", 'close: unresponsive, reason: "{{ x }}"}', "steps[2].reason"),
        ("require: {a start:", 'require: {"a {{ start }}":', "gate.require.a {{ start }}"),
        ("playbook: small\n", 'playbook: small\nsummary: "For {{ team }}"\n', "summary"),
    ],
)
def test_a_text_that_looks_like_a_template_and_is_none(old: str, new: str, place: str) -> None:
    (found,) = mistakes_in(with_change(old, new))

    assert f"{place}: This text is shown as it is written: only templates know {{{{ … }}}}." in found


def test_a_comma_in_a_text_without_quotes() -> None:
    (found,) = mistakes_in(with_change("task: call, ", "task: call, title: Call, then write, "))

    assert "'then write' is no key here, and looks like the rest of a text." in found
    assert found.endswith("Put a text with a comma in it in quotes.")


def test_a_fact_that_brings_the_deal_further_than_this_stage() -> None:
    customer = "  - name: customer\n    owner: rep\n"
    problem = "stages[1].enter_when: 'demo_booked' brings the deal to 'customer', which is further on."

    assert any(problem in line for line in told(customer, f"{customer}    enter_when: demo_booked\n"))


GATE = "    gate: {{require: {{a use case: {{notes.use_case: {{known: true}}}}}}, {}}}\n"


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("hard: true, counted: demo_held", "gate.counted: 'demo_held' brings the deal to no later stage."),
        ("counted: demo_booked", "gate.counted: 'counted' says nothing here: only a hard gate holds"),
    ],
)
def test_a_gate_that_counts_what_does_not_pass_it(gate: str, problem: str) -> None:
    (found,) = told(f"    {LEAVE}\n", f"    {LEAVE}\n{GATE.format(gate)}")

    assert problem in found


def test_a_gate_that_counts_a_jump_is_sound() -> None:
    assert told(f"    {LEAVE}\n", f"    {LEAVE}\n{GATE.format('hard: true, counted: demo_booked')}") == []
    assert told(f"    {LEAVE}\n", f"    {LEAVE}\n{GATE.format('hard: true')}") == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("enter_when: demo_booked", "enter_when: [demo_booked, deal_lost]", "stages[1].enter_when"),
        ("leave_when: {reply_received: interested}", "leave_when: [meeting_booked, deal_lost]", "stages[0].leave_when"),
        ("renews_on: contract_renewed", "renews_on: [contract_renewed, deal_lost]", "renews_on"),
    ],
)
def test_a_stage_or_a_term_that_begins_with_what_ends_the_deal(old: str, new: str, place: str) -> None:
    (found,) = told(old, new)

    assert f"{place}: 'deal_lost' ends the deal, which goes nowhere then." in found


def test_a_fact_that_ends_the_deal_in_two_ways() -> None:
    lost = "  - {when: deal_lost, as: lost}\n"
    (found,) = told(lost, f"{lost}  - {{when: [deal_lost], as: disqualified}}\n")

    assert "ends[1].when: 'deal_lost' ends the deal as lost already." in found


MANY = {f"templates/t{number}.md": "Subject: x\n\n" + "ж" * 130_000 for number in range(8)}


def test_a_bundle_that_no_payload_could_carry() -> None:
    with pytest.raises(BadPlaybook, match=r"The bundle has [\d,]+ KiB, and may have 1,536\. Take templates out"):
        load_bundle({**BUNDLE, **MANY})


def test_a_bundle_is_measured_in_bytes_and_not_in_letters() -> None:
    letters = {"playbook.yaml": "ж" * (LARGEST_BUNDLE // 2 + 1)}

    assert too_large(letters) is not None
    assert too_large({"playbook.yaml": "x" * (LARGEST_BUNDLE // 2 + 1)}) is None


def test_nothing_of_this_is_found_in_the_sound_playbook() -> None:
    assert check_bundle(BUNDLE) == ()
    assert load_playbook(PLAYBOOK).playbook == "small"


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        (IF, "if: {proposal.discount: {gt: 0.2}}", "Write 20."),
        (IF, "if: {deal.health: {lt: 0.5}}", "Write 50."),
        ("{up_to: 10}", "{up_to: 0.1}", "Write 10."),
    ],
)
def test_a_fraction_where_percents_are_meant(old: str, new: str, remedy: str) -> None:
    (found,) = told(old, new)

    assert "goes from 0 to 100" in found
    assert found.endswith(remedy)


def test_a_fraction_where_points_are_meant() -> None:
    scores = "scores: {fit: {points: [{if: {deal.source: inbound}, give: 30}]}}\nroles:"
    (found,) = told("roles:", f"levels: {{mql: {{scores.fit: {{gte: 0.3}}}}}}\n{scores}")

    assert found.endswith("'scores.fit' counts whole points, and 0.3 is less than one. Write how many points.")


@pytest.mark.parametrize("number", ["500.000", "1.500", "12.340"])
def test_a_point_between_thousands(number: str) -> None:
    (found,) = told(IF, f"if: {{deal.amount: {{gt: {number}}}}}")

    assert f": {number} is read as " in found
    assert f"Write {number.replace('.', '')}, or " in found


@pytest.mark.parametrize("number", ["500000", "0.500", "12.5", "1.25", "1.005"])
def test_a_point_before_a_fraction(number: str) -> None:
    assert told(IF, f"if: {{deal.amount: {{gt: {number}}}}}") == []


def test_a_level_beside_what_it_denies() -> None:
    levels = "levels: {mql: {scores.fit: {gte: 30}}, sql: {all: [mql, demo_held]}}"
    scores = "scores: {fit: {points: [{if: {deal.source: inbound}, give: 30}]}}"
    changed = with_change("roles:", f"{levels}\n{scores}\nroles:")
    files = {**TEMPLATES, "playbook.yaml": changed.replace(IF, "if: {all: [sql, {scores.fit: {lt: 10}}]}")}
    (found,) = (str(mistake) for mistake in check_bundle(files))

    assert "This is never true: 'scores.fit' would be above and below" in found


def test_a_template_that_is_sent_twice_to_the_same_reader() -> None:
    (found,) = told("{email: hello}", "{email: hello}\n          - {after: 3bd, email: hello}")

    assert found == (
        "playbook.yaml:33: stages[0].plays[0].steps[1].email: Step 1 of this play says the same to the same reader. "
        "Write another template, or take one of them out."
    )


@pytest.mark.parametrize(
    "second", ["{after: 3bd, email: hello, if: {demo_held: true}}", "{after: 3bd, email: hello, unless: demo_held}"]
)
def test_a_template_that_is_sent_again_on_a_condition(second: str) -> None:
    assert not any("says the same" in line for line in told("{email: hello}", "{email: hello}\n          - " + second))


@pytest.mark.parametrize("bound", ["0", "1", "20"])
def test_a_percent_is_no_fraction(bound: str) -> None:
    assert not any("goes from 0 to 100" in line for line in told(IF, f"if: {{proposal.discount: {{gt: {bound}}}}}"))
