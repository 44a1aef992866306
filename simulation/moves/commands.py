"""What people do with a deal: answers that it waits for, and overrides that it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from dealwright.decision import Received
from simulation.moves.deals import any_contact, any_money, any_person
from simulation.moves.reasons import any_reason
from simulation.moves.situation import Payload, Situation

_PIECES = ("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements")


def command(situation: Situation, name: str, serial: int, payload: Payload) -> Received:
    """A command as it is received; its id tells repeats."""
    text = json.dumps(payload, default=lambda value: value.isoformat())
    return Received(kind="command", name=name, id=f"u{serial}", at=situation.now, payload=text)


def do_task(situation: Situation, serial: int) -> Received | None:
    """Somebody does one of the open tasks, mostly with the pieces it was about."""
    if not situation.state.tasks:
        return None
    task = situation.random.choice(list(situation.state.tasks.values()))
    payload: Payload = {"by": task.role, "task": situation.random.choice((task.id, task.name)), "result": "done"}
    if (
        task.name in {"supply_handoff_pieces", "note_what_we_learned", "confirm_stakeholders"}
        or situation.random.random() < 0.1
    ):
        pieces = _PIECES if situation.random.random() < 0.7 else situation.random.sample(_PIECES, 2)
        payload["notes"] = {piece: f"what the {piece} is" for piece in pieces}
    if task.outcomes:
        payload["outcome"] = situation.random.choice(task.outcomes)
    if task.fills:
        payload["fills"] = {name: "40" for name in task.fills if situation.random.random() < 0.7}
    if task.name in {"say_why_it_ended", "say_why_it_ends"}:
        payload |= any_reason(situation)
    return command(situation, "complete_task", serial, payload)


def answer_handoff(situation: Situation, serial: int) -> Received | None:
    """The receiver (or somebody who is not) answers a handoff."""
    if not situation.state.handoffs:
        return None
    handoff = situation.random.choice(list(situation.state.handoffs.values()))
    by = handoff.to_role if situation.random.random() < 0.9 else "a stranger"
    wanted = situation.random.choice((handoff.id, handoff.name))
    if situation.random.random() < 0.8:
        return command(situation, "accept_handoff", serial, {"by": by, "handoff": wanted})
    return command(situation, "decline_handoff", serial, {"by": by, "handoff": wanted, "why": "not ready"})


def answer_approval(situation: Situation, serial: int) -> Received | None:
    """One of the chain (or somebody who is not) answers an approval, mostly on its terms."""
    if not situation.state.approvals:
        return None
    approval = situation.random.choice(list(situation.state.approvals.values()))
    by = (
        approval.waits_for
        if situation.random.random() < 0.8
        else situation.random.choice((*approval.chain, "a stranger"))
    )
    terms = approval.terms if situation.random.random() < 0.9 else {**approval.terms, "amount": "1"}
    answer = "approve" if situation.random.random() < 0.75 else "refuse"
    payload: Payload = {"by": by, "approval": approval.id, "answer": answer, "terms": terms}
    return command(situation, "decide_approval", serial, payload)


def close(situation: Situation, serial: int, outcome: str) -> Received:
    """Somebody ends the deal."""
    payload: Payload = {"by": "boss", "why": "enough of it", "outcome": outcome}
    return command(situation, "close", serial, {**payload, **any_reason(situation)})


def override(situation: Situation, serial: int) -> Received:
    """Somebody goes against the playbook, or tries to."""
    random, state = situation.random, situation.state
    names = [*_OVERRIDES, "resume", "resume"] if state.pause else [*_OVERRIDES]
    name = random.choice(names)
    payload = {"by": "boss", **_OVERRIDES[name](situation)}
    if name != "resume":
        payload["why"] = "it seemed right"
    if random.random() < 0.03:
        payload["hwy"] = payload.pop("why", "")
    return command(situation, name, serial, payload)


def _move(situation: Situation) -> Payload:
    stages = (
        "research",
        "outreach",
        "discovery",
        "presentation",
        "proposal",
        "close",
        "customer",
        "nurture",
        "nowhere",
    )
    own = {
        "odd-jobs": ("first", "second", "side", "third"), "other-tools": ("reach", "offer", "billed"),
        "enterprise-outbound": ("target", "outreach", "nurture", "discovery", "evaluation", "proposal", "won"),
        "product-led": ("self-serve", "sales", "customer"),
    }  # fmt: skip
    return {"stage": situation.random.choice(own.get(situation.playbook, stages))}


def _skip(situation: Situation) -> Payload:
    runs = [run for run in situation.state.runs.values() if run.planned]
    if not runs:
        return {"play": "no-such-play"}
    run = situation.random.choice(runs)
    step = str(situation.random.choice(list(run.planned)) + 1)
    return {"play": run.play, **({"step": step} if situation.random.random() < 0.7 else {})}


def _pause(situation: Situation) -> Payload:
    if situation.random.random() < 0.4:
        return {}
    return {"until": situation.now + timedelta(hours=situation.random.uniform(-5, 600))}


def _reassign(situation: Situation) -> Payload:
    asked = [task.role for task in situation.state.tasks.values()]
    asked += [approval.waits_for for approval in situation.state.approvals.values() if approval.chain]
    asked += [handoff.to_role for handoff in situation.state.handoffs.values()]
    anybody = ("sdr", "account_executive", "csm", "rep", "expert", "janitor")
    role = situation.random.choice(asked if asked and situation.random.random() < 0.6 else anybody)
    return {"role": role, "to": any_person(situation.random, role).model_dump(exclude_none=True)}


def _amend(situation: Situation) -> Payload:
    begins = situation.day(-200, 10)
    contract = {"starts_on": begins.isoformat(), "ends_on": situation.day(-5, 300).isoformat()}
    demo = {"starts_at": situation.moment(-50, 300).isoformat()}
    ids = situation.random.sample(("c0", "c1", "c2"), situation.random.choice((1, 1, 2)))
    contacts = [any_contact(situation.random, id_).model_dump(exclude_none=True) for id_ in ids]
    money = any_money(situation.random).model_dump(mode="json")
    corrections: tuple[Payload, ...] = (
        {"contract": contract}, {"demo": demo}, {"source": "referral"}, {}, {"contacts": contacts},
        {"contacts": contacts}, {"amount": money}, {"amount": None}, {"health": None, "score": 7.5},
        {"fields": {"seats": 25, "trial_ends_on": None}}, {"fields": {"segment": "large"}},
    )  # fmt: skip
    return {"known": situation.random.choice(corrections)}


def _adopt(situation: Situation) -> Payload:
    names = ("b2b-saas", "b2b-saas-next", "b2b-saas-next", "odd-jobs", "five-steps", "nobody-wrote-this")
    if situation.playbook == "other-tools":
        names = ("other-tools", "other-tools-next", "other-tools-next", "odd-jobs", "b2b-saas", "nobody-wrote-this")
    when = "next_stage" if situation.state.entries % 3 == 0 else "now"  # no draw: the lives stay those of their seeds
    return {"playbook": situation.random.choice(names), "preview": situation.random.random() < 0.1, "when": when}


def _start(situation: Situation) -> Payload:
    plays = ("renewal", "lapsed", "cold-cadence", "remind-of-demo", "low-health", "knock", "birthday", "no-such-play")
    with_tools = ("prospecting", "again", "introduce", "texts", "text-again", "nurture", "news", "offer-again")
    return {"play": situation.random.choice(with_tools if situation.playbook == "other-tools" else plays)}


def _resolve(situation: Situation) -> Payload:
    return {
        "effect": situation.random.choice([*situation.state.pending, "unknown"]),
        "sent": situation.random.random() < 0.5,
    }


def _acknowledge(situation: Situation) -> Payload:
    return {"point": situation.random.choice([*situation.state.attention, "all"])}


_OVERRIDES: dict[str, Callable[[Situation], Payload]] = {
    "move_to_stage": _move,
    "skip_play": _skip,
    "pause": _pause,
    "resume": lambda _: {},
    "reassign": _reassign,
    "amend": _amend,
    "adopt_playbook": _adopt,
    "start_play": _start,
    "resolve_touch": _resolve,
    "acknowledge": _acknowledge,
}
