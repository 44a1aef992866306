"""What can keep a client from reaching a deal, each error saying what to do."""

from __future__ import annotations


class DealError(Exception):
    """Something about a deal, or the way to it, is not as the caller thought."""


class WrongConnection(DealError):
    """Temporal's own settings lead nowhere: mend the variable or the profile that the message names."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Temporal's settings cannot be used ({cause.rstrip('.')}): look at TEMPORAL_ADDRESS (host:port), "
            "TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and TEMPORAL_TLS_*"
        )


class WrongConverter(DealError):
    """The client's data converter does not write plain JSON: hand in a client that has one that does."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The data converter of this Temporal client cannot carry deals ({cause.rstrip('.')}): they are written "
            "as plain JSON (json/plain). Hand in a client with the SDK's own converter, or pydantic_data_converter"
        )


class NoSuchDeal(DealError):
    """No deal of this id is known: open it first, or mend the id."""

    def __init__(self, deal_id: str, note: str = "") -> None:
        super().__init__(f"No deal {deal_id!r} is known: open it first, or mend the id. {note}".rstrip())
        self.deal_id = deal_id


class DealFinished(DealError):
    """The deal's life is over. What is sold next is a deal of its own, with another id."""

    def __init__(self, deal_id: str, note: str = "") -> None:
        text = f"Deal {deal_id!r} is finished: what is sold next is a new deal, with another id"
        super().__init__(f"{text}. If this one is to go on, give it the command reopen. {note}".rstrip())
        self.deal_id = deal_id


class DealNotLetIn(DealError):
    """The deal decided not to begin: its playbook is unknown, or its id has lived already. The reason says it."""

    def __init__(self, deal_id: str, reason: str) -> None:
        super().__init__(f"Deal {deal_id!r} was not let in: {reason}")
        self.deal_id = deal_id
        self.reason = reason


class DealExists(DealError):
    """Another deal runs under this id: choose another id, or change the running deal with ``amend``."""

    def __init__(self, deal_id: str) -> None:
        super().__init__(
            f"A deal {deal_id!r} runs that was opened with other content: "
            "choose another id, or change the running deal with the command amend."
        )
        self.deal_id = deal_id


class CommandRefused(DealError):
    """The deal would not take the command; the message says why. Nothing was changed."""

    def __init__(self, deal_id: str, text: str) -> None:
        super().__init__(text)
        self.deal_id = deal_id
        self.text = text


class CommandIdReused(DealError):
    """The id was used for another command, or with other content: give each command an id of its own."""

    def __init__(self, deal_id: str, command_id: str) -> None:
        super().__init__(
            f"Deal {deal_id!r} has another command under the id {command_id!r}, or this one with other content. "
            "Nothing was done now: send it under an id of its own, or exactly as it was to hear the verdict again."
        )
        self.deal_id = deal_id


class TemporalAway(DealError):
    """Temporal, or the worker behind it, did not answer in time. The same call may be made again.

    Whatever was sent may still arrive, so facts and commands are sent again under the same id: ``attempt`` is the
    id that was used.
    """

    def __init__(self, cause: str, attempt: str | None = None, note: str = "") -> None:
        again = f", with the id {attempt!r}" if attempt else ""
        text = f"Temporal did not answer: {cause.rstrip('.')}. Check the server and the worker, then try again{again}."
        super().__init__(f"{text} {note}".rstrip())
        self.cause, self.attempt = cause, attempt


class TemporalRefused(DealError):
    """Temporal will not take this call, however often it is made: what is sent is too large, or malformed."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Temporal refused the call: {cause.rstrip('.')}. Sending it again will not help; make it smaller."
        )
