"""What an audit trail of PandaDoc says that was done, in PandaDoc's numbers."""

from __future__ import annotations

VIEWED, FORWARDED, REASSIGNED = 8, 12, 23
