"""A key under which the spellings of one article's URL meet: a shape to compare by, not an address to fetch."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign|custom\d+|link_\w+|ptr_name|bbc_team|format)|ns_(?:mchannel|source|campaign|linkname|fee)"
    r"|(?:fb|g|d|tw|y|tt)clid|msclkid|li_fat_id|gbraid|wbraid|igshid|igsh|mc_[ce]id|mkt_tok|_ga|_gl|_hs(?:enc|mi)"
    r"|xtor|wt_mc|wt_zmc|maca|cmp|cmpid|ocid|ito|smid|s_cid|sref|ref_src|ref_url|traffic_source|guccounter|guce_\w+"
    r"|amp|outputtype",
    re.IGNORECASE,
)
_VARIANT_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?=/?$|\.html$)")
_ROUTE = re.compile(r"!.+|/?[\w-]+/[\w/-]*")
"""A fragment that names a page of an application in the browser, as in `#!/story` or `#s/4f2a`."""
_UNQUOTED = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=~._-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=4096)  # a poll asks for each link several times
def canonical(url: str) -> str:
    """`url` without what does not tell articles apart; empty where it is no http(s) URL, or a site's front page.

    Dropped: the scheme's variant, default port, user, tracking parameters, `www.`, `m.` and `amp.` hosts, AMP paths,
    the last slash, and fragments that are no routes. Other parameters stay, in their order.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    host = _VARIANT_HOST.sub("", _ascii(parts.hostname.rstrip(".")), count=1)
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    fragment = parts.fragment if _ROUTE.fullmatch(parts.fragment) else ""
    path, query = _path(parts.path), _query(parts.query)
    return urlunsplit(("https", host, path, query, fragment)) if path or query or fragment else ""


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _path(path: str) -> str:
    plain = path if _UNQUOTED.fullmatch(path) else quote(unquote(path), safe="/:@!$&'()*+,;=~-._")
    return _AMP_PATH.sub("", plain).rstrip("/")


def _query(query: str) -> str:
    if not query:
        return ""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.fullmatch(name)]
    return urlencode(kept)
