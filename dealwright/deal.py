"""What is known about a deal: the people, the money, the dates.

These are recorded models: lenient to read, for as long as a deal lives. What a *new* deal or fact must
fulfil beyond its types (time zones, currencies, amounts) is checked at the door, in ``admission``.
"""

from __future__ import annotations

from datetime import date
from decimal import MAX_PREC, Context, Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.qualification import Qualification, Standing
from dealwright.values.addresses import normal
from dealwright.values.iso_codes import minor_digits
from dealwright.values.recorded import AwareDatetime, Number, Recorded, Whole

_EXACT = Context(prec=MAX_PREC)


class Money(Recorded):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """With the digits after the point that the currency has; an amount that has more is shown whole."""
        written = self.amount.normalize(_EXACT).as_tuple().exponent
        if not isinstance(written, int):  # no number: nothing checks what a deal was opened with long ago
            return f"{self.amount} {self.currency}"
        return f"{self.amount:,.{max(-written, minor_digits(self.currency))}f} {self.currency}"


def _written(value: object) -> object:
    """A day as it is written; other values as they are."""
    if isinstance(value, bool):
        raise BadValue("true and false are no value of a field", "write a number or a text", code="wrong_type")
    return value.isoformat() if isinstance(value, date) else value


OwnValue: TypeAlias = Annotated[Money | float | str, BeforeValidator(_written)]
"""What stands in a field that a playbook declares: an amount, a number, a text; a day is written ``2026-01-31``."""


def in_words(value: OwnValue) -> str:
    """What stands in a field as people read it: a whole number without a fraction."""
    if isinstance(value, float):
        return f"{Decimal(str(value)).normalize():f}" if value else "0"
    return str(value)


class Person(Recorded):
    """Somebody on the selling side, who owns a role in the deal."""

    name: str
    email: str | None = None
    timezone: str | None = None
    """IANA name; without it the role's holds, else the playbook's."""
    country: str | None = None
    """Whose public holidays they keep; without it the role's hold, else the playbook's."""
    hours: str | None = None
    """The hours of the week in which they work, on their own clock; without them the role's, else the playbook's."""

    @property
    def key(self) -> str:
        """By what two are known to be the same: the address in its normal form, else the name."""
        return normal(self.email) if self.email else self.name


class Contact(Recorded):
    """Somebody on the buying side. The first contact of a deal is the one that touches go to."""

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None
    timezone: str | None = None
    """IANA name. Touches keep to business hours there."""
    country: str | None = None
    """ISO 3166 code, optionally with a subdivision (``DE``, ``DE-BE``): its public holidays are kept."""
    prefers: str | None = None
    referred_by: str | None = None
    """The name of the contact who named them, in a reply."""


class Account(Recorded):
    """The company that may buy."""

    id: str
    name: str | None = None
    domain: str | None = None
    country: str | None = None
    industry: str | None = None
    employees: Whole | None = None
    technologies: tuple[str, ...] = ()


class Meeting(Recorded):
    """A meeting or demo and what became of it."""

    id: str | None = None
    """What the calendar calls it; None where nobody named it."""
    starts_at: AwareDatetime | None = None
    """None while only its end was told, not its booking."""
    status: Literal["booked", "held", "missed", "cancelled"] | str = "booked"
    link: str | None = None


class Proposal(Recorded):
    """The offer on the table."""

    id: str | None = None
    amount: Money | None = None
    link: str | None = None
    sent_at: AwareDatetime | None = None
    opened_at: AwareDatetime | None = None
    discount: Decimal | None = None
    """Percent of the list price, as asked for or granted."""
    list_price: Money | None = None
    """What it would cost without a discount."""
    recurring: Money | None = None
    """What of the amount comes again each year."""
    one_off: Money | None = None
    """What of the amount comes once."""
    template: str | None = None
    """What the proposal was made from, with its version."""
    status: Literal["draft", "sent", "opened", "accepted", "declined", "expired", "withdrawn"] | str = "draft"


class Contract(Recorded):
    """A signed term. Both days belong to the term; times of day are taken in the deal's time zone."""

    id: str | None = None
    """What the contract is called where it was signed; None where nobody named it."""
    starts_on: date | None = None
    """None, as ``ends_on``, while only its cancellation was told."""
    ends_on: date | None = None
    value: Money | None = None
    recurring: Money | None = None
    """What of the value comes again each year."""
    one_off: Money | None = None
    """What of the value comes once."""
    status: Literal["signed", "cancelled"] | str = "signed"
    """``cancelled``: the customer will not renew it, or left."""


COMPLETED = "completed"
"""The outcome by which what was agreed goes on elsewhere: nothing of it is taken back, called off or ended."""


class EndReason(Recorded):
    """Why a deal ended, in words that reports can count."""

    reason_code: str | None = None
    """One of the reasons that the playbook lists for the outcome."""
    competitor: str | None = None
    """Whom the buyer chose instead."""
    back_on: date | None = None
    """The day on which to come back."""

    def changes(self) -> dict[str, object]:
        """What is said, by field name."""
        return {name: value for name, value in vars(self).items() if value is not None}


class Known(Recorded):
    """Any part of what may be known about a deal.

    As a whole it is most of a :class:`Deal`; as a patch (in entries, in ``amend``) only the parts that
    change are given. ``None`` means "not said"; what is no longer known is named in ``cleared``.
    """

    title: str | None = None
    source: str | None = None
    """Where the deal came from: ``inbound``, ``outbound``, ``referral``, ``partner``, ``expansion``."""
    account: Account | None = None
    contacts: tuple[Contact, ...] | None = None
    owners: dict[str, Person] | None = None
    """Who holds each of the playbook's roles in this deal."""
    amount: Money | None = None
    score: Number | None = None
    health: Number | None = None
    qualification: Qualification | None = None
    standing: dict[str, Standing] | None = None
    """How sure the answers of the qualification are, by the question: ``champion``."""
    meeting: Meeting | None = None
    """The meeting that the deal is about now; likewise the demo, the proposal and the contract's term."""
    demo: Meeting | None = None
    proposal: Proposal | None = None
    contract: Contract | None = None
    notes: dict[str, str] | None = None
    """Pieces a handoff passes on, by name: ``use_case``, ``success_criteria``, ``stakeholders`` …"""
    fields: dict[str, OwnValue | None] | None = None
    """The fields that the deal's playbook declares, by name; None for what is known no longer."""
    close_on: date | None = None
    """The day on which the deal is expected to close."""
    forecast: Literal["pipeline", "best_case", "commit"] | str | None = None
    """How sure that is, as somebody said last."""
    back_on: date | None = None
    """The day on which the buyer wants to hear from us again."""
    next_step_on: date | None = None
    """The day on which both sides agreed to go on."""
    parent: str | None = None
    """The deal that this one is an expansion of."""
    cleared: tuple[str, ...] | None = None
    """Paths of what is no longer known: ``amount``, ``account.industry``, ``contacts.ana.phone``."""

    def changes(self) -> dict[str, object]:
        """The parts that are given, by field name."""
        return {name: value for name, value in vars(self).items() if value is not None}


class Deal(Known):
    """One deal, as it was opened and as it is known now."""

    id: str

    @property
    def contact(self) -> Contact | None:
        """The first contact."""
        return self.contacts[0] if self.contacts else None

    def knowing(self, patch: Known) -> Deal:
        """This deal with what is cleared taken out, and then the given parts put in.

        Contacts, notes, fields and owners are put in by their keys, everything else whole.
        """
        changes = patch.changes()
        cleared = changes.pop("cleared", ())
        changes.pop("id", None)
        deal = self.without(cleared) if isinstance(cleared, tuple) and cleared else self
        for part in _BY_KEY:
            old, new = getattr(deal, part), changes.get(part)
            if old and isinstance(new, dict):
                changes[part] = {**old, **new}
        if patch.contacts is not None and deal.contacts:
            changes["contacts"] = tuple(({one.id: one for one in (*deal.contacts, *patch.contacts)}).values())
        return deal.model_copy(update=changes)

    def without(self, paths: tuple[str, ...]) -> Deal:
        """This deal, knowing nothing of what stands at these paths."""
        changes: dict[str, object] = {}
        for path in paths:
            part, _, rest = path.partition(".")
            if part in Known.model_fields:
                changes[part] = _cut(changes.get(part, getattr(self, part)), rest)
        return self.model_copy(update=changes)


_BY_KEY = ("owners", "notes", "fields", "standing")


def _cut(value: object, path: str) -> object:
    """A part without what stands at a path in it."""
    if not path or value is None:
        return None
    name, _, rest = path.partition(".")
    if isinstance(value, dict):
        kept = {key: _cut(each, rest) if key == name else each for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None}
    if isinstance(value, tuple):
        return tuple(one for each in value if (one := _cut_of(each, path)) is not None)
    if isinstance(value, Recorded) and name in type(value).model_fields:
        return value.model_copy(update={name: _cut(getattr(value, name), rest)})
    return value


def _cut_of(one: object, path: str) -> object:
    """One of several, such as a contact, without what stands at a path that begins with its id, which may have dots."""
    id_ = getattr(one, "id", None)
    if path == id_:
        return None
    return _cut(one, path.removeprefix(f"{id_}.")) if path.startswith(f"{id_}.") else one
