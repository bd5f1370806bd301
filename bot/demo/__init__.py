"""The demo's news: invented outlets over three days, and a server on loopback that publishes them.

`news/` holds what the outlets write, `news.py` reads it, `publish.py` makes the documents of a day, in the formats of
`formats.py`, and `server.py` serves them, the broken ones as brokenly as they are meant.
"""
