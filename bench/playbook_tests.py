"""How long a test of a playbook takes: those that stand beside the shipped playbooks, on one core."""

from __future__ import annotations

import time
from importlib.resources import files

import playbooks
from dealwright.playbook.loading import load_playbook
from simulation.playbook_tests.judging import judge
from simulation.playbook_tests.reading import TESTS, read_tests
from simulation.playbook_tests.running import live

_ROUNDS = 3


def milliseconds_a_test() -> float:
    """The processor time of a test, on average over its file: of the slowest file, in its slowest round."""
    took = []
    for name, bundle in playbooks.shipped().items():
        playbook = load_playbook(bundle["playbook.yaml"])
        tests = read_tests(files("playbooks").joinpath(name, TESTS).read_text("utf-8"), playbook)
        for _ in range(_ROUNDS):
            before = time.process_time()
            for written in tests:
                judge(written.test, live(written.test, playbook), playbook)
            took.append((time.process_time() - before) / len(tests))
    return max(took) * 1000
