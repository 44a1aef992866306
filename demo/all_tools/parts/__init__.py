"""One module for each tool that takes part: what its people do in each phase, and how its books are compared.

What all of them share belongs into ``demo.all_tools.part``.
"""
