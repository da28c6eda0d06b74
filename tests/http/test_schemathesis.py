"""The API's description tells the truth: Schemathesis asks a real server what the description allows, and more."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.command import LIMIT_SECONDS, Server
from tests.sections import STANDARD

EXAMPLES = 15  # of each operation, besides the boundary values of each of its parameters
SEED = 1

# Shared numbers without codes hold no slot: however much is asked, they never run out.
CONFIGURATION = f"""
[server]
default_region = "US"

[resources.DNIS]
_allocation_strategy = "ROUND_ROBIN"
numbers = ["+1 800 555 0190", "+1 800 555 0191"]

{STANDARD}
"""

EXCEPTIONS = """
# The address of a configured service is also that of a session; what a session answers (GET and DELETE) is
# described once, at /service/{name}. test_errors.py checks the header `Allow`.
[[operations]]
include-path-regex = "^/genesys/1/service/[a-z]+(-[a-z]+)?$"
checks.allow_header_conformance.enabled = false
# A JSON object or list for a text parameter is taken as its JSON text, which the description does not advertise.
# test_bad_input.py gives every parameter every wrong type.
checks.negative_data_rejection.enabled = false

# Nothing here makes configuration files; test_admin_options.py does.
[[operations]]
include-operation-id = "post_admin_options"
enabled = false

# A key would close the server to the rest of the run; test_keys.py makes some.
[[operations]]
include-operation-id = "post_admin_keys"
enabled = false

# Which options a section may have, and which numbers would collide, depends on what is configured: the
# description does not repeat it, so that valid data by its letter may be refused with 400.
[[operations]]
include-operation-id = ["patch_admin_options_section", "post_admin_resources_group_numbers"]
checks.positive_data_acceptance.enabled = false
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, CONFIGURATION)
    try:
        yield server.start("--config", str(server.config), "--store", "memory://", "--port", "0")
    finally:
        server.close()


def test_every_operation_does_as_described(server: Server, tmp_path: Path) -> None:
    """All checks that Schemathesis has, but for the exceptions above."""
    exceptions = tmp_path / "schemathesis.toml"
    exceptions.write_text(EXCEPTIONS)
    asked = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(exceptions)),
            *("run", f"{server.client.base_url}/openapi.json", "--no-color", "--warnings", "off"),
            *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=5 * LIMIT_SECONDS,
        check=False,
    )
    assert asked.returncode == 0, f"{asked.stdout}\n{asked.stderr}\n{server.output}"
    assert "No issues found" in asked.stdout, asked.stdout
    assert "Traceback" not in server.output
