"""Approvals: questions with exact terms, asked along chains of people.

Whatever the cause: an open approval is asked for the deal's terms as they are now, and what was granted, or put to
the buyer, is asked for anew once the deal's terms go beyond it. Who else may change roles is decided elsewhere.
"""
