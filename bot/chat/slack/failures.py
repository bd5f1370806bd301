"""What Slack's and the network's failures mean for a delivery.

The errors: https://docs.slack.dev/reference/methods/chat.postMessage#errors

Slack drops no repeats: a post whose answer never came is looked for in the channel (`SlackPlatform.find`), never
simply sent again.
"""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.model import Denied, Later, Refused, SendOutcome, Unknown

RETRY = 5.0
"""Seconds until a request that certainly did nothing is tried again."""

AWAY = 300.0
"""Seconds of rest while the workspace as a whole is being worked on."""

UNNAMED_WAIT = 30.0
"""Seconds of rest where a rate limit names none."""

CLOSED = frozenset(
    {
        "channel_not_found",
        "channel_is_archived",
        "is_archived",
        "is_inactive",
        "not_in_channel",
        "no_permission",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "ekm_access_denied",
        "user_not_found",  # of a direct message
        "messages_tab_disabled",
    }
)
"""Errors that say of the channel, not of the message, that nothing can be posted."""

DENIED = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
NOT_DONE = frozenset({"ratelimited", "rate_limited", "request_timeout", "message_limit_exceeded"})
AWAY_FOR_NOW = frozenset({"org_login_required", "team_added_to_org"})
MAYBE_DONE = frozenset({"internal_error", "fatal_error", "service_unavailable"})
"""Slack says of these that a part of the request may have been carried out."""

FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""All that Slack and the network can do to a request."""


def outcome_of(error: Exception) -> SendOutcome:
    """The outcome that a failed request has."""
    if isinstance(error, SlackApiError):
        return _answered(error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Later(RETRY, f"Slack cannot be reached: {type(error).__name__}")
    if isinstance(error, SlackClientError):
        return Refused(f"the request cannot be made: {error}")
    return Unknown(f"no answer from Slack: {type(error).__name__}")


def error_code(error: Exception) -> str:
    """Slack's own name for what went wrong ("channel_not_found"), or an empty text."""
    data = getattr(getattr(error, "response", None), "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _answered(error: SlackApiError) -> SendOutcome:
    code, status = error_code(error), _status(error)
    reason = f"Slack answered {status} {code}".rstrip()
    if status == 429 or code in NOT_DONE:
        return Later(_retry_after(error), reason)
    if code in DENIED or status == 401:
        return Denied(f"{reason}{_scope(error)}")
    if code in AWAY_FOR_NOW:
        return Later(AWAY, reason, everywhere=True)
    if status >= 500 or code in MAYBE_DONE or not code:
        return Unknown(reason)
    return Refused(f"{reason}{_details(error)}", channel_closed=code in CLOSED)


def _status(error: SlackApiError) -> int:
    """The HTTP status, whatever kind of answer slack_sdk keeps: its own, or aiohttp's where the body was no JSON."""
    return int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0))


def _retry_after(error: SlackApiError) -> float:
    try:
        return max(float(error.response.headers.get("Retry-After", "")), 1.0)
    except (AttributeError, ValueError):
        return UNNAMED_WAIT


def _scope(error: SlackApiError) -> str:
    needed = error.response.get("needed", "") if error_code(error) == "missing_scope" else ""
    return f": it needs the scope {needed}; update the app from config/slack-manifest.yaml" if needed else ""


def _details(error: SlackApiError) -> str:
    """What Slack says of blocks that it does not take."""
    errors = error.response.get("errors", [])
    return f": {'; '.join(str(each) for each in errors)[:300]}" if errors else ""
