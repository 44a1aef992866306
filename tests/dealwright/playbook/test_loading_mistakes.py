"""What is wrong in a playbook is said with file, line, place and remedy."""

import pytest

from dealwright.diagnostics.diagnostic import Location
from dealwright.playbook.loading import BadPlaybook, load_playbook
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, mistakes_in, with_change

HEAD = "playbook: x\nroles: {rep: {}}\n"


def a_stage(rest: str) -> str:
    return f"{HEAD}stages:\n  - name: s\n    owner: rep\n{rest}"


def a_play(rest: str) -> str:
    return a_stage(f"    plays:\n      - name: p\n        on: entered\n{rest}")


def a_step(step: str) -> str:
    return a_play(f"        steps:\n          - {step}\n")


MISTAKES = {
    # what stands in the file at all
    "an empty file": (
        "",
        "playbook.yaml:1: The playbook is empty. Begin with playbook: <name>, then roles: and stages:.",
    ),
    "a list instead of a playbook": (
        "- 1\n",
        "playbook.yaml:1: The playbook is no mapping. Begin with playbook: <name>, then roles: and stages:.",
    ),
    "no stages": (
        HEAD,
        (
            "playbook.yaml:1: stages: 'stages' is missing. "
            "Write at least one stage: stages: [{name: follow-up, owner: rep}]."
        ),
    ),
    "an empty list of stages": (
        f"{HEAD}stages: []\n",
        (
            "playbook.yaml:3: stages: 'stages' is empty. "
            "Write at least one stage: stages: [{name: follow-up, owner: rep}]."
        ),
    ),
    "too long a file": (
        f"{HEAD}# {'x' * 300_000}",
        "playbook.yaml:1: The file has 300,031 characters. Keep it below 262,144.",
    ),
    # YAML, and numbers as people write them
    "a quote that is never closed in a mapping": (
        a_step('{task: call, title: "Held, missed?}') + '          - {task: "b"}\n',
        (
            "playbook.yaml:11: This is no YAML: the { of line 10 does not end before this. Close "
            'it with }, and put a text that has a comma, ": ", " #", ?, { or [ in it in quotes, '
            "with quotes at both ends."
        ),
    ),
    "typographic quotes": (
        a_step("{task: call, title: “Held, missed?”}"),
        (
            "playbook.yaml:10: This is no YAML: line 10 has typographic quotes in it, which are "
            'none in YAML. Write straight ones: "…".'
        ),
    ),
    "a no-break space behind a colon": (
        f"{HEAD}summary:\u00a0sell\nstages: []\n",
        (
            "playbook.yaml:3: This is no YAML: line 3 has a no-break space in it, which is no "
            "space in YAML. Write a space in its place."
        ),
    ),
    "a dash in the place of a hyphen": (
        f"{HEAD}stages:\n  - name: s\n    owner: rep\n  \u2013 name: t\n    owner: rep\n",
        (
            "playbook.yaml:6: This is no YAML: line 6 begins with a sign that only looks like a "
            'hyphen. Write "- " in its place.'
        ),
    ),
    "a hyphen without a space": (
        a_play("        steps:\n          -{task: a}\n          - {task: b}\n"),
        (
            "playbook.yaml:10: This is no YAML: line 10 begins with a hyphen that has no space "
            'behind it. Write "- " before an entry of a list.'
        ),
    ),
    "an entry of a list among keys": (
        "playbook: x\nroles:\n  rep: {}\n  - boss: {}\n",
        (
            'playbook.yaml:4: This is no YAML: the line begins with "-", as an entry of a list, '
            "among the keys that begin in line 3. Take the - out, or write the list's own key "
            "above it."
        ),
    ),
    "a key that is indented too far": (
        "playbook: x\nroles:\n  rep: {}\n   boss: {}\n",
        (
            "playbook.yaml:4: This is no YAML: the line does not begin where the keys above it "
            "do, of which line 3 is the first. Begin the keys that belong together at the same "
            "column."
        ),
    ),
    "no colon behind a name": (
        f"{HEAD}summary how we sell\nstages: []\n",
        (
            "playbook.yaml:3: This is no YAML: this line is no name with a value behind a colon. "
            'Write "name: value", with a space behind the colon.'
        ),
    ),
    "no space behind a colon": (
        f"{HEAD}summary:sell\nstages: []\n",
        (
            "playbook.yaml:3: This is no YAML: this line is no name with a value behind a colon. "
            'Write "name: value", with a space behind the colon.'
        ),
    ),
    "a number sign in a text": (
        a_step("{task: call, title: Held #1}"),
        (
            "playbook.yaml:11: This is no YAML: the { of line 10 does not end before this. Close "
            'it with }, and put a text that has a comma, ": ", " #", ?, { or [ in it in quotes, '
            "with quotes at both ends."
        ),
    ),
    "a comparison as people write it": (
        a_step('{task: call, if: {account.employees: ">= 50"}}'),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].if.account.employees: '>= 50' can "
            "never be account.employees. Write account.employees: {gte: 50}."
        ),
    ),
    "a number in quotes": (
        a_step('{task: call, if: {account.employees: "50"}}'),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].if.account.employees: '50' can never "
            "be account.employees. Write account.employees: 50."
        ),
    ),
    "an amount with its sign": (
        a_step('{task: call, if: {account.employees: "€1,500"}}'),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].if.account.employees: '€1,500' can "
            "never be account.employees. Write account.employees: 1500."
        ),
    ),
    "a number with a comma between its digits": (
        a_step("{task: call, if: {account.employees: {gte: 1,000}}}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].if.account.employees.000: A comma ends "
            "a value here. Write a number without commas between its digits."
        ),
    ),
    "a percent sign": (
        (
            f"{HEAD}approvals:\n  - {{name: d, of: proposal.discount, levels: [{{up_to: 10%, by: []}}]}}\n"
            "stages: [{name: s, owner: rep}]\n"
        ),
        "playbook.yaml:4: approvals[0].levels[0].up_to: '10%' stands where a number is wanted. Write up_to: 10.",
    ),
    "a play without its trigger": (
        a_stage("    plays:\n      - name: p\n        on:\n        do: [{task: a}]\n"),
        "playbook.yaml:8: stages[0].plays[0].on: Nothing stands here. Write a fact's name, or {fact: variant}.",
    ),
    "a template's file": (
        a_step("{email: hello.md}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].email: 'hello.md' is no name. Write "
            "hello: lower-case letters, digits, - and _, beginning with a letter."
        ),
    ),
    "a tab": (
        f"{HEAD}\tx: 1\n",
        "playbook.yaml:3: This is no YAML: a tab stands where only spaces may be. Write spaces in its place.",
    ),
    "a colon in a text": (
        f"{HEAD}summary: how we sell: well\n",
        (
            'playbook.yaml:3: This is no YAML: a ": " stands where no value can begin. Put a text '
            'with ": " in it in quotes, and check the indentation.'
        ),
    ),
    "a bracket that is not closed": (
        f"{HEAD}stages: [1, 2\nsummary: x\n",
        (
            "playbook.yaml:4: This is no YAML: the [ of line 3 does not end before this. Close it "
            'with ], and put a text that has a comma, ": ", " #", ?, { or [ in it in quotes, with '
            "quotes at both ends."
        ),
    ),
    "quotes that are not closed": (
        f"{HEAD}summary: 'x\n",
        "playbook.yaml:4: This is no YAML: the quotes of line 3 do not end. Close the quotes.",
    ),
    "two documents": (
        f"{HEAD}---\n{HEAD}",
        "playbook.yaml:3: This is no YAML: a second document begins here. Keep one in a file: take out the line ---.",
    ),
    "an alias of nothing": (
        f"{HEAD}stages: *there\n",
        (
            "playbook.yaml:3: This is no YAML: found undefined alias 'there'. "
            "Define it first with &name, or put a text that begins with * in quotes."
        ),
    ),
    "a control character": (
        f"{HEAD}summary: a\x00b\n",
        "playbook.yaml:3: There is a character here that YAML does not take. Take it out.",
    ),
    "a tag": (
        f"{HEAD}summary: !!python/name:os.system x\nstages: [{{name: s, owner: rep, stalls_after: 3d}}]\nends: []\n",
        (
            "playbook.yaml:3: summary: The tag 'tag:yaml.org,2002:python/name:os.system' is not known here. "
            "Take it out, or put the text in quotes."
        ),
    ),
    "endless nesting": ("[" * 5000, "playbook.yaml:1: The file is nested too deeply. Close the brackets."),
    "a key that stands twice": (
        PLAYBOOK.replace("    owner: sdr\n", "    owner: sdr\n    owner: rep\n"),
        "playbook.yaml:25: stages[0].owner: 'owner' stands here twice; the first is in line 24. Keep one of them.",
    ),
    "a list as a key": (
        PLAYBOOK.replace("  boss: {}\n", "  boss: {}\n  [a, b]: {}\n"),
        "playbook.yaml:6: roles: A list or a mapping is no key. Write a word, a colon and the value.",
    ),
    "a day that is none": (
        PLAYBOOK.replace("{known: true}", "{gte: 2026-02-30}"),
        (
            "playbook.yaml:48: stages[2].gate.require.a start.contract.starts_on.gte: There is no "
            "2026-02-30 in the calendar. "
            "Write another date."
        ),
    ),
    # keys and kinds
    "a key that is misspelt": (
        PLAYBOOK.replace("after: 2bd, task: call, escalate", "after: 2bd, task: call, escalat"),
        "playbook.yaml:33: stages[0].plays[0].steps[1].escalat: 'escalat' is no key here. Did you mean 'escalate'?",
    ),
    "a key that is nothing like any": (
        PLAYBOOK.replace("{up_to: 10}", "{up_to: 10, zzz: 1}"),
        "playbook.yaml:16: approvals[0].levels[0].zzz: 'zzz' is no key here. Write one of up_to, by.",
    ),
    "a key that is missing": (
        PLAYBOOK.replace("    owner: sdr\n", ""),
        "playbook.yaml:23: stages[0].owner: 'owner' is missing. Write owner: and its value.",
    ),
    "a name that is none": (
        a_stage("    to: Next Stage!\n"),
        (
            "playbook.yaml:6: stages[0].to: 'Next Stage!' is no name. "
            "Write next-stage: lower-case letters, digits, - and _, beginning with a letter."
        ),
    ),
    "a role's name that is none": (
        PLAYBOOK.replace("  boss: {}\n", "  boss: {}\n  The Boss: {}\n"),
        (
            "playbook.yaml:6: roles.The Boss: 'The Boss' is no name. "
            "Write the-boss: lower-case letters, digits, - and _, beginning with a letter."
        ),
    ),
    "a number for a name": (
        PLAYBOOK.replace("playbook: small", "playbook: 42"),
        'playbook.yaml:1: playbook: 42 stands where a text is wanted. Write it in quotes: "42".',
    ),
    "a text for a list": (
        a_stage("    plays: call\n"),
        "playbook.yaml:6: stages[0].plays: 'call' stands where a list is wanted. Write plays: [call].",
    ),
    "a text for a play": (
        a_stage("    plays: [call]\n"),
        "playbook.yaml:6: stages[0].plays[0]: 'call' stands where a mapping is wanted. Write {key: value}.",
    ),
    "a list for a mapping": (
        a_stage("    gate: [x]\n"),
        "playbook.yaml:6: stages[0].gate: A list stands where a mapping is wanted. Write gate: {key: value}.",
    ),
    "a number for a truth value": (
        a_step("{email: x, marketing: 7}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].marketing: 7 stands where true or false is wanted. "
            "Write true or false."
        ),
    ),
    "a fraction for a whole number": (
        PLAYBOOK.replace("max: 3", "max: 1.5"),
        (
            "playbook.yaml:6: limits.touches_per_contact.max: 1.5 stands where a whole number is wanted. "
            "Write a whole number."
        ),
    ),
    "a number below the least": (
        PLAYBOOK.replace("max: 3", "max: 0"),
        "playbook.yaml:6: limits.touches_per_contact.max: 0 is too small. Write 1 or more.",
    ),
    "a number above the most": (
        PLAYBOOK.replace("max: 3", "max: 99999"),
        "playbook.yaml:6: limits.touches_per_contact.max: 99999 is too large. Write 10000 or less.",
    ),
    "a text that is too long": (
        PLAYBOOK.replace("  boss: {}\n", f"  boss: {{title: {'x' * 300}}}\n"),
        "playbook.yaml:5: roles.boss.title: The text is longer than 200 characters. Shorten it.",
    ),
    "an outcome that is none": (
        PLAYBOOK.replace("close: churned", "close: chunred"),
        "playbook.yaml:52: stages[2].plays[0].do[0].close: 'chunred' is not known here. Did you mean 'churned'?",
    ),
    # durations and hours
    "a duration in words": (
        PLAYBOOK.replace("{after: 2bd, task", "{after: 2 days, task"),
        "playbook.yaml:33: stages[0].plays[0].steps[1].after: '2 days' is not a duration. Write 2d.",
    ),
    "a duration without a unit": (
        a_step("{after: 3, email: x}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].after: '3' is not a duration. "
            "Write its unit too: 3m, 3h, 3d or 3bd."
        ),
    ),
    "a list for a duration": (
        a_stage("    stalls_after: [3d]\n"),
        "playbook.yaml:6: stages[0].stalls_after: A list stands where one text is wanted. Write it like 90m.",
    ),
    "a mapping for a duration": (
        a_stage("    stalls_after: {days: 3}\n"),
        "playbook.yaml:6: stages[0].stalls_after: A mapping stands where one text is wanted. Write it like 90m.",
    ),
    "hours without days": (
        f"{HEAD}calendar: {{hours: '9:00-17:00'}}\nstages: []\n",
        (
            "playbook.yaml:3: calendar.hours: '9:00-17:00' does not begin with a day. "
            'Write "Mon-Fri 09:00-17:00" or "Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00".'
        ),
    ),
    "hours of a role without days": (
        HEAD.replace("rep: {}", "rep: {hours: '7-19'}") + "stages: [{name: s, owner: rep}]\n",
        (
            "playbook.yaml:2: roles.rep.hours: '7-19' does not begin with a day. "
            'Write "Mon-Fri 09:00-17:00" or "Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00".'
        ),
    ),
    "hours of a role that keep no deadline": (
        HEAD.replace("rep: {}", "rep: {hours: 'Fri 14:00-16:00'}") + "stages: [{name: s, owner: rep}]\n",
        (
            "playbook.yaml:2: roles.rep.hours: 'Fri 14:00-16:00' is 2 hours a week: no deadline could be kept. "
            "Write at least eight hours a week."
        ),
    ),
    "hours of a role where those of the team stand": (
        f"{HEAD}calendar: {{roles: {{rep: {{hours: 'Mon-Fri 07:00-19:00'}}}}}}\nstages: [{{name: s, owner: rep}}]\n",
        (
            "playbook.yaml:3: calendar.roles: 'roles' says nothing for the calendar. "
            'Write hours where the role is declared: roles: {sdr: {hours: "Mon-Fri 07:00-19:00"}}.'
        ),
    ),
    "holidays of a role": (
        HEAD.replace("rep: {}", "rep: {holidays: DE}") + "stages: [{name: s, owner: rep}]\n",
        "playbook.yaml:2: roles.rep.holidays: 'holidays' says nothing for a role. Write country: DE.",
    ),
    # triggers
    "a fact that is misspelt": (
        PLAYBOOK.replace("enter_when: demo_booked", "enter_when: demo_boked"),
        "playbook.yaml:37: stages[1].enter_when: 'demo_boked' is no fact or event. Did you mean 'demo_booked'?",
    ),
    "a fact that is misspelt in a list": (
        PLAYBOOK.replace(
            "until: [reply_received, opted_out]", "until:\n          - reply_received\n          - opt_out"
        ),
        "playbook.yaml:32: stages[0].plays[0].until[1]: 'opt_out' is no fact or event. Did you mean 'opted_out'?",
    ),
    "a variant that never comes": (
        PLAYBOOK.replace("until: [reply_received, ", "until: [{reply_received: yes}, "),
        (
            "playbook.yaml:30: stages[0].plays[0].until[0].reply_received: 'reply_received' is never 'yes'. "
            "Write one of interested, not_now, not_interested, wrong_person, referral, unsubscribe, out_of_office, "
            "other."
        ),
    ),
    "a variant of a fact without any": (
        PLAYBOOK.replace("until: [reply_received, ", "until: [{demo_held: once}, "),
        (
            "playbook.yaml:30: stages[0].plays[0].until[0].demo_held: 'demo_held' has no variants. "
            "Write 'demo_held' alone."
        ),
    ),
    "a variant of an event without any": (
        PLAYBOOK.replace("until: [reply_received, ", "until: [{task_overdue: call}, "),
        (
            "playbook.yaml:30: stages[0].plays[0].until[0].task_overdue: 'task_overdue' has no variants. "
            "Write 'task_overdue' alone."
        ),
    ),
    "no variant where one is meant": (
        PLAYBOOK.replace("until: [reply_received, ", "until: [{reply_received: []}, "),
        (
            "playbook.yaml:30: stages[0].plays[0].until[0].reply_received: 'reply_received' with no "
            "variant never comes. "
            "Write 'reply_received' alone, or the variants."
        ),
    ),
    "a trigger that is none": (
        PLAYBOOK.replace("until: [reply_received, ", "until: [3, "),
        "playbook.yaml:30: stages[0].plays[0].until[0]: 3 is no trigger. Write a fact's name, or {fact: variant}.",
    ),
    # dates
    "a date's path that is misspelt": (
        PLAYBOOK.replace("before: demo.starts_at, by: 1bd", "before: demo.start_at, by: 1bd"),
        (
            "playbook.yaml:44: stages[1].plays[1].on.before: 'demo.start_at' is no date of a deal. "
            "Did you mean 'demo.starts_at'?"
        ),
    ),
    "a date without a side": (
        PLAYBOOK.replace("on: {before: demo.starts_at, by: 1bd}", "on: {by: 1bd}"),
        (
            "playbook.yaml:44: stages[1].plays[1].on: The time has no side. "
            "Write before or after, with the path of a date."
        ),
    ),
    "a date with two sides": (
        PLAYBOOK.replace("{before: demo.starts_at, by: 2h}", "{before: demo.starts_at, after: demo.starts_at}"),
        (
            "playbook.yaml:45: stages[1].plays[1].do[0].due: The time has two sides. "
            "Write before or after, with the path of a date."
        ),
    ),
    "a deadline in words": (
        PLAYBOOK.replace("due: {before: demo.starts_at, by: 2h}", "due: 3 hours"),
        "playbook.yaml:45: stages[1].plays[1].do[0].due: '3 hours' is not a duration. Write 3h.",
    ),
    # conditions
    "a path that is misspelt": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {all: [demo_held, {not: {deal.sorce: outbound}}]}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.all[1].not.deal.sorce: 'deal.sorce' is nothing a deal has. "
            "Did you mean 'deal.source'?"
        ),
    ),
    "a path that is nothing like any": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {weather.today: nice}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.weather.today: 'weather.today' is nothing a deal has. "
            "Paths begin with deal, account, contact, qualification, meeting, demo, proposal, contract, fields, "
            "scores, notes."
        ),
    ),
    "a text compared in order": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {deal.source: {gte: 3}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.deal.source: 'deal.source' has no order that 'gte' could ask for. "
            "Write in, not_in or known."
        ),
    ),
    "a number compared with a text": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {qualification.bant: {gte: three}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.qualification.bant: 'three' can never be qualification.bant. "
            "Write a number, without quotes."
        ),
    ),
    "a text compared with a number": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {account.name: 404}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.account.name: 404 can never be account.name. "
            "Write a text, in quotes if it looks like a number or a date."
        ),
    ),
    "a date compared with a number": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {contract.ends_on: {lt: 2026}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.contract.ends_on: 2026 can never be contract.ends_on. "
            "Write a date such as 2026-01-31."
        ),
    ),
    "a time compared at all": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {demo.starts_at: {lt: 2026-01-31}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.demo.starts_at: 'demo.starts_at' has no order "
            "that 'lt' could ask for. "
            "Write within, older_than, newer_than or known."
        ),
    ),
    "a time that should be equal": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {demo.starts_at: 2026-01-31}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.demo.starts_at: 'demo.starts_at' is a time, which "
            "is hardly ever equal. "
            "Write {demo.starts_at: {within: 2d}}, older_than, newer_than or known."
        ),
    ),
    "known in words": (
        PLAYBOOK.replace("{known: true}", "{known: yes}"),
        (
            "playbook.yaml:48: stages[2].gate.require.a start.contract.starts_on: "
            "'yes' does not say whether contract.starts_on is known. Write true or false."
        ),
    ),
    "one value for in": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {deal.source: {in: outbound}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.deal.source: 'in' takes a list. "
            "Write {deal.source: {in: [first, second]}}."
        ),
    ),
    "a test that is none": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {deal.source: {like: out}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.deal.source: 'like' is no test for deal.source. "
            "Write in, not_in, gte, gt, lte, lt or known."
        ),
    ),
    "no test of a path": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {deal.score: {}}"),
        (
            "playbook.yaml:29: stages[0].plays[0].if.deal.score: 'deal.score' has no test. "
            "Write one such as {gte: 3}, or several of which all must hold."
        ),
    ),
    "all without a list": (
        PLAYBOOK.replace("if: {deal.source: outbound}", "if: {all: demo_held}"),
        "playbook.yaml:29: stages[0].plays[0].if.all: 'all' takes a list of conditions. Write all: [first, second].",
    ),
    "a condition that is none": (
        PLAYBOOK.replace("leave_when: {reply_received: interested}", "leave_when: 7"),
        (
            "playbook.yaml:25: stages[0].leave_when: 7 is no condition. "
            "Write a fact's name, {path: value}, or not/any/all of such."
        ),
    ),
    # plays and steps
    "a step that does nothing": (
        a_step("{after: 3d}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0]: This step does nothing. "
            "Write one of email, task, call, social, sms, post, notify, handoff, approval, enter, close, assign, "
            "webhook, subscribe, enrol, document."
        ),
    ),
    "a step that does two things": (
        a_step("{email: x, task: y}"),
        "playbook.yaml:10: stages[0].plays[0].steps[0]: This step does email and task. Write a step for each.",
    ),
    "an action that is misspelt": (
        a_step("{emial: x}"),
        "playbook.yaml:10: stages[0].plays[0].steps[0].emial: 'emial' is no key here. Did you mean 'email'?",
    ),
    "a key of another action": (
        a_step("{notify: rep, title: Ring them}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].title: 'title' says nothing for 'notify'. "
            "Take it out: it belongs to a step with task."
        ),
    ),
    "a key of no action": (
        a_step("{enter: x, zzz: 1}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0].zzz: 'zzz' is no key here. "
            "Write one of name, after, at, if, unless, else, needs, enter, reason."
        ),
    ),
    "a step that is a text": (
        a_step("hello"),
        "playbook.yaml:10: stages[0].plays[0].steps[0]: 'hello' stands where a mapping is wanted. Write {key: value}.",
    ),
    "a step with two times": (
        a_step("{after: 1d, at: {before: contract.ends_on}, task: y}"),
        (
            "playbook.yaml:10: stages[0].plays[0].steps[0]: The step has two times. "
            "Keep after (a delay) or at (reckoned from a date)."
        ),
    ),
    "a play without steps": (
        a_play(""),
        (
            "playbook.yaml:7: stages[0].plays[0]: The play has no steps. "
            "Write steps (one after another) or do (side by side)."
        ),
    ),
    "a play with steps and do": (
        a_play("        steps: [{email: x}]\n        do: [{email: x}]\n"),
        (
            "playbook.yaml:7: stages[0].plays[0]: The play has steps and do. "
            "Write steps (one after another) or do (side by side)."
        ),
    ),
    # handoffs, approvals, gates
    "an approval of nothing": (
        PLAYBOOK.replace("of: proposal.discount", "of: proposal.discont"),
        (
            "playbook.yaml:14: approvals[0].of: 'proposal.discont' is nothing a deal has. "
            "Did you mean 'proposal.discount'?"
        ),
    ),
    "an approval without levels": (
        f"{HEAD}approvals: [{{name: a, of: deal.amount, levels: []}}]\nstages: [{{name: s, owner: rep}}]\n",
        (
            "playbook.yaml:3: approvals[0].levels: 'levels' is empty. "
            "Write at least one level: levels: [{up_to: 100, by: [manager]}]."
        ),
    ),
    "a gate that asks for nothing": (
        a_stage("    gate: {hard: true}\n"),
        (
            "playbook.yaml:6: stages[0].gate.require: 'require' is missing. "
            "Write what is required: require: {a budget: {qualification.budget: {known: true}}}."
        ),
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_and_remedy(text: str, expected: str) -> None:
    assert expected in mistakes_in(text)


def test_the_sound_playbook_loads() -> None:
    assert load_playbook(PLAYBOOK).playbook == "small"


def test_every_mistake_is_told_at_once_from_top_to_bottom() -> None:
    text = with_change("max: 3", "max: 0").replace("after: 2bd", "after: soon").replace("owner: sdr", "owne: sdr")

    lines = [int(line.split(":")[1]) for line in mistakes_in(text)]

    assert lines == [6, 23, 24, 33]


def test_what_could_not_be_read_is_not_refused_a_second_time() -> None:
    assert len(mistakes_in(with_change("{known: true}", "{gte: 2026-02-30}"))) == 1


def test_a_mistake_knows_its_column() -> None:
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(with_change("max: 3", "max: 0"))

    (mistake,) = refused.value.diagnostics
    assert mistake.location == Location("playbook.yaml", 6, 46)


def test_a_mistake_names_the_file_it_is_told_of() -> None:
    with pytest.raises(BadPlaybook, match=r"^ours/playbook\.yaml:1: "):
        load_playbook("", file="ours/playbook.yaml")


def test_no_message_speaks_of_the_tools_that_read() -> None:
    jargon = ("pydantic", "input", "Input", "validat", "type=", "str_", "NoneType", "tuple", "dict")
    told = "\n".join(line for text, _ in MISTAKES.values() for line in mistakes_in(text))

    assert [word for word in jargon if word in told] == []
