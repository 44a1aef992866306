"""What to install for a command whose parts are not there: needs nothing but the base install itself."""

from __future__ import annotations

from collections.abc import Sequence

_EXTRAS = {"up": "local", "demo": "local", "gateway": "gateway", "worker": "worker"}
_FOR_THE_STORE = {"migrate", "installation", "repair", "tasks", "namespace", "playbook", "suppression"}


def what_to_install(missing: ModuleNotFoundError, arguments: Sequence[str]) -> str:
    """One line: what is missing, and the extra that brings it."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    extra = _EXTRAS.get(command, "worker" if command in _FOR_THE_STORE else "cli")
    named = f"`{command}`" if command else "the command line"
    return f"{missing.name} is not installed. For {named} install: pip install 'dealwright[{extra}]'"
