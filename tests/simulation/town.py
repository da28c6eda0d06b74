"""What the simulated installation is configured with: few numbers, short times, every kind of group."""

from tests.sections import builtins

GROUPS = ("OWN", "GRACE", "SHARED")
MATCHING = ("match-interaction", "match-interaction", "match-loosely", "match-many")
NUMBERS = tuple(f"+1 800 555 01{place:02}" for place in range(8))

CONFIGURATION = f"""
[server]
default_region = "US"
call_log_days = "1"

[resources.OWN]
_booking_expiration_timeout = 30
_cooldown = 15
numbers = ["{NUMBERS[0]}", "{NUMBERS[1]}", "{NUMBERS[2]}"]

[resources.GRACE]
_booking_expiration_timeout = 20
_cooldown = 15
_late_grace = 10
_cooldown_after_match = 5
numbers = ["{NUMBERS[3]}", "{NUMBERS[4]}"]

[resources.SHARED]
_allocation_strategy = "ROUND_ROBIN"
_late_grace = 5
numbers = ["{NUMBERS[5]}", "{NUMBERS[6]}"]

{builtins("request-interaction", "request-access", "match-interaction")}
_ttl_after_match = 60

[service.match-loosely]
_type = "builtin"
_service = "match-interaction"
_require_code = "never"
_on_ambiguous = "newest"
_code_overrides_phone = "true"
_repeat_window = 20
_ttl_after_match = 0

[service.match-many]
_type = "builtin"
_service = "match-interaction"
_on_multiple = "keep"
_max_matches = 2
_call_memory = 30
"""

# What an operator may set while calls are under way, and what it may be set to.
SETTINGS: tuple[tuple[str, str, tuple[str | None, ...]], ...] = (
    ("resources.OWN", "_cooldown", ("0", "15", "40")),
    ("resources.OWN", "_cooldown_after_match", (None, "0", "7")),
    ("resources.OWN", "_allocation_strategy", ("CLUSTER", "CLUSTER", "LOCAL", "RANDOM")),
    ("resources.GRACE", "_booking_expiration_timeout", ("5", "20", "60")),
    ("resources.GRACE", "_late_grace", ("0", "10", "15")),
    ("resources.SHARED", "_allocation_strategy", ("ROUND_ROBIN", "RANDOM", "CLUSTER")),
    ("resources.SHARED", "_cooldown", ("5", "15")),
    ("server", "access_code_prefix", (None, "0", "7-9")),
)
