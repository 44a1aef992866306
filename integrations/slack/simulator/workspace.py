"""What a simulated workspace holds: people, conversations, messages, and the addresses at which a press is answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, JsonValue

from integrations.slack.simulator.errors import SlackError

TEAM, APP, BOT = "T0SIMULATE", "A0DEALWRIGHT", "U0BOT"


class User(BaseModel):
    """A member of the workspace."""

    id: str
    name: str
    real_name: str
    email: str
    """Empty for whom Slack tells none."""
    deleted: bool = False
    team: str = TEAM
    """Another one for a guest from a company with which a channel is shared."""

    def shown(self, *, with_email: bool) -> dict[str, JsonValue]:
        """As the API shows a user; the address only to who may read it."""
        profile: dict[str, JsonValue] = {"real_name": self.real_name}
        if with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id, "team_id": self.team, "name": self.name, "deleted": self.deleted, "is_bot": False,
            "is_stranger": self.team != TEAM, "profile": profile,
        }  # fmt: skip


class Conversation(BaseModel):
    """A channel, or a person's direct messages with the app."""

    id: str
    name: str = ""
    user: str | None = None
    """Whose direct messages these are."""
    has_bot: bool = True
    is_archived: bool = False


class Message(BaseModel):
    """A message of the app."""

    channel: str
    ts: str
    text: str
    blocks: list[JsonValue] = []
    metadata: JsonValue = None
    edits: int = 0

    def shown(self, *, with_metadata: bool) -> dict[str, JsonValue]:
        """As the API shows a message."""
        shown: dict[str, JsonValue] = {
            "type": "message", "user": BOT, "app_id": APP, "ts": self.ts, "text": self.text, "blocks": self.blocks,
        }  # fmt: skip
        return shown | ({"metadata": self.metadata} if with_metadata and self.metadata is not None else {})


class ResponseUrl(BaseModel):
    """Where a press may be answered, a few times and for a while."""

    channel: str
    ts: str
    user: str
    made_at: AwareDatetime
    uses: int = 0


class Whisper(BaseModel):
    """What one person alone was shown."""

    channel: str
    user: str
    text: str


class Workspace(BaseModel):
    """Everything that the simulator holds."""

    users: dict[str, User]
    conversations: dict[str, Conversation]
    messages: list[Message] = []
    response_urls: dict[str, ResponseUrl] = {}
    whispers: list[Whisper] = []
    counter: int = 0

    def new_number(self) -> int:
        """A number that nothing else has."""
        self.counter += 1
        return self.counter

    def new_ts(self, now: datetime) -> str:
        """A message's id within its channel: the seconds, and a number that tells messages of one second apart."""
        return f"{int(now.timestamp())}.{self.new_number():06d}"

    def conversation(self, id_: str) -> Conversation:
        """A conversation by its id.

        Raises:
            SlackError: there is none.
        """
        if id_ not in self.conversations:
            raise SlackError("channel_not_found")
        return self.conversations[id_]

    def direct(self, user: str) -> Conversation:
        """A person's direct messages, opened if need be.

        Raises:
            SlackError: there is no such person, or not any more.
        """
        if user not in self.users:
            raise SlackError("user_not_found")
        if self.users[user].deleted:
            raise SlackError("user_disabled")
        there = next((one for one in self.conversations.values() if one.user == user), None)
        if there is None:
            there = Conversation(id=f"D0{user[1:]}", user=user)
            self.conversations[there.id] = there
        return there

    def message(self, channel: str, ts: str) -> Message:
        """A message.

        Raises:
            SlackError: there is none.
        """
        found = next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def delete(self, channel: str, ts: str) -> None:
        """Take a message away."""
        self.messages = [one for one in self.messages if (one.channel, one.ts) != (channel, ts)]


def new_workspace() -> Workspace:
    """A workspace with some people and channels."""
    people = [("SAM", "Sam Holt"), ("ANA", "Ana Reyes"), ("MAX", "Max Field")]
    users = [
        User(id=f"U0{key}", name=key.lower(), real_name=name, email=f"{key.lower()}@seller.example")
        for key, name in people
    ]
    users += [
        User(id="U0NOMAIL", name="nomail", real_name="No Mail", email=""),
        User(id="U0ALIEN", name="alien", real_name="Of Another Company", email="alien@buyer.example", team="T0OTHER"),
    ]
    channels = [
        Conversation(id="C0DEALS", name="deals"),
        Conversation(id="C0MANAGERS", name="sales-managers"),
        Conversation(id="C0PRIVATE", name="not-for-apps", has_bot=False),
    ]
    return Workspace(users={one.id: one for one in users}, conversations={one.id: one for one in channels})
