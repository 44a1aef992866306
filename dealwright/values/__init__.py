"""Values that everything else is made of: the base of recorded models, addresses, codes, exact terms.

A value that knows of a deal, a fact or a rule belongs above.
"""
