"""What integrations are made of: the ports of the outside, mapping files, signatures, how a call can end.

What only one tool does belongs into its own folder.
"""
