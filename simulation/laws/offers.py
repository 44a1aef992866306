"""What the examiner remembers of offers: which of them say what a deal is worth."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.deal import Proposal


class Offers:
    """Which proposals were accepted, and what is over since."""

    def __init__(self) -> None:
        self._is_replaced = False
        """Whether one was ever withdrawn for a new version: until that is sent, the deal's amount stays."""
        self._accepted_at: dict[str, datetime] = {}
        """When what costs so much was accepted last."""
        self._signed_at: datetime | None = None
        """When a contract was signed last: an offer of before is over with it."""

    def hear(self, fact: e.FactTaken, about: Proposal | None) -> None:
        """Take in a fact, of the proposal that the deal is about."""
        self._is_replaced |= fact.variant == "replaced"
        if fact.fact == "proposal_accepted" and about is not None:
            self._accepted_at[str(about.amount)] = fact.happened_at
        if fact.fact in {"contract_signed", "contract_renewed"}:
            self._signed_at = max(fact.happened_at, self._signed_at or fact.happened_at)

    def say(self, proposal: Proposal) -> bool:
        """Whether the deal is worth what the proposal costs that it is about."""
        accepted = proposal.status == "accepted"
        since = self._accepted_at.get(str(proposal.amount)) if accepted else proposal.sent_at
        if self._signed_at is not None and since is not None and since < self._signed_at:
            return False
        return accepted or (proposal.status in {"sent", "opened"} and not self._is_replaced)
