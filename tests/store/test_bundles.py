from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from dealwright.playbook.source.bundle import bundle_hash
from store import bundles
from store.database import Store
from store.errors import AmbiguousBundle, BundleTooLarge, UnknownBundle, UnknownPlaybook
from store.playbook_tables import bundles as bundle_rows

FILES = {"playbook.yaml": "playbook: b2b-saas\n", "templates/cold-1.md": "Subject: Hallo äöü\n\nBody\n"}


async def test_a_published_playbook_is_found_by_name_and_its_files_by_hash(store: Store) -> None:
    published = await bundles.publish(store, "b2b-saas", FILES)
    assert await bundles.resolve(store, "b2b-saas") == published == bundle_hash(FILES)
    assert await bundles.load(store, published) == FILES


async def test_publishing_the_same_files_again_changes_nothing(store: Store) -> None:
    first = await bundles.publish(store, "b2b-saas", FILES)
    again = await bundles.publish(store, "b2b-saas", dict(reversed(FILES.items())))
    assert first == again
    assert [(one.name, one.hash) for one in await bundles.published(store)] == [("b2b-saas", first)]


async def test_a_changed_playbook_takes_the_name_and_the_old_one_stays_for_deals_that_follow_it(store: Store) -> None:
    old = await bundles.publish(store, "b2b-saas", FILES)
    new = await bundles.publish(store, "b2b-saas", {**FILES, "playbook.yaml": "playbook: b2b-saas # new\n"})
    assert old != new
    assert await bundles.resolve(store, "b2b-saas") == new
    assert await bundles.load(store, old) == FILES


@pytest.mark.parametrize(
    "other",
    [
        {"playbook.yaml": FILES["playbook.yaml"]},
        {**FILES, "playbook.yaml": ""},
        {"playbook.yamlplaybook: ": "b2b-saas\n", "templates/cold-1.md": FILES["templates/cold-1.md"]},
    ],
)
def test_other_paths_or_contents_have_another_hash(other: dict[str, str]) -> None:
    assert bundle_hash(other) != bundle_hash(FILES)


async def test_a_name_that_stands_for_a_bundle_is_not_published_over(store: Store) -> None:
    own = await bundles.publish(store, "b2b-saas", {"playbook.yaml": "our own"})
    await bundles.publish_new(store, {"b2b-saas": FILES, "five-steps": FILES})
    assert await bundles.resolve(store, "b2b-saas") == own
    assert await bundles.resolve(store, "five-steps") == bundle_hash(FILES)


async def test_an_unknown_name_or_hash_says_what_to_do(store: Store) -> None:
    with pytest.raises(UnknownPlaybook, match="playbook publish"):
        await bundles.resolve(store, "b2b-saas")
    with pytest.raises(UnknownBundle, match="publish the very files"):
        await bundles.load(store, "f" * 64)


async def test_a_bundle_that_no_payload_could_carry_is_not_published(store: Store) -> None:
    files = {"playbook.yaml": "x", "templates/long.md": "ж" * 900_000}

    with pytest.raises(BundleTooLarge, match=r"five is not published: the bundle has 1,758 KiB, and may have 1,536"):
        await bundles.publish(store, "five", files)

    assert await bundles.published(store) == []


async def test_the_versions_of_a_playbook_are_told_in_order_also_one_that_came_back(store: Store) -> None:
    other = {**FILES, "playbook.yaml": "playbook: b2b-saas # new\n"}
    first = await bundles.publish(store, "b2b-saas", FILES, by="ana")
    second = await bundles.publish(store, "b2b-saas", other, by="ben")
    await bundles.publish(store, "b2b-saas", other, by="nobody, since it stands there already")
    await bundles.publish(store, "b2b-saas", FILES, by="eve")

    told = await bundles.versions(store, "b2b-saas")

    assert [(one.hash, one.published_by) for one in told] == [(first, "ana"), (second, "ben"), (first, "eve")]
    assert [one.published_by for one in await bundles.published(store)] == ["eve"]


async def test_a_bundle_is_named_by_the_beginning_of_its_hash_if_no_other_begins_so(store: Store) -> None:
    first = await bundles.publish(store, "b2b-saas", FILES)
    assert await bundles.named(store, first[:6]) == first
    for unknown in (first[:5], "%" * 6, "______"):
        with pytest.raises(UnknownBundle):
            await bundles.named(store, unknown)
    async with store.writing() as connection:
        row = {"hash": f"{first[:9]}x", "name": "other", "published_at": datetime.now(UTC), "files": {}}
        await connection.execute(insert(bundle_rows), row)
    with pytest.raises(AmbiguousBundle, match="write more of the hash"):
        await bundles.named(store, first[:9])
