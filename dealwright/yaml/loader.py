"""YAML as its authors mean it, and not as YAML 1.1 has it.

Keys are text (``on`` is not "true"), only ``true`` and ``false`` are truth values (the country ``NO`` is not
"false"), ``09:30`` is no number of seconds.
"""

from __future__ import annotations

import re

import yaml

STANDARD = "tag:yaml.org,2002:"

_PLAIN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), "tTfF"),
    ("null", re.compile(r"~|null|Null|NULL|"), "~nN\0"),
    ("int", re.compile(r"[-+]?[0-9]+"), "-+0123456789"),
    ("float", re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"), "-+.0123456789"),
    ("timestamp", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "0123456789"),
)


class Loader(yaml.SafeLoader):
    """A safe loader that knows the truth values, numbers and dates of :data:`_PLAIN`, and nothing else."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _name, _pattern, _first in _PLAIN:
    for _letter in _first:
        _found = (f"{STANDARD}{_name}", re.compile(f"(?:{_pattern.pattern})\\Z"))
        Loader.yaml_implicit_resolvers.setdefault("" if _letter == "\0" else _letter, []).append(_found)
