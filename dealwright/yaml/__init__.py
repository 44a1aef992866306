"""Files of YAML as data in which every part knows its line: for whatever people write with an editor.

What a playbook or a mapping file may say belongs into their own rooms.
"""
