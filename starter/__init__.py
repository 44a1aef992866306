"""The command line: opens deals, tells them, shows them, and looks after an installation.

The top floor: nobody imports it. What other services import is ``dealwright.client``.
"""
