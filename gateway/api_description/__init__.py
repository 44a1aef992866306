"""What the API's description says of each field: its meaning and an example, from the code and from ``fields.yaml``.

What a route does is said where the route is.
"""
