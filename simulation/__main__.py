"""``python -m simulation SEED``: one life by its seed, line by line, and what its examiner found."""

from __future__ import annotations

import sys

from simulation.examiner import examine


def main(seed: int) -> int:
    """Live and examine the life of that seed; 1 when something was wrong in it."""
    examination = examine(seed)
    for entry in examination.life.simulation.entries:
        sys.stdout.write(f"{entry.number:5} {entry.at:%Y-%m-%d %H:%M} {entry.sentence()}\n")
    for check in dict.fromkeys(violation.check for violation in examination.found):
        sys.stdout.write(f"\n{examination.report(check)}\n")
    return 1 if examination.found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
