"""One person, two deals: what one is told of an absence, the other goes by."""

from __future__ import annotations

from dealwright.effects import SendEmail
from store import journal
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.dealwright.story import ANA, Story, of_stage

NEWS = of_stage("[{name: news, on: note_added, steps: [{email: one}]}]")
SAME_ANA = {**ANA, "id": "contact-4711", "email": "ANA@Buyer.example"}


async def written(store: Store, story: Story) -> None:
    """What a deal wrote down reaches the journal."""
    async with store.writing() as connection:
        await journal.write(store, connection, story.state.deal.id if story.state.deal else "", story.entries)


async def attempted(worker: Worker, story: Story) -> str:
    """The deal's last message is attempted, and the outcome told to it."""
    message = story.all(SendEmail)[-1]
    outcome = await worker.attempt(message, at=story.now)
    story.come_back(message, outcome.status, **outcome.model_dump(exclude={"effect", "kind", "status"}))
    return outcome.status


async def test_a_message_of_another_deal_leaves_on_the_day_of_return(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    told, other = Story(NEWS, id="told"), Story(NEWS, id="other", contacts=[SAME_ANA])
    told.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")
    await written(store, told)
    other.keep("one")
    other.tell("note_added", text="anything")

    assert await attempted(worker, other) == "deferred"
    other.until("2026-03-12 12:00")
    assert await attempted(worker, other) == "done"
    assert other.sent == ["Mon 10:00 one", "Thu 09:00 one"]
    assert len(receiver.got) == 1


async def test_a_reply_to_the_other_deal_lets_its_message_leave_at_once(worker: Worker, store: Store) -> None:
    told, other = Story(NEWS, id="told"), Story(NEWS, id="other", contacts=[SAME_ANA])
    told.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")
    await written(store, told)
    other.keep("one")
    other.tell("note_added", text="anything")
    await attempted(worker, other)

    other.until("2026-03-04 10:00").tell("reply_received", sentiment="other")
    await written(store, other)

    assert await attempted(worker, other) == "done"
    assert other.sent == ["Mon 10:00 one", "Wed 10:00 one"]
