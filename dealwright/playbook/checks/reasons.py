"""Reasons for a deal's end that steps give and the playbook does not list, or that say too little."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.checks.traversal import steps_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.close import CloseStep


def asked_for_nothing(playbook: Playbook) -> Iterator[Diagnostic]:
    """Facts that end a deal and ask first for a reason, where the playbook lists none for the outcome."""
    for index, end in enumerate(playbook.ends):
        if end.ask_first is not None and playbook.reasons_for(end.outcome) is None:
            problem = f"nothing is asked: the playbook lists no reasons for {end.outcome}"
            remedy = f"add reasons: {{{end.outcome}: [price]}}, or take ask_first out"
            yield Diagnostic(("ends", index, "ask_first"), problem, remedy)


def reasons_of_steps(playbook: Playbook) -> Iterator[Diagnostic]:
    """Steps that close a deal for a reason that is none, or that needs what no step can say."""
    for place, step in steps_in(playbook):
        if not isinstance(step, CloseStep) or step.reason_code is None:
            continue
        here, reasons = (*place, "reason_code"), playbook.reasons_for(step.close)
        if reasons is None:
            problem = f"the playbook lists no reasons for {step.close}"
            yield Diagnostic(here, problem, f"add reasons: {{{step.close}: [{step.reason_code}]}}, or take it out")
        elif step.reason_code not in reasons:
            problem = f"{step.reason_code!r} is no reason for {step.close}"
            yield Diagnostic(here, problem, did_you_mean(step.reason_code, reasons))
        elif needs := reasons[step.reason_code].needs:
            needed = " and ".join(needs)
            problem = f"{step.reason_code!r} needs {needed}, which no step says: each time a person is asked"
            yield warning(here, problem, "give a reason that needs nothing, or leave it to the person")
