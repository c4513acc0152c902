"""What the API shows: reading queries that join tables into the shapes of the public contract.

Lists are keyset pages: `after` is the last id that the reader has seen.
"""
