"""What a site's robots.txt lets us read (RFC 9309). Runs in the parsing worker: its patterns may be traps. Pure."""

from __future__ import annotations


def allowed(body: bytes, url: str, agent: str) -> bool:
    """Whether the rules in `body` let `agent` read the URL; what says nothing about it forbids nothing."""
    # Only articles need it.
    from protego import Protego

    return bool(Protego.parse(body.decode("utf-8", "replace")).can_fetch(url, agent))
