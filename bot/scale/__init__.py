"""Many processes over one PostgreSQL: gateways that answer, and workers that poll, deliver and make digests."""
