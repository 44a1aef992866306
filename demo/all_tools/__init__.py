"""The demo in which all connected tools take part in two lives, from lead to renewal.

A tool is one entry in ``tools.py``: a module of ``parts`` says what its people do, and compares its books with the
deal's. What the eight deals show belongs into ``demo.stories``.
"""
