"""What stories about a buying committee share: its people, and a cadence for each sponsor."""

from __future__ import annotations

from dealwright.effects import SendEmail
from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import Story, of_stage

ANA = {"id": "ana", "name": "Ana", "email": "ana@buyer.example", "timezone": "UTC", "role": "champion"}
BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC", "role": "economic_buyer"}
CAT = {"id": "cat", "name": "Cat", "email": "cat@buyer.example", "timezone": "UTC", "role": "Sponsor"}

CADENCE = """
- name: sponsor-cadence
  on: entered
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  until: [reply_received, opted_out, {email_bounced: hard}]
  steps:
    - {email: exec-1}
    - {after: 3bd, task: call_exec}
    - {after: 2bd, email: exec-2, reply: true}
"""


def rules(plays: str = CADENCE, before: str = "") -> Playbook:
    """A playbook with one stage and these plays."""
    return of_stage(plays, before=before)


def story(plays: str = CADENCE, *, before: str = "", contacts: tuple[object, ...] = (ANA, BEN, CAT)) -> Story:
    """A deal with Ana, Ben and Cat, who follow each other in it."""
    return Story(rules(plays, before), contacts=list(contacts))


def mail(deal: Story) -> list[str]:
    """The messages that were started, with whom they went to: ``Mon 10:00 exec-1 to ben``."""
    return [f"{email.at:%a %H:%M} {email.template} to {email.to.id}" for email in deal.all(SendEmail)]


def runs(deal: Story) -> list[str]:
    """The runs under way: ``sponsor-cadence for ben``."""
    return [f"{run.play} for {run.contact}" for run in deal.state.runs.values()]
