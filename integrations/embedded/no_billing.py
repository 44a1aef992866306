"""No billing tool: nothing is billed, and every deal that is to be billed asks for attention until there is one."""

from __future__ import annotations

from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver

_REMEDY = "there is no billing tool: name one under billing: in the connections file"


class NoBilling:
    """Nothing is noted as billed that nobody bills."""

    async def start(self, deal_id: str, effect: StartSubscription) -> Delivery:  # noqa: ARG002 - for all alike
        """Nothing.

        Raises:
            NotHandedOver: always; it is tried again, and done once there is a tool.
        """
        raise NotHandedOver(_REMEDY)

    async def change(self, deal_id: str, effect: ChangeSubscription) -> Delivery:  # noqa: ARG002 - for all alike
        """Nothing.

        Raises:
            NotHandedOver: always.
        """
        raise NotHandedOver(_REMEDY)

    async def cancel(self, deal_id: str, effect: CancelSubscription) -> Delivery:  # noqa: ARG002 - for all alike
        """Nothing.

        Raises:
            NotHandedOver: always.
        """
        raise NotHandedOver(_REMEDY)
