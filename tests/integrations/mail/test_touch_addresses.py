from __future__ import annotations

import pytest

from integrations.mail.touch_addresses import (
    LONGEST_LOCAL_PART,
    NamedTouch,
    Purpose,
    TouchAddresses,
    touch_in,
    touch_of,
)

SECRET = b"s" * 32
EFFECT = "acme-1/cold/1/0/1"
ADDRESSES = TouchAddresses(mailbox="deals@in.seller.test", secret=SECRET)


@pytest.mark.parametrize("purpose", ["bounce", "reply", "unsubscribe"])
@pytest.mark.parametrize("mailbox", ["deals@in.seller.test", "in.seller.test"])
def test_an_address_names_its_touch_and_what_it_is_for(mailbox: str, purpose: Purpose) -> None:
    address = TouchAddresses(mailbox=mailbox, secret=SECRET).of(EFFECT, purpose)
    assert touch_in(address, SECRET) == NamedTouch(purpose, touch_of(EFFECT))


def test_an_address_goes_to_the_mailbox_that_receives_mail() -> None:
    assert ADDRESSES.of(EFFECT, "reply").startswith("deals+r")
    assert ADDRESSES.of(EFFECT, "reply").endswith("@in.seller.test")


def test_servers_may_change_the_case_of_an_address() -> None:
    assert touch_in(ADDRESSES.of(EFFECT, "reply").upper(), SECRET) == NamedTouch("reply", touch_of(EFFECT))


def test_the_longest_mailbox_leaves_room_for_the_touch() -> None:
    mailbox = "x" * LONGEST_LOCAL_PART + "@in.seller.test"
    local = TouchAddresses(mailbox=mailbox, secret=SECRET).of(EFFECT, "reply").partition("@")[0]
    assert len(local) == 64


def test_nobody_makes_an_address_without_the_secret() -> None:
    assert touch_in(ADDRESSES.of(EFFECT, "bounce"), b"t" * 32) is None


def test_an_address_for_answers_is_none_for_unsubscribing() -> None:
    reply = ADDRESSES.of(EFFECT, "reply")
    assert touch_in(reply.replace("+r", "+u"), SECRET) is None


@pytest.mark.parametrize("address", ["", "@", "ada@acme.test", "deals+news@seller.test", "r" + "a" * 26 + "@x.test"])
def test_other_addresses_name_none(address: str) -> None:
    assert touch_in(address, SECRET) is None
