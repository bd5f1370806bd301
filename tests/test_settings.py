from datetime import time
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.forms import key_lines, nearest_line
from bot.model import MOVES, DigestRhythm, Policy, QuietHours, Relation
from bot.settings import FetchForm, load_settings, secret

ROOT = Path(__file__).parent.parent


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "european-defence").mkdir()
    (tmp_path / "claimwatch.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_empty_file_is_all_defaults(tmp_path):
    settings = load_settings(folder(tmp_path, ""), {})
    assert settings.file.policy.policy() == Policy()
    assert settings.topic_folder == tmp_path / "european-defence"
    assert settings.secrets.discord_token is None


def test_the_shipped_file_reads_as_it_says():
    settings = load_settings(ROOT / "config", {})
    policy = settings.file.policy.policy()
    assert (policy.timezone, policy.digest_at, policy.alert_on) == ("Europe/Brussels", time(6, 30), MOVES)
    assert settings.file.retention == 180 * 86400


def test_a_channel_takes_the_files_policy_unless_it_has_its_own(tmp_path):
    text = """
[policy]
quiet = "22:00-06:30"
[[channels]]
platform = "discord"
guild = "7"
address = "8"
[[channels]]
platform = "console"
address = "local"
[channels.policy]
digest = "weekly"
digest_weekday = "friday"
alert_on = ["confirms"]
"""
    ours, own = load_settings(folder(tmp_path, text), {}).channels()
    assert (ours.id, ours.tenant) == ("discord:8", "discord:7")
    assert ours.policy.quiet == QuietHours(time(22), time(6, 30))
    assert own.tenant == "console:local"
    assert (own.policy.digest, own.policy.digest_weekday) == (DigestRhythm.WEEKLY, 4)
    assert own.policy.alert_on == {Relation.CONFIRMS}
    assert own.policy.quiet is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("topic = 3", 1, "topic"),
        ('\ntopic = "../etc"', 2, "expected the name of a folder"),
        ('topic = "elsewhere"', None, "no folder 'elsewhere'"),
        ("[fetch]\ndeadlin = 3", 2, "fetch.deadlin: unknown key"),
        ('[fetch]\ndeadline = "3 weeks"', 2, 'expected a duration such as "30s"'),
        ('[fetch]\ndeadline = "0s"', 2, "greater than 0"),
        ("[fetch]\nmin_interval = 10", 2, 'fetch.min_interval: is 10; expected a duration such as "30s"'),
        ('[fetch]\nmin_interval = "10"', 2, "fetch.min_interval: is '10'; expected a duration such as \"30s\""),
        ('[fetch]\nmin_interval = "0.5s"', 2, "expected one second at least"),
        ("[fetch]\nmax_interval = 86400.0", 2, "expected a duration"),
        ("[fetch]\nparse_deadline = true", 2, "is true; expected a duration"),
        ("retention = 180", 1, "expected a duration"),
        ("[judge.llm]\ntimeout = 20", 2, "expected a duration"),
        ("[fetch]\ndeadline = 2025-01-01", 2, "expected a duration"),
        ('[fetch]\nallow_networks = ["10.0.0.0/99"]', 2, "allow_networks.0: is '10.0.0.0/99'; expected a network such"),
        ('[fetch]\nallow_networks = "10.0.0.0/8"', 2, 'expected a list such as ["10.0.0.0/8"]'),
        ('[policy]\nalert_on = "contradicts"', 2, "is 'contradicts'; expected a list such as [\"contradicts\"]"),
        ("[policy]\nalert_on = 3", 2, "is 3; expected a list"),
        ('[policy]\nthreads = "maybe"', 2, "is 'maybe'; expected true or false"),
        ('[policy]\nmin_confidence = "high"', 2, "is 'high'; expected a number"),
        ("[policy]\nlanguages = [3]", 2, "is 3; expected a text in quotation marks"),
        ("policy = 3", 1, "expected a table"),
        ('[channels]\nplatform = "console"', 1, "channels: expected [[channels]], in double brackets"),
        ("[health]\nport = 1.5", 2, "is 1.5; expected a whole number"),
        ("[fetch]\nconcurrency = 9999", 2, "less than or equal to 512"),
        ('[policy]\ntimezone = "Europe/Brusels"', 2, "IANA time zone"),
        ('[policy]\nquiet = "late"', 2, '"22:00-06:30"'),
        ('[policy]\nquiet = "22:00-25:00"', 2, "time of day"),
        ('[policy]\ndigest_at = "6 o\'clock"', 2, "time of day"),
        ('[policy]\nalert_on = ["denies"]', 2, "'confirms', 'contradicts' or 'updates'"),
        ("[policy]\nmin_confidence = 7", 2, "less than or equal to 1"),
        ('[[channels]]\nplatform = "console"\naddress = "a"\n[[channels]]\nplatform = "irc"\naddress = "b"', 5, "irc"),
        ('[[channels]]\nplatform = "console"', 1, "channels.0.address: missing"),
        ("[health]\nport = 70000", 2, "65535"),
        ("[fetch\n", 1, "no valid TOML"),
        ('a = """\nopen', 2, "no valid TOML"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path, text, line, words):
    with pytest.raises(ConfigError) as caught:
        load_settings(folder(tmp_path, text), {})
    assert caught.value.line == line
    assert words in str(caught.value)
    assert str(tmp_path / "claimwatch.toml") in str(caught.value)


def test_durations_are_written_with_their_unit(tmp_path):
    text = '[fetch]\nmin_interval = "1s"\nmax_interval = "1.5h"\nallow_networks = ["10.0.0.0/8", "fd00::/8"]'
    fetch = load_settings(folder(tmp_path, text), {}).file.fetch
    assert (fetch.min_interval, fetch.max_interval) == (1.0, 5400.0)
    assert [str(network) for network in fetch.allow_networks] == ["10.0.0.0/8", "fd00::/8"]


def test_our_own_code_gives_seconds():
    assert FetchForm(deadline=2.0).deadline == 2.0


def test_a_missing_file_says_how_to_give_another(tmp_path):
    with pytest.raises(ConfigError, match="no such file; give another with --config DIR"):
        load_settings(tmp_path, {})


def test_latin1_is_told(tmp_path):
    folder(tmp_path, "")
    (tmp_path / "claimwatch.toml").write_bytes('contact = "é"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8 at byte 11"):
        load_settings(tmp_path, {})


def test_secrets_come_from_the_environment_or_a_file(tmp_path):
    path = tmp_path / "token"
    path.write_text("from-file\n")
    assert secret("T", {"T": "direct"}).get_secret_value() == "direct"
    assert secret("T", {"T": "direct", "T_FILE": str(path)}).get_secret_value() == "from-file"
    assert secret("T", {"T": ""}) is None
    with pytest.raises(ConfigError, match="T_FILE: names a file that cannot be read"):
        secret("T", {"T_FILE": str(tmp_path / "none")})


def test_a_secret_does_not_show(tmp_path):
    settings = load_settings(folder(tmp_path, ""), {"DISCORD_TOKEN": "very-secret-token"})
    assert "very-secret-token" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("CLAIMWATCH_DISCORD_API", "ftp://x"), ("CLAIMWATCH_DISCORD_GATEWAY", "http://x")]
)
def test_addresses_have_their_scheme(tmp_path, name, value):
    with pytest.raises(ConfigError, match=name):
        load_settings(folder(tmp_path, ""), {name: value})


TOML = '''\
top = 1
[a.b]
key = "x = y"
"quoted key" = 2
text = """
[not.a.header]
not_a_key = 3
"""
[[rows]]
id = 1
[rows.sub]
deep = true
[[rows]]
id = 2
'''


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("top",), 1),
        (("a", "b"), 2),
        (("a", "b", "key"), 3),
        (("a", "b", "quoted key"), 4),
        (("a", "b", "not_a_key"), 2),
        (("rows", 0, "id"), 10),
        (("rows", 0, "sub", "deep"), 12),
        (("rows", 1, "id"), 14),
        (("rows", 1, "missing"), 13),
        (("nowhere",), None),
    ],
)
def test_lines_of_keys(where, line):
    assert nearest_line(where, key_lines(TOML)) == line
