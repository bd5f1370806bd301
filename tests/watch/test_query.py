import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document, fold

ENTRY = Document.of(
    title="NATO's allies re-arm: Élysée weighs coalition of the willing",
    text="The crises grow. Rearmament costs 800bn. Readiness 2030 and SAFE loans were agreed by 27 member states.",
    source="Der Spiegel",
    language="en-GB",
)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("nato", True),
        ("NATO", True),
        ("nat", False),
        ("ato", False),
        ("elysee", True),
        ("Élysée", True),
        ("ally", True),
        ("allies", True),
        ("loan", True),
        ("crisis", False),  # "crises" is folded to "crise": spelling alone does not know better
        ("state", True),
        ("nato willing", True),
        ("nato penguin", False),
        ("nato AND penguin", False),
        ("nato OR penguin", True),
        ("penguin OR walrus", False),
        ("nato NOT penguin", True),
        ("nato NOT coalition", False),
        ("nato -coalition", False),
        ("+nato +coalition", True),
        ("NOT penguin", True),
        ("NOT nato", False),
        ("(penguin OR nato) AND (walrus OR loans)", True),
        ("penguin AND walrus OR nato", True),
        ("nato OR penguin AND walrus", True),
        ('"coalition of the willing"', True),
        ('"coalition of willing"', False),
        ('"NATO allies"', True),
        ('"weighs coalition of the willing the crises"', False),  # a phrase does not run from title into text
        ('"Readiness 2030"', True),
        ('"2030 readiness"', False),
        ('"readiness safe"~2', True),
        ('"safe readiness"~2', True),
        ('"readiness loans"~1', False),
        ('"readiness loans"~3', True),
        ('"safe safe"~9', False),
        ('"and and"~99', False),
        ("rearm*", True),
        ("*armament", True),
        ("r*arm*t", True),
        ("rearmamen?", True),
        ("rearmament?", False),
        ("élys*", True),
        ('"rearm* costs"', True),
        ('"costs rearm*"', False),
        ("title:nato", True),
        ("title:rearmament", False),
        ("title:(rearmament OR elysee)", True),
        ('title:"coalition of the willing"', True),
        ("source:spiegel", True),
        ('source:"der spiegel"', True),
        ("source:nato", False),
        ("spiegel", False),
        ("lang:en", True),
        ("lang:en-gb", True),
        ("lang:e", None),
        ("lang:pl", False),
        ("nato lang:pl", False),
        ("nato NOT lang:pl", True),
        ("re-arm", True),
        (r"re\-arm", True),
        ("800bn", True),
        ('"or"', False),
    ],
)
def test_query_holds(query, holds):
    if holds is None:
        with pytest.raises(QueryError):
            parse(query)
        return
    expression = parse(query)
    assert expression.holds(ENTRY) is holds
    # The automaton never hides what the expression alone would find.
    found = WatchIndex([("this", expression), ("other", parse("penguin"))]).matches(ENTRY)
    assert [key for key, _ in found] == (["this"] if holds else [])


@pytest.mark.parametrize(
    ("query", "position", "problem"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ('nato "coalition of', 5, "never closed"),
        ("nato AND (safe OR", 9, "never closed"),
        ("nato AND", 8, "missing at the end"),
        ("AND nato", 0, "not expected"),
        ("nato ) safe", 5, "not expected"),
        ("nato or safe", 5, "write OR"),
        ("nato && safe", 5, "write AND"),
        ("nato !safe", 5, "write NOT"),
        ("nato safe~2", 5, "no fuzzy"),
        ("nato^3", 0, "no weights"),
        ("[a TO b]", 0, "not known"),
        ("/re/", 0, "not known"),
        ("author:smith", 0, "no field 'author'"),
        ("title:source:x", 6, "field inside"),
        ("lang:(en OR pl)", 0, "one language code"),
        ("*", 0, "at least two letters"),
        ("a*", 0, "at least two letters"),
        ("ab*cd*ef*", 0, "at most two"),
        ('nato "..."', 5, "no word"),
        ("(" * 60 + "nato" + ")" * 60, 41, "nested too deeply"),
        ("x" * 1001, 1000, "longer than 1000"),
    ],
)
def test_error_points_at_the_place(query, position, problem):
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert problem in caught.value.problem
    assert caught.value.position == position
    assert str(caught.value).splitlines()[-1] == " " * (2 + position) + "^"


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("nato", ["NATO"]),
        ("loan AND rearm*", ["loans", "Rearmament"]),
        ("penguin OR elysee", ["Élysée"]),
        ('"safe readiness"~2', ["Readiness 2030 and SAFE"]),
        ("NOT penguin", []),
        ("lang:en nato", ["NATO"]),
        ("source:spiegel", ["Spiegel"]),
    ],
)
def test_hits_are_the_words_as_written(query, hits):
    assert parse(query).hits(ENTRY) == hits


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Tanks", "tank"),
        ("allies", "ally"),
        ("ties", "tie"),
        ("switches", "switch"),
        ("taxes", "tax"),
        ("passes", "pass"),
        ("class", "class"),
        ("status", "status"),
        ("crisis", "crisis"),
        ("US", "us"),
        ("gas", "gas"),
        ("Łódź", "łodz"),
        ("Straße", "strasse"),
        ("ПАТРІОТ", "патріот"),
    ],
)
def test_fold(word, folded):
    assert fold(word) == folded


def test_a_wildcard_over_a_monstrous_word_is_no_trap():
    monster = Document.of("a" * 100_000, "b" * 100_000)
    assert not parse("a*b*").holds(monster)


@given(st.text(max_size=80))
def test_any_text_parses_or_is_refused_at_a_place(text):
    try:
        expression = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert expression.holds(ENTRY) in {True, False}


WORDS = st.sampled_from(
    ["nato", "safe", "penguin", '"coalition of the willing"', "rearm*", "title:elysee", "*loan", "lang:en"]
)
QUERIES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        inner.map(lambda one: f"(nato NOT {one})"),
    ),
    max_leaves=8,
)


@given(st.lists(QUERIES, max_size=6), st.sampled_from([ENTRY, Document.of("SAFE loan", "A penguin in Łódź")]))
def test_the_index_finds_what_each_expression_finds_alone(queries, document):
    expressions = [(number, parse(query)) for number, query in enumerate(queries)]
    alone = {number for number, expression in expressions if expression.holds(document)}
    assert {number for number, _ in WatchIndex(expressions).matches(document)} == alone
