"""``/v1/people/{person}``: how people are told of their work, and when they are away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AwareDatetime, BaseModel, Field

from dealwright.preferences import ChosenPreferences, Preferences
from dealwright.values.addresses import complaint_about_address, normal, same
from gateway.dependencies import OneLine, TheCaller, TheStore
from gateway.identities.authentication import require
from gateway.identities.callers import Caller
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from store import people_away, preferences, work_messages
from store.api_keys import Scope
from store.people_away import PersonAway
from store.work_messages import WorkMessage

router = APIRouter(prefix="/v1/people", tags=["Work"], redirect_slashes=False, route_class=ReadsJson)
_PROBLEMS = problems(400, 401, 403, 413, 422, 429, 503)
_NEWEST = 20


def _address_in(
    person: Annotated[
        str, Path(max_length=320, description="The person, by e-mail address.", examples=["max@us.example"]), OneLine
    ],
) -> str:
    complaint = complaint_about_address(person)
    if complaint is not None:
        raise ApiError(422, "no-address", "This is no e-mail address", f"A person is named by address: {complaint}.")
    return normal(person)


Person = Annotated[str, Depends(_address_in)]


class HowToldOfWork(BaseModel):
    """How a person is told of their work, and what they were told."""

    person: str = Field(description="The address, in its normal form.", examples=["max@us.example"])
    chosen: ChosenPreferences = Field(description="What the person chose themselves.")
    preferences: Preferences = Field(description="What holds: the installation's default, and what was chosen.")
    messages: list[WorkMessage] = Field(description="The last messages, the newest first.")


@router.get(
    "/{person}/preferences",
    summary="Read how a person is told of their work",
    responses=_PROBLEMS,
    dependencies=[require(Scope.READ)],
)
async def read_preferences(person: Person, store: TheStore, request: Request) -> HowToldOfWork:
    """What a person chose, what holds for them, and what became of the last messages to them."""
    default: Preferences = request.app.state.work_preferences
    chosen = await preferences.chosen_by(store, person)
    messages = await work_messages.recent(store, person, limit=_NEWEST)
    return HowToldOfWork(person=person, chosen=chosen, preferences=default.with_chosen(chosen), messages=messages)


@router.put(
    "/{person}/preferences",
    summary="Choose how a person is told of their work",
    responses=_PROBLEMS,
    dependencies=[require(Scope.COMMAND)],
)
async def choose_preferences(
    person: Person, chosen: ChosenPreferences, store: TheStore, caller: TheCaller, request: Request
) -> HowToldOfWork:
    """Keep what a person chose, in place of all that they chose before. What is left out is as the installation's.

    A person's key sets that person's own; a service sets those whom it may speak for; a key with the scope `admin`
    sets anybody's.
    """
    by = _speaker(caller, person)
    await preferences.choose(store, person, chosen, by=by, now=datetime.now(UTC))
    return await read_preferences(person, store, request)


@router.delete(
    "/{person}/preferences",
    status_code=204,
    summary="Let the default hold for a person again",
    responses=_PROBLEMS,
    dependencies=[require(Scope.COMMAND)],
)
async def forget_preferences(person: Person, store: TheStore, caller: TheCaller) -> None:
    """Forget what a person chose. Doing it again changes nothing."""
    _speaker(caller, person)
    await preferences.forget(store, person)


class TimeAway(BaseModel):
    """From when until when somebody is away."""

    since: AwareDatetime | None = Field(default=None, description="From when on; now, if it is left out.")
    until: AwareDatetime = Field(description="When they are back.", examples=["2027-01-08T08:00:00Z"])


@router.put(
    "/{person}/absence",
    summary="Say that a person is away",
    responses=_PROBLEMS,
    dependencies=[require(Scope.COMMAND)],
)
async def say_away(person: Person, away: TimeAway, store: TheStore, caller: TheCaller) -> PersonAway:
    """Until they are back, pools give a person's deals to others. It takes the place of what was said before.

    Who may say so is who may set the person's preferences.
    """
    by, now = _speaker(caller, person), datetime.now(UTC)
    since = away.since or now
    try:
        await people_away.say_away(store, person, since, away.until, by=by, now=now)
    except people_away.NoTimeAway as error:
        raise ApiError(422, "no-time-away", "They would be back before they leave", f"{error}.") from error
    return PersonAway(person=person, since=since, until=away.until, said_by=by, said_at=now)


@router.get(
    "/{person}/absence",
    summary="Read whether a person is away",
    responses=_PROBLEMS,
    dependencies=[require(Scope.READ)],
)
async def read_absence(person: Person, store: TheStore) -> PersonAway | None:
    """What was said of a person, also of an absence that is over or to come; null when nothing was."""
    return await people_away.find(store, person)


@router.delete(
    "/{person}/absence",
    status_code=204,
    summary="Say that a person is back",
    responses=_PROBLEMS,
    dependencies=[require(Scope.COMMAND)],
)
async def say_back(person: Person, store: TheStore, caller: TheCaller) -> None:
    """Give a person deals again. Doing it again changes nothing."""
    _speaker(caller, person)
    await people_away.say_back(store, person)


def _speaker(caller: Caller, person: str) -> str:
    """In whose name somebody's preferences are changed.

    Raises:
        ApiError: 403, the caller may not speak for them.
    """
    if caller.may(Scope.ADMIN) and not same(person, caller.acts_for):
        return caller.speaks_as
    return caller.speaker(person)
