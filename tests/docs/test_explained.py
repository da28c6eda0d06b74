"""The worked examples of the explanations are what the commands say."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from matchline.cli.plan import command

PAGE = Path(__file__).parents[2] / "docs" / "explain" / "capacity.md"
EXAMPLE = re.compile(r"^```console\n\$ matchline plan ([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE.read_text())


@pytest.mark.parametrize(("arguments", "shown"), EXAMPLES)
def test_an_example_shows_what_the_command_says(arguments: str, shown: str) -> None:
    said = CliRunner().invoke(command, shlex.split(arguments))
    assert said.exit_code == 0, said.output
    assert said.output == shown


def test_every_console_of_the_page_is_an_example() -> None:
    assert len(EXAMPLES) == PAGE.read_text().count("```console") > 0
