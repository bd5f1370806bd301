from __future__ import annotations

import pytest

from bot.feeds.canonical import canonical


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("HTTP://WWW.Example.ORG:80/a/", "https://example.org/a"),
        ("https://example.org:443/a#comments", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://m.example.org/a", "https://example.org/a"),
        ("https://amp.example.org/a", "https://example.org/a"),
        ("https://m.de/a", "https://m.de/a"),
        ("https://example.org/a/amp/", "https://example.org/a"),
        ("https://example.org/a.amp.html", "https://example.org/a.html"),
        ("https://example.org/amplifier", "https://example.org/amplifier"),
        ("https://example.org/a?utm_source=rss&utm_medium=feed", "https://example.org/a"),
        ("https://example.org/a?id=7&fbclid=x&page=2", "https://example.org/a?id=7&page=2"),
        ("https://example.org/a?at_medium=RSS&at_campaign=KARANGA", "https://example.org/a"),
        ("https://example.org/a?maca=en-rss-en-all-1573-xml-mrss", "https://example.org/a"),
        ("https://example.org/articleshow?msid=12345", "https://example.org/articleshow?msid=12345"),
        ("https://example.org/?p=17", "https://example.org?p=17"),
        ("https://example.org/%7euser/%c3%a9", "https://example.org/~user/%C3%A9"),
        ("https://example.org/é", "https://example.org/%C3%A9"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://example.org/#s/4f2a", "https://example.org#s/4f2a"),
        ("https://example.org/#!/story/7", "https://example.org#!/story/7"),
        ("https://example.org/a#xtor=RSS-1", "https://example.org/a"),
        ("https://example.org/a#:~:text=one/two", "https://example.org/a"),
        ("  https://example.org/a ", "https://example.org/a"),
        ("javascript:alert(1)", ""),
        ("/relative", ""),
        ("https://www.example.org", ""),
        ("https://www.example.org/?utm_source=rss#top", ""),
        ("http://[::1", ""),
        ("http://example.org:port/", ""),
        ("", ""),
    ],
)
def test_canonical(url: str, key: str) -> None:
    assert canonical(url) == key


@pytest.mark.parametrize("url", ["https://www.example.org/a/?b=c&utm_x=1#d", "https://example.org/%2525?q=%26"])
def test_canonical_is_settled(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)
