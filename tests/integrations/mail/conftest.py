from __future__ import annotations

from tests.simulators.mail_fixtures import mail_process, mail_server

__all__ = ["mail_process", "mail_server"]
