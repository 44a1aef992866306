"""A deal that goes back to the playbook that it came from, and one that follows another from its next stage on."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import Story, of_stage, playbook

CADENCE = """
- name: cadence
  on: entered
  until: reply_received
  steps: [{email: one}, {after: 1d, task: call, due: 5d, wait: true}, {after: 1d, email: two}, {after: 1d, email: last}]
"""
ANOTHER = "[{name: another, on: {buying_signal_seen: trial}, do: [{email: extra}]}]"
NEW = "b" * 64


def changed(new: Playbook | str = ANOTHER, *, old: str = CADENCE, at: str = "2026-03-03 11:00") -> Story:
    """A deal in the middle of the old plays that may adopt the new ones, by hash, and go back."""
    rules = of_stage(old)
    story = Story(rules)
    story.offers = {
        "tiny": (story.state.bundle or "", rules),
        NEW: (NEW, of_stage(new) if isinstance(new, str) else new),
    }
    story.offers[story.state.bundle or ""] = story.offers["tiny"]
    return story.until(at)


def follow(story: Story, bundle: str, **more: object) -> str:
    verdict = story.order("adopt_playbook", playbook="tiny", bundle=bundle, why="x", **more)
    return f"{'yes' if verdict.accepted else 'no'}: {verdict.text}"


def there_and_back(story: Story) -> str:
    first = story.state.bundle or ""
    assert follow(story, NEW).startswith("yes")
    return follow(story, first)


def sent(story: Story) -> list[str]:
    return [line.split()[-1] for line in story.sent]


def test_a_play_that_was_stopped_goes_on_where_it_was_and_nothing_is_sent_twice() -> None:
    story = changed(old=CADENCE.replace(", wait: true", ""))

    assert "cadence is taken up again at step 2" in there_and_back(story)
    assert story.steps == {"e-mail two": "Wed 04 Mar 10:00"}
    story.until("2026-03-30 10:00")
    assert sent(story) == ["one", "two", "last"]
    assert len({effect.id for effect in story.effects}) == len(story.effects)


def test_a_task_that_was_taken_off_is_asked_for_again_and_its_play_waits_for_it() -> None:
    story = changed()
    assert list(story.tasks) == ["call"]

    there_and_back(story)

    assert list(story.tasks) == ["call"]
    assert story.steps == {}
    story.order("complete_task", task="call")
    assert sent(story.until("2026-03-30 10:00")) == ["one", "two", "last"]


def test_a_step_whose_time_went_by_meanwhile_comes_in_the_next_open_hours() -> None:
    story = changed(old=CADENCE.replace(", wait: true", ""))
    first = story.state.bundle or ""
    follow(story, NEW)
    story.until("2026-03-06 22:00")  # Friday night

    follow(story, first)

    assert story.steps == {"e-mail two": "Mon 09 Mar 09:00"}


def test_a_message_that_was_just_on_its_way_is_not_sent_again() -> None:
    story = changed(at="2026-03-02 09:00")
    story.keep("one")
    story.until("2026-03-02 10:30")
    there_and_back(story)
    story.until("2026-03-30 10:00")
    assert sent(story).count("one") == 1


def test_a_play_that_ended_meanwhile_is_not_taken_up() -> None:
    story = changed()
    first = story.state.bundle or ""
    follow(story, NEW)
    story.tell("reply_received", contact="ana", sentiment="interested")

    assert "taken up" not in follow(story, first)


def test_a_play_is_taken_up_only_by_the_playbook_that_the_deal_came_from() -> None:
    story = changed()
    first = story.state.bundle or ""
    third = "c" * 64
    story.offers[third] = (third, of_stage(ANOTHER.replace("extra", "other")))
    follow(story, NEW)
    follow(story, third)
    assert "taken up" not in follow(story, first)


def test_what_was_stopped_in_a_stage_that_was_left_stays_there() -> None:
    story = Story(of_two_stages(CADENCE)).until("2026-03-03 11:00")
    first = story.state.bundle or ""
    story.offers = {first: (first, story.rules), NEW: (NEW, of_two_stages(""))}
    follow(story, NEW)
    story.order("move_to_stage", stage="won", why="x")
    assert "taken up" not in follow(story, first)
    assert story.state.set_aside == {}


def of_two_stages(plays: str, *, next_owner: str = "rep", next_plays: str = "[]", third: str = "won") -> Playbook:
    indented = "\n".join(f"      {line}" for line in plays.strip("\n").splitlines())
    first = f"    plays:\n{indented}\n" if plays else ""
    return playbook(
        f"stages:\n  - name: selling\n    owner: rep\n    leave_when: demo_held\n{first}"
        f"  - {{name: {third}, owner: {next_owner}, plays: {next_plays}}}\n"
    )


WELCOME = "[{name: welcome, on: entered, do: [{email: %s}]}]"


def from_the_next_stage_on(new: Playbook) -> Story:
    """A deal that will follow the new playbook from its next stage on."""
    story = Story(of_two_stages(CADENCE, next_plays=WELCOME % "old-welcome")).until("2026-03-03 11:00")
    first = story.state.bundle or ""
    story.offers = {first: (first, story.rules), NEW: (NEW, new)}
    assert "when it next enters a stage" in follow(story, NEW, when="next_stage")
    return story


def test_the_deal_goes_on_by_its_rules_until_its_next_stage_which_is_the_new_playbook_s_from_the_beginning() -> None:
    new = of_two_stages("", next_owner="expert", next_plays=WELCOME % "new-welcome")
    story = from_the_next_stage_on(new)
    assert (story.state.bundle != NEW, list(story.tasks)) == (True, ["call"])

    story.tell("demo_held")

    assert (story.state.bundle, story.stage, story.state.owner_role) == (NEW, "won", "expert")
    assert sent(story.until("2026-03-30 10:00")) == ["one", "new-welcome"]
    assert story.state.adopts is None


def test_a_stage_that_the_new_playbook_lacks_is_lived_by_the_old_rules() -> None:
    story = from_the_next_stage_on(of_two_stages("", third="closing"))
    story.tell("demo_held")
    assert story.state.bundle != NEW
    assert story.state.adopts is not None
    story.order("move_to_stage", stage="selling", why="back to the buyer")
    assert story.state.bundle == NEW


def test_adopting_what_the_deal_follows_takes_the_plan_back() -> None:
    story = from_the_next_stage_on(of_two_stages("", next_plays=WELCOME % "new-welcome"))
    first = story.state.bundle or ""

    assert "goes on as it is" in follow(story, first)
    story.tell("demo_held")

    assert story.state.bundle == first
    assert [entry.kind for entry in story.entries if entry.kind.startswith("adoption")] == [
        "adoption_planned", "adoption_dropped",
    ]  # fmt: skip
    assert sent(story) == ["one", "old-welcome"]


def test_a_plan_waits_while_its_playbook_cannot_be_read_and_is_followed_once_it_can() -> None:
    story = from_the_next_stage_on(of_two_stages("", next_plays="[]"))
    offer = story.offers.pop(NEW)
    story.tell("demo_held")
    assert story.state.bundle != NEW
    story.offers[NEW] = offer
    story.tell("email_opened")
    assert story.state.bundle == NEW


def test_a_preview_of_a_plan_changes_nothing() -> None:
    story = changed()
    before = story.state.model_dump_json()
    assert "would follow" in follow(story, NEW, when="next_stage", preview=True)
    assert (story.state.model_dump_json(), story.decision.entries) == (before, ())


def test_a_version_of_another_playbook_is_refused_under_this_name() -> None:
    story = changed(playbook("stages: [{name: selling, owner: rep}]", "other"))
    assert "is a version of other, not of tiny" in follow(story, NEW)
    assert "publish it first" in follow(story, "e" * 64)
    assert story.noted(e.PlaybookAdopted) == []
