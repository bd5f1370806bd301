"""What people type after the command, and what is taken from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.commands import VERBS
from bot.chat.slack.typed import Mentioned, understand
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("text", "verb", "given"),
    [
        ("", "help", {}),
        ("  ", "help", {}),
        ("/status", "status", {}),
        ("STATUS", "status", {}),
        ("Watch  List", "watch list", {}),
        ("help watch add", "help", {"command": "watch add"}),
        ("watch add SACEUR", "watch add", {"query": "SACEUR"}),
        ('watch add "defence bonds"', "watch add", {"query": '"defence bonds"'}),
        ("watch add “defence bonds” name:“The bonds”", "watch add", {"query": '"defence bonds"', "name": "The bonds"}),
        (
            'watch add title:NATO OR source:"DW" name=Command mode:ALERT channel:<#C1|news>',
            "watch add",
            {"query": 'title:NATO OR source:"DW"', "name": "Command", "mode": "alert", "channel": Mentioned("C1")},
        ),
        ('watch add query:SACEUR OR "nuclear deterrent"', "watch add", {"query": 'SACEUR OR "nuclear deterrent"'}),
        ('watch add "mode:alert" name: x y', "watch add", {"query": '"mode:alert"', "name": "x y"}),
        ("watch add a &amp; b &lt;c&gt;", "watch add", {"query": "a & b <c>"}),
        ('watch remove "My watch"', "watch remove", {"name": "My watch"}),
        ("feed add <https://a.example/feed?x=1&amp;y=2>", "feed add", {"url": "https://a.example/feed?x=1&y=2"}),
        ('feed add "https://a.example"', "feed add", {"url": "https://a.example"}),
        ("feed add url:https://a.example", "feed add", {"url": "https://a.example"}),
        ("check <https://a.example|a.example>", "check", {"text": "https://a.example"}),
        ("check The test: no text: at all", "check", {"text": "The test: no text: at all"}),
        ("check <@U1|ann> says 5,000", "check", {"text": "@ann says 5,000"}),
        (
            "digest schedule daily 06:30 Europe/Brussels",
            "digest schedule",
            {"rhythm": "daily", "at": "06:30", "timezone": "Europe/Brussels"},
        ),
        (
            "digest schedule weekly weekday:Friday at:07:15 channel=<#C1>",
            "digest schedule",
            {"rhythm": "weekly", "weekday": "friday", "at": "07:15", "channel": Mentioned("C1")},
        ),
        ("digest now <#C1|news>", "digest now", {"channel": Mentioned("C1")}),
        ("claim list state:challenged", "claim list", {"state": "challenged"}),
        ("why name: of the thing", "why", {"url": "name: of the thing"}),
    ],
)
def test_understood(text: str, verb: str, given: dict[str, object]) -> None:
    typed = understand(text)
    assert (typed.verb.name, typed.given) == (verb, given)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("wach add x", "did you mean /watch"),
        ("claims list", "did you mean /claim"),
        ("feed ad https://x", "did you mean /feed add"),
        ("digest", "there are /digest now, /digest schedule"),
        ("<@U1|ann>", "there is no /@ann"),
        ("watch add x name:a name:b", "name is given twice"),
        ("watch add x query:y", "query is given twice"),
        ("watch add x nmae:a", "did you mean name"),
        ("status now", "takes nothing more"),
        ("digest now daily", "choose it from Slack's list"),
        ("digest now <#C1|a> <#C2|b>", "too much was given"),
        ("watch add x channel:#news", "choose it from Slack's list"),
        ("watch add x channel:C123", "choose it from Slack's list"),
    ],
)
def test_not_understood(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        understand(text)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("text", "needs"), [("watch add", True), ("watch add x", False), ("digest now", False), ("status", False)]
)
def test_a_form_is_needed_where_nothing_was_given(text: str, needs: bool) -> None:
    assert understand(text).needs_form is needs


WORDS = st.sampled_from(
    [*VERBS, '"', "“", ":", "=", "name:", "mode=", "channel:", "<#C1|x>", "<", ">", "/", "\n", "at:"]
)


@given(st.lists(WORDS | st.text(max_size=12), max_size=8).map(" ".join))
def test_anything_is_understood_or_refused_in_words(text: str) -> None:
    try:
        typed = understand(text)
    except BadInput as error:
        assert str(error)
    else:
        assert set(typed.given) <= {parameter.name for parameter in typed.verb.parameters}
