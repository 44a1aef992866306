"""What the team's own systems are told."""

from __future__ import annotations

from typing import Literal

from dealwright.deal import Deal
from dealwright.effect_base import EffectBase


class PostWebhook(EffectBase):
    """Tell an endpoint of the team's own systems something about the deal."""

    kind: Literal["post_webhook"] = "post_webhook"
    endpoint: str
    deal: Deal
    stage: str
    play: str
    contact: str | None = None
    text: str | None = None
