"""What people do with a deal: answers that it waits for, and overrides that it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from dealwright.decision import Received
from simulation.people import any_contact, any_money, any_person
from simulation.tellings import Payload, Scene

_PIECES = ("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements")


def command(scene: Scene, name: str, serial: int, payload: Payload) -> Received:
    """A command as it is received; its id tells repeats."""
    text = json.dumps(payload, default=lambda value: value.isoformat())
    return Received(kind="command", name=name, id=f"u{serial}", at=scene.now, payload=text)


def do_task(scene: Scene, serial: int) -> Received | None:
    """Somebody does one of the open tasks, mostly with the pieces it was about."""
    if not scene.state.tasks:
        return None
    task = scene.random.choice(list(scene.state.tasks.values()))
    payload: Payload = {"by": task.role, "task": scene.random.choice((task.id, task.name)), "result": "done"}
    if (
        task.name in {"supply_handoff_pieces", "note_what_we_learned", "confirm_stakeholders"}
        or scene.random.random() < 0.1
    ):
        pieces = _PIECES if scene.random.random() < 0.7 else scene.random.sample(_PIECES, 2)
        payload["notes"] = {piece: f"what the {piece} is" for piece in pieces}
    return command(scene, "complete_task", serial, payload)


def answer_handoff(scene: Scene, serial: int) -> Received | None:
    """The receiver (or somebody who is not) answers a handoff."""
    if not scene.state.handoffs:
        return None
    handoff = scene.random.choice(list(scene.state.handoffs.values()))
    by = handoff.to_role if scene.random.random() < 0.9 else "a stranger"
    wanted = scene.random.choice((handoff.id, handoff.name))
    if scene.random.random() < 0.8:
        return command(scene, "accept_handoff", serial, {"by": by, "handoff": wanted})
    return command(scene, "decline_handoff", serial, {"by": by, "handoff": wanted, "why": "not ready"})


def answer_approval(scene: Scene, serial: int) -> Received | None:
    """One of the chain (or somebody who is not) answers an approval, mostly on its terms."""
    if not scene.state.approvals:
        return None
    approval = scene.random.choice(list(scene.state.approvals.values()))
    by = approval.waits_for if scene.random.random() < 0.8 else scene.random.choice((*approval.chain, "a stranger"))
    terms = approval.terms if scene.random.random() < 0.9 else {**approval.terms, "amount": "1"}
    answer = "approve" if scene.random.random() < 0.75 else "refuse"
    payload: Payload = {"by": by, "approval": approval.id, "answer": answer, "terms": terms}
    return command(scene, "decide_approval", serial, payload)


def close(scene: Scene, serial: int, outcome: str) -> Received:
    """Somebody ends the deal."""
    return command(scene, "close", serial, {"by": "boss", "why": "enough of it", "outcome": outcome})


def override(scene: Scene, serial: int) -> Received:
    """Somebody goes against the playbook, or tries to."""
    random, state = scene.random, scene.state
    names = [*_OVERRIDES, "resume", "resume"] if state.pause else [*_OVERRIDES]
    name = random.choice(names)
    payload = {"by": "boss", **_OVERRIDES[name](scene)}
    if name != "resume":
        payload["why"] = "it seemed right"
    if random.random() < 0.03:
        payload["hwy"] = payload.pop("why", "")
    return command(scene, name, serial, payload)


def _move(scene: Scene) -> Payload:
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
    mine = ("first", "second", "side", "third") if scene.state.playbook == "odd-jobs" else stages
    return {"stage": scene.random.choice(mine)}


def _skip(scene: Scene) -> Payload:
    runs = [run for run in scene.state.runs.values() if run.planned]
    if not runs:
        return {"play": "no-such-play"}
    run = scene.random.choice(runs)
    step = str(scene.random.choice(list(run.planned)) + 1)
    return {"play": run.play, **({"step": step} if scene.random.random() < 0.7 else {})}


def _pause(scene: Scene) -> Payload:
    if scene.random.random() < 0.4:
        return {}
    return {"until": scene.now + timedelta(hours=scene.random.uniform(-5, 600))}


def _reassign(scene: Scene) -> Payload:
    asked = [task.role for task in scene.state.tasks.values()]
    asked += [approval.waits_for for approval in scene.state.approvals.values() if approval.chain]
    asked += [handoff.to_role for handoff in scene.state.handoffs.values()]
    anybody = ("sdr", "account_executive", "csm", "rep", "expert", "janitor")
    role = scene.random.choice(asked if asked and scene.random.random() < 0.6 else anybody)
    return {"role": role, "to": any_person(scene.random, role).model_dump(exclude_none=True)}


def _amend(scene: Scene) -> Payload:
    begins = scene.day(-200, 10)
    contract = {"starts_on": begins.isoformat(), "ends_on": scene.day(-5, 300).isoformat()}
    demo = {"starts_at": scene.moment(-50, 300).isoformat()}
    ids = scene.random.sample(("c0", "c1", "c2"), scene.random.choice((1, 1, 2)))
    contacts = [any_contact(scene.random, id_).model_dump(exclude_none=True) for id_ in ids]
    money = any_money(scene.random).model_dump(mode="json")
    corrections: tuple[Payload, ...] = (
        {"contract": contract}, {"demo": demo}, {"source": "referral"}, {}, {"contacts": contacts},
        {"contacts": contacts}, {"amount": money}, {"amount": None}, {"health": None, "score": 7.5},
    )  # fmt: skip
    return {"known": scene.random.choice(corrections)}


def _adopt(scene: Scene) -> Payload:
    names = ("b2b-saas", "b2b-saas-next", "b2b-saas-next", "odd-jobs", "five-steps", "nobody-wrote-this")
    return {"playbook": scene.random.choice(names), "preview": scene.random.random() < 0.1}


def _start(scene: Scene) -> Payload:
    plays = ("renewal", "lapsed", "cold-cadence", "remind-of-demo", "low-health", "knock", "birthday", "no-such-play")
    return {"play": scene.random.choice(plays)}


def _resolve(scene: Scene) -> Payload:
    return {"effect": scene.random.choice([*scene.state.pending, "unknown"]), "sent": scene.random.random() < 0.5}


def _acknowledge(scene: Scene) -> Payload:
    return {"point": scene.random.choice([*scene.state.attention, "all"])}


_OVERRIDES: dict[str, Callable[[Scene], Payload]] = {
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
