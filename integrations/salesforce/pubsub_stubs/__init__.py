"""What is generated from Salesforce's ``pubsub_api.proto`` (forcedotcom/pub-sub-api, 0ba4701, CC0), and that file.

Nothing that a person writes: ``python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. pubsub_api.proto`` makes it.
"""
