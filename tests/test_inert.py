"""Foreign text made inert, links made safe and honest."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import Button, Card, Message, Span, line, plain
from bot.inert import MARKS, domain, honest, inert, inert_lines, inert_message, safe_url

ZALGO = "Z" + "\u0301\u0322\u0334" * 20 + "a"
any_text = st.text(max_size=80) | st.text(" \n\u202e\u200b\u200d\u0301\u0334aक😀א.", max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, with ünïcode — and “quotes”", "plain, with ünïcode — and “quotes”"),
        ("  many \t\n blanks\u00a0\u2003here\u2028now ", "many blanks here now"),
        ("\u202etxt.exe\u202c \u2066iso\u2069 \u200fmark", "txt.exe iso mark"),
        ("in\u200bvis\ufeffi\u00adble\u2060", "invisible"),
        ("\x00nul \x1b[31mred\x1b[0m \x07bell \x9bcsi", "nul [31mred[0m bell csi"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\u3164\u2800blank letters", "blank letters"),
        ("tag\U000e0041\U000e007fs", "tags"),
        (ZALGO, "Z\u0301\u0322\u0334a"),
        ("e\u0301" + "\u200b" + "\u0301" * 9, "e" + "\u0301" * MARKS),  # marks behind what is taken out count on
        ("Việt Nam, Vi\u0302\u0323t", "Việt Nam, Vi\u0302\u0323t"),
        ("می\u200cخواهم क\u094d\u200dष", "می\u200cخواهم क\u094d\u200dष"),  # joiners that a script needs
        ("@every\u200done", "@everyone"),
        ("👩\u200d🚒 ❤\ufe0f\u200d🔥", "👩\u200d🚒 ❤\ufe0f\u200d🔥"),
        ("क" + "\u200d" * 9 + "\u0301" * 9, "क\u200d" + "\u0301" * MARKS),
        ("", ""),
    ],
)
def test_what_hides_or_reorders_is_taken_out(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_line_breaks_stay_where_they_are_wanted() -> None:
    assert inert_lines(" a \r\n\u202eb\n\n\n\nc\n") == "a\nb\n\nc"


@given(any_text)
def test_inert_text_is_inert_for_good(text: str) -> None:
    once = inert(text)
    assert inert(once) == once
    assert len(once) <= len(text)
    assert not [char for char in once if unicodedata.category(char) in {"Cc", "Cs"}]
    assert not set(once) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff")
    run = 0
    for char in once:
        run = run + 1 if unicodedata.combining(char) else 0
        assert run <= MARKS


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://news.example/a?b=c#d", True),
        ("HTTP://news.example", True),
        ("https://münchen.example/ü", True),
        ("https://[2001:db8::1]:8443/x", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//news.example/x", False),
        ("news.example/x", False),
        ("https://user:pw@news.example/", False),
        ("https://dw.com@evil.example/", False),
        ("https://news.example/a b", False),
        ("https://news.example/\x1b]8;;", False),
        ("https://news.example/\u202e", False),
        (" https://news.example/", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_link_is_plain_http(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.News.Example./x", "news.example"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),
        ("https://dw.com@evil.example/", "evil.example"),
        ("https://раypal.com/", "xn--ypal-43d9g.com"),
        ("https://" + "ü" * 300 + ".example/", "\\xfc" * 300 + ".example"),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_domain_is_the_real_one(url: str, expected: str) -> None:
    assert domain(url) == expected


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("A plain headline", "https://evil.example/", "A plain headline"),
        ("The U.S. spends 3.5bn, e.g. on v2", "https://evil.example/", "The U.S. spends 3.5bn, e.g. on v2"),
        ("Sign in at paypal.com", "https://evil.example/", "Sign in at paypal.com (evil.example)"),
        ("https://dw.com/x", "https://evil.example/", "https://dw.com/x (evil.example)"),
        ("https://dw.com/x", "https://www.dw.com/y", "https://dw.com/x"),
        ("Read amp.dw.com", "https://dw.com/", "Read amp.dw.com"),
        ("Read dw.com", "https://amp.dw.com/", "Read dw.com"),
        ("dw.com.evil.example", "https://dw.com/", "dw.com.evil.example (dw.com)"),
        ("ｄｗ．ｃｏｍ", "https://evil.example/", "ｄｗ．ｃｏｍ (evil.example)"),
        ("paypal.com (evil.example)", "https://evil.example/", "paypal.com (evil.example)"),
        ("paypal.com", "javascript:x", "paypal.com"),
        ("dw.com", f"https://{'a' * 60}.evil.example/", f"dw.com (…{'a' * 47}.evil.example)"),
    ],
)
def test_link_text_never_lies(text: str, url: str, expected: str) -> None:
    assert honest(text, url) == expected
    assert honest(expected, url) == expected


def test_a_message_is_inert_in_all_of_its_parts() -> None:
    bad = "a\u202eb\x1bc"
    message = Message(
        (
            Card(
                badge=line(bad),
                title=Span("dw.com", url="https://evil.example/"),
                quote=f"{bad}\n{bad}",
                lines=(line(Span(bad, url="javascript:x"), " and ", bad),),
                footer=line(bad),
            ),
        ),
        (Button(bad, "verb", "argument"),),
        line(bad),
    )
    safe = inert_message(message)
    (card,) = safe.cards
    assert (plain(card.badge), plain(card.footer), plain(safe.lead), safe.buttons[0].label) == ("abc",) * 4
    assert card.quote == "abc\nabc"
    assert card.title == Span("dw.com (evil.example)", url="https://evil.example/")
    assert plain(card.lines[0]) == "abc and abc"
    assert card.lines[0][0].url == ""
    assert inert_message(safe) == safe
