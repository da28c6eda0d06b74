"""The server that the clients talk to in these tests: every built-in, an exclusive and a shared group, callbacks."""

from pathlib import Path

from tests.sections import STANDARD

CHARTS = Path(__file__).with_name("charts")

CONFIGURATION = f"""
[server]
default_region = "US"
scxml_folder = "{CHARTS}"

[resources.DNIS]
_cooldown = 0
numbers = ["+1 800 555 0100", "+1 800 555 0101"]

[resources.SHARED]
_allocation_strategy = "RANDOM"
numbers = ["+1 800 555 0190"]

{STANDARD}
greeting = "hello"

[service.chart]
_type = "ors"
_service = "waiting.scxml"

[service.call-me-back]
_type = "ors"
_service = "waiting.scxml"
_service_type = "callback"
_max_request_by_time_bucket = 1
"""

CALLER = "+14155550123"
