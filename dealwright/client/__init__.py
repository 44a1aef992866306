"""DealClient: how another service opens deals, tells them facts, gives them commands, and reads them.

It needs ``temporalio`` and ``pydantic`` only, and knows neither store nor playbook.
"""
