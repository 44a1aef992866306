"""Who calls the HTTP API: keys, what each may do, in whose name it speaks, and how wrong keys are slowed.

How keys are kept belongs into ``store``; what a route asks for is said where the route is.
"""
