"""What ``dealwright doctor`` and ``dealwright integration check`` look at, each as findings with what to do.

How they are printed belongs into ``starter.commands``; what is looked at only reads.
"""
