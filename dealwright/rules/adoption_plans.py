"""The command to follow another playbook: at once, or from when the deal next enters a stage."""

from __future__ import annotations

from dealwright import commands as c
from dealwright import entries as e
from dealwright.decision import Verdict
from dealwright.playbook.language.model import Playbook
from dealwright.rules import stages
from dealwright.rules.adopting import adopt
from dealwright.rules.decision_context import DecisionContext


def take(context: DecisionContext, command: c.AdoptPlaybook) -> Verdict:
    """Adopt the playbook now, or plan to. A preview says what would follow, and changes nothing."""
    offer = context.offers.get(command.bundle or command.playbook)
    if offer is None or (command.bundle is not None and offer[0] != command.bundle):
        version = f" ({command.bundle[:12]})" if command.bundle else ""
        return _no(f"There is no playbook {command.playbook!r}{version} in the store: publish it first.")
    bundle, playbook = offer
    if command.bundle is not None and playbook.playbook != command.playbook:
        return _no(f"{bundle[:12]} is a version of {playbook.playbook}, not of {command.playbook}: name that one.")
    if command.when == "next_stage":
        return _plan(context, command, bundle)
    if context.state.adopts is not None and bundle == context.state.bundle:
        return _drop(context, command, context.state.adopts)
    if playbook.stage(context.state.stage or "") is None:
        return _no(_not_a_stage_there(context, playbook))
    # A preview is the adoption itself, at a context whose decision nobody carries out: so the two cannot differ.
    at = DecisionContext(context.state, context.playbook, context.now) if command.preview else context
    follows = f"The deal {'would follow' if command.preview else 'now follows'} {playbook.playbook} ({bundle[:12]})."
    return _yes(" ".join(filter(None, (follows, _sentence(adopt(at, playbook, bundle)), _onward(at)))))


def _plan(context: DecisionContext, command: c.AdoptPlaybook, bundle: str) -> Verdict:
    said = f"{command.playbook} ({bundle[:12]})"
    if bundle == context.state.bundle:
        return _no(f"The deal follows {said} already.")
    if not command.preview:
        context.note(
            e.AdoptionPlanned(
                at=context.now, playbook=command.playbook, bundle=bundle, by=command.by, why=command.why
            )
        )  # fmt: skip
    will = "would follow" if command.preview else "will follow"
    return _yes(f"The deal {will} {said} from when it next enters a stage that this playbook has.")


def _drop(context: DecisionContext, command: c.AdoptPlaybook, plan: e.AdoptionPlanned) -> Verdict:
    if not command.preview:
        context.note(
            e.AdoptionDropped(
                at=context.now, playbook=plan.playbook, bundle=plan.bundle, by=command.by, why=command.why
            )
        )  # fmt: skip
    stays = "would go on" if command.preview else "goes on"
    text = f"The deal {stays} as it is: it will not follow {plan.playbook} ({plan.bundle[:12]}) from its next stage on."
    return _yes(text)


def follow(context: DecisionContext) -> bool:
    """Adopt what was planned, once the deal has entered a stage since that the playbook has. True when it did.

    That comes before anything hears of the stage: its plays are those of the new playbook.
    """
    state = context.state
    plan = state.adopts
    if plan is None or state.stage_since <= (plan.number or 0):
        return False
    offer = context.offers.get(plan.bundle)
    if offer is None or offer[0] != plan.bundle or offer[1].stage(state.stage or "") is None:
        return False
    adopt(context, offer[1], plan.bundle, on_entry=True)
    return True


def _not_a_stage_there(context: DecisionContext, other: Playbook) -> str:
    shared = [stage.name for stage in context.playbook.stages if other.stage(stage.name)]
    remedy = (
        f"move the deal first, to one that both have: {', '.join(shared)}."
        if shared
        else "no stage is in both. Close this deal, and open another one that follows it."
    )
    return f"{other.playbook} has no stage {context.state.stage!r}: {remedy}"


def _onward(context: DecisionContext) -> str:
    """Where the new rules lead the deal at once, if they do."""
    probe = DecisionContext(context.state, context.playbook, context.now)
    if context.state.pause is not None or not stages.move_on(probe):
        return ""
    return f"The deal goes on to {probe.state.stage} at once."


def _sentence(text: str) -> str:
    return f"{text}." if text else ""


def _yes(text: str) -> Verdict:
    return Verdict(accepted=True, text=text)


def _no(text: str) -> Verdict:
    return Verdict(accepted=False, text=text)
