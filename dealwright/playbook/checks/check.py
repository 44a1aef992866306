"""What can be told about a playbook without running it: errors, and warnings about what is hardly meant so."""

from __future__ import annotations

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.playbook.checks.approvals import (
    approval_levels,
    approval_rules,
    rules_that_never_matter,
    stand_ins,
    stand_ins_that_say_nothing,
)
from dealwright.playbook.checks.computed_fields import tables_of_fields
from dealwright.playbook.checks.dead_triggers import never_fires
from dealwright.playbook.checks.documents import documents
from dealwright.playbook.checks.ending_facts import ended_before
from dealwright.playbook.checks.experiments import experiments_in_vain
from dealwright.playbook.checks.impossible_conditions import impossible_conditions
from dealwright.playbook.checks.limits import (
    escalations_to_oneself,
    limits_that_forbid,
    pieces_nobody_asks_for,
)
from dealwright.playbook.checks.missing_untils import endings_missed
from dealwright.playbook.checks.percents import fractions_for_percents
from dealwright.playbook.checks.plain_texts import unrendered_texts
from dealwright.playbook.checks.plays_for_contacts import plays_for_contacts, roles_of_contacts
from dealwright.playbook.checks.pools import pools_that_leave_out
from dealwright.playbook.checks.reachability import circles, stages_without_a_way
from dealwright.playbook.checks.reasons import asked_for_nothing, reasons_of_steps
from dealwright.playbook.checks.references import wrong_names, wrong_places
from dealwright.playbook.checks.scores import idle_scores, wrong_scores
from dealwright.playbook.checks.step_order import steps_out_of_order
from dealwright.playbook.checks.task_outcomes import channels_nobody_uses, looked_at_too_soon
from dealwright.playbook.checks.vocabulary import words_used
from dealwright.playbook.language.model import Playbook


def check_playbook(playbook: Playbook) -> tuple[Diagnostic, ...]:
    """Everything that is wrong or hardly meant so, each with its place. Errors make a playbook unusable.

    Warnings are only looked for in a playbook without errors: names that lead nowhere have no ways to follow.
    """
    found = (
        *wrong_names(playbook),
        *wrong_places(playbook),
        *words_used(playbook),
        *unrendered_texts(playbook),
        *steps_out_of_order(playbook),
        *approval_levels(playbook),
        *approval_rules(playbook),
        *stand_ins(playbook),
        *tables_of_fields(playbook),
        *reasons_of_steps(playbook),
        *asked_for_nothing(playbook),
        *wrong_scores(playbook),
        *plays_for_contacts(playbook),
        *roles_of_contacts(playbook),
        *documents(playbook),
    )
    if any(one.severity == "error" for one in found):
        return found
    return (
        *found,
        *circles(playbook),
        *stages_without_a_way(playbook),
        *ended_before(playbook),
        *never_fires(playbook),
        *impossible_conditions(playbook),
        *fractions_for_percents(playbook),
        *experiments_in_vain(playbook),
        *idle_scores(playbook),
        *endings_missed(playbook),
        *limits_that_forbid(playbook),
        *escalations_to_oneself(playbook),
        *pieces_nobody_asks_for(playbook),
        *rules_that_never_matter(playbook),
        *stand_ins_that_say_nothing(playbook),
        *looked_at_too_soon(playbook),
        *channels_nobody_uses(playbook),
        *pools_that_leave_out(playbook),
    )
