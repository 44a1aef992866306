"""What a simulated Twilio account holds, and how Twilio shows it."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]


def new_sid(kind: str) -> str:
    """A SID: two letters and 32 digits of hexadecimal."""
    return f"{kind}{uuid4().hex}"


class Message(BaseModel):
    """A text message, in or out."""

    sid: str
    sender: str
    to: str
    body: str
    direction: str
    status: str
    created: AwareDatetime
    error_code: int | None = None
    callback: str = ""

    def shown(self, account: str) -> JsonObject:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "from": self.sender, "to": self.to, "body": self.body,
            "direction": self.direction, "status": self.status, "error_code": self.error_code, "error_message": None,
            "date_created": rfc2822(self.created), "date_updated": rfc2822(self.created),
            "date_sent": rfc2822(self.created), "num_segments": "1", "num_media": "0", "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json",
        }  # fmt: skip


class PhoneCall(BaseModel):
    """A call that ended."""

    sid: str
    sender: str
    to: str
    direction: str
    status: str
    seconds: int
    began: AwareDatetime

    def shown(self, account: str) -> JsonObject:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "from": self.sender, "to": self.to, "direction": self.direction,
            "status": self.status, "duration": str(self.seconds), "answered_by": None,
            "start_time": rfc2822(self.began), "date_created": rfc2822(self.began),
        }  # fmt: skip


class Account(BaseModel):
    """All that it holds."""

    messages: dict[str, Message] = {}
    calls: dict[str, PhoneCall] = {}
    opted_out: list[str] = []
    """The numbers that answered STOP, as Twilio's own list has them."""
    fails_with: dict[str, int] = {}
    """Numbers to which nothing is delivered, each with the error that comes of it."""


def rfc2822(at: datetime) -> str:
    """A time as Twilio writes it."""
    return format_datetime(at)
