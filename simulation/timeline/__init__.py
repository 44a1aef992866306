"""What happened to a deal, as the people who wrote its playbook say it: ``{email: renewal-talk}``, ``{stage: close}``.

``telling`` makes happenings of a deal's entries, ``patterns`` says which happenings somebody means. Tests of playbooks
and policies share both. What a test or a policy makes of them belongs into their own rooms.
"""
