"""Mail that comes in: read from its bytes, told apart, and matched to the deal and the touch that it is about.

How a provider wraps it belongs into the folder of that provider.
"""
