"""Mapping files: what they may say, and what is said about one that cannot be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from gateway.webhooks.sources import NoPublicUrl, SourceConfiguration, configured_sources
from integrations.kit.mapping.expressions import look
from integrations.kit.mapping.files import mappings_in, read_mapping
from integrations.kit.mapping.source_mapping import BadMapping
from integrations.kit.mapping.templates import filled
from integrations.registry import TOOLS, shipped_mappings

GOOD = """\
source: other
title: Other
about: A test.
auth: {scheme: standard_webhooks}
settings: {stage: proposal}
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.deal}
rules:
  - {fact: demo_held}
"""


def complaints(text: str) -> list[str]:
    with pytest.raises(BadMapping) as caught:
        read_mapping(text, "other.yaml")
    return str(caught.value).splitlines()


def test_every_tool_that_sends_webhooks_ships_its_mapping() -> None:
    assert sorted(shipped_mappings()) == sorted(tool.source for tool in TOOLS.values() if tool.source)


def test_a_team_may_bring_sources_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(GOOD)
    assert list(mappings_in(tmp_path)) == ["other"]


def test_a_folder_for_sources_of_its_own_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"^DEALWRIGHT_WEBHOOK_SOURCES: .*none is no folder"):
        mappings_in(tmp_path / "none")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("source: other", "source: Other Tool", "other.yaml:1: source:"),
        ("title: Other", "titel: Other", "other.yaml:2: titel: 'titel' is no key here. Did you mean 'title'?"),
        ("scheme: standard_webhooks", "scheme: hmac, algorithm: md5", "other.yaml:4: auth.algorithm:"),
        ("event_id: [event.id]", "event_id: []", "other.yaml:6: event_id:"),
        ("path: event.at", "path: evnt.at", "it begins with 'evnt'. Did you mean 'event'?"),
        ("path: event.at", "path: event.at, unit: hours", "other.yaml:7: occurred_at.unit:"),
        ("{id: event.deal}", "{}", "Write id:, or object:"),
        ("{fact: demo_held}", "{fact: demo_hold}", "other.yaml:10: rules[0]: 'demo_hold' is no fact. Did you mean"),
        ("{fact: demo_held}", "{fact: demo_held, fields: {nots: x}}", "no field 'nots'. Did you mean 'note'?"),
        ("{fact: demo_held}", "{fact: demo_held, fields: {id: x}}", "'demo_held' has no field 'id'"),
        ("{fact: demo_held}", "{fact: demo_held, skip: x}", "Write one of skip:, open:, fact: and facts:"),
        ("{fact: demo_held}", "{}", "Write one of skip:, open:, fact: and facts:"),
        ("{fact: demo_held}", '{fact: "{event.t}", fields: {note: "{evnt.x}"}}', "'evnt.x' is no path"),
        ("{fact: demo_held}", '{fact: "{setting.stag}"}', "'setting.stag' is not among settings. Did you mean"),
        ("path: event.at", "path: 'event.at ||'", "other.yaml:7: occurred_at.path: 'event.at ||' is no path"),
        ("path: event.at", "path: header.x-at", "Write header.x_at"),
        ("path: event.at", "path: '@'", "other.yaml:7: occurred_at.path: '@' is no path"),
        ("{fact: demo_held}", "{fact: demo_held, when: {lookup.x: 1}}", "'lookup.x' is not among lookup"),
        ("deal: {", "lookup: {x: {table: stages, key: event.x}}\ndeal: {", "There is no table 'stages'"),
        ("deal: {", "lookup: {x: {table: stages}}\ndeal: {", "other.yaml:8: lookup.x: A lookup goes one way"),
        ("{id: event.deal}", "{object: deal}", "'deal' is the same for all events"),
        ("{fact: demo_held}", "{facts: [{fact: demo_held}, {fact: demo_held}]}", "Two facts have the ending"),
        ("{fact: demo_held}", "{facts: []}", "other.yaml:10: rules[0].facts:"),
        ("deal: {", "keep_ids_for: long\ndeal: {", "other.yaml:8: keep_ids_for: 'long' is no length of time"),
        ("deal: {", "answer: {status: 410}\ndeal: {", "other.yaml:8: answer.status:"),
        ("deal: {", "answer: {status: 403}\ndeal: {", "other.yaml:8: answer.status:"),
        ("rules:", "rules: [", "other.yaml:10: This is no YAML"),
        ("title: Other", "title: Other\ntitle: Twice", "stands here twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_a_remedy(old: str, new: str, complaint: str) -> None:
    assert complaint in "\n".join(complaints(GOOD.replace(old, new)))


def test_every_mistake_is_told_and_only_those() -> None:
    text = GOOD.replace("title: Other", "titel: Other").replace("demo_held", "demo_hold")
    assert len(complaints(text)) == 3  # titel, the missing title, the fact


def test_a_signature_over_the_time_needs_the_header_with_the_time() -> None:
    hmac = '{scheme: hmac, algorithm: sha256, encoding: hex, header: X, signs: "{timestamp}{body}"}'
    assert "both, or neither" in complaints(GOOD.replace("{scheme: standard_webhooks}", hmac))[0]


def test_a_proof_without_a_time_needs_ids_that_are_kept_for_longer_than_the_source_tries() -> None:
    text = GOOD.replace("{scheme: standard_webhooks}", '{scheme: hmac, header: X-Signature, signs: "{body}"}')
    assert "Write keep_ids_for: longer than the source tries again" in complaints(text)[0]
    assert read_mapping(text + "keep_ids_for: 5d\n", "other.yaml").keep_ids_for == timedelta(days=5)


def test_a_setting_or_secret_for_what_is_not_there_is_found_at_the_start() -> None:
    shipped = shipped_mappings()
    with pytest.raises(BadMapping, match="Did you mean 'currency'"):
        configured_sources(shipped, SourceConfiguration({}, {"hubspot": {"currncy": "EUR"}}), None)
    with pytest.raises(BadMapping, match="no source 'hubspott'"):
        configured_sources(shipped, SourceConfiguration({"hubspott": ("s",)}), None)


def test_a_setting_that_fills_in_a_currency_is_one_or_empty() -> None:
    hubspot = shipped_mappings()["hubspot"]
    with pytest.raises(BadMapping, match=r"WEBHOOK_SETTINGS\.hubspot\.currency: 'XXQ' is no ISO 4217 code"):
        hubspot.with_settings({"currency": "XXQ"})
    assert hubspot.with_settings({"currency": ""}).settings["currency"] == ""
    assert hubspot.with_settings({"currency": "EUR", "playbook": "XXQ"}).settings["currency"] == "EUR"


def test_a_source_that_signs_its_url_needs_the_public_one() -> None:
    with pytest.raises(NoPublicUrl, match="HubSpot signs the URL"):
        configured_sources(shipped_mappings(), SourceConfiguration({"hubspot": ("a-secret-of-hubspot",)}), None)
    configured_sources(
        shipped_mappings(), SourceConfiguration({"hubspot": ("a-secret-of-hubspot",)}), "https://deals.example.com"
    )


def test_a_path_follows_objects_and_lists_and_finds_nothing_beyond_them() -> None:
    sight: dict[str, JsonValue] = {"event": {"a": [{"b": 1}], "c": None}}
    found = [look(path, sight) for path in ("event.a[0].b", "event.a[1]", "event.a.b", "event.c.d", "event.x")]
    assert found == [1, None, None, None, None]


def test_a_path_alone_keeps_its_value_and_in_a_text_becomes_one() -> None:
    sight: dict[str, JsonValue] = {"event": {"n": 5, "yes": True, "none": None, "list": [1]}, "setting": {"s": "x"}}
    template: JsonValue = {
        "n": "{event.n}",
        "text": "{setting.s}-{event.n}-{event.yes}-{event.none}",
        "gone": "{event.none}",
        "inner": {"{setting.s}": ["{event.list}", 2]},
    }
    assert filled(template, sight) == {"n": 5, "text": "x-5-true-", "inner": {"x": [[1], 2]}}
