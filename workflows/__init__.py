"""The shell: the workflow of a deal, its signals, updates and queries.

It acts on recorded decisions and knows only ``dealwright``. Nothing may be imported here: each workflow's sandbox
would import it too.
"""
