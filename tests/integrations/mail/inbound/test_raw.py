from __future__ import annotations

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.raw import read
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import request


def test_a_whole_message_with_what_its_envelope_said() -> None:
    envelope = {"x_envelope_sender": "<>", "x_envelope_recipient": "r1@in.seller.test, r2@in.seller.test"}
    (mail,) = read(request(letter(), "message/rfc822", **envelope), RECEIVED)
    assert isinstance(mail, IncomingMail)
    assert (mail.message_id, mail.null_return_path) == ("answer-1@acme.test", True)
    assert mail.recipients[:2] == ("r1@in.seller.test", "r2@in.seller.test")


@pytest.mark.parametrize(("body", "type_"), [(b"{}", "application/json"), (b" \r\n", "message/rfc822")])
def test_what_is_no_message_is_refused(body: bytes, type_: str) -> None:
    with pytest.raises(Unreadable):
        read(request(body, type_), RECEIVED)
