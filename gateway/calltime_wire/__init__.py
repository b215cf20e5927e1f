"""What does a door say to the gateway, and the gateway to a door?

The contract, and nothing that touches a network, a database or a clock.
"""
