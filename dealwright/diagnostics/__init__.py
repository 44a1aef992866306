"""What is wrong with what was handed in, as data, wherever it came from; and its text for people.

What one kind of input must fulfil belongs into the room of that input; its JSON and HTTP forms to their media.
"""
