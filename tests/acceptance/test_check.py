"""matchline check: every fault of a file at once, each with its place."""

from pathlib import Path

from .command import CONFIGURATION, refused, run, succeeded

FAULTY = """\
[server]
default_region = "Narnia"
max_body = "huge"
no_such_option = 1

[storage]
allow-file-control = "perhaps"

[resources.A]
_allocation_strategy = "BEST"
_late_grace = 60
_aliases = "4711"
numbers = "not a list"

[service.callback]
_type = "builtin"
_service = "get"

[service.x]
_service = "match-interaction"
_max_matches = 0
_overwritable_options = "_service"
a-b = "no variable"

[service.y]
_type = "builtin"
_service = "none"

[unknown]
x = 1
"""

FAULTS = [
    (2, "[server] default_region"),
    (3, "[server] max_body"),
    (4, "[server] no_such_option"),
    (7, "[storage] allow-file-control"),
    (10, "[resources.A] _allocation_strategy"),
    (11, "[resources.A] _late_grace"),
    (12, "[resources.A] _aliases"),
    (13, "[resources.A] numbers"),
    (15, "[service.callback]"),
    (21, "[service.x] _max_matches"),
    (22, "[service.x] _overwritable_options"),
    (23, "[service.x] a-b"),
    (27, "[service.y] _service"),
    (29, "[unknown]"),
]

COLLIDING = """\
[server]
default_region = "US"

[resources.A]
numbers = ["+1 800 555 0100"]

[resources.B]
_aliases = "4711=+18005550199"
numbers = ["8005550100", ""]
"""


def check(folder: Path, text: str) -> list[str]:
    """The lines of a complaint."""
    config = folder / "m.toml"
    config.write_text(text)
    return refused(run(folder, "check", "--config", str(config))).splitlines()


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    lines = check(tmp_path, FAULTY)
    assert len(lines) == len(FAULTS)
    for line, (place, fault) in zip(lines, FAULTS, strict=True):
        assert line.startswith(f"{tmp_path / 'm.toml'}:{place}: {fault}"), line


def test_a_number_that_two_groups_have_is_told_with_its_owner(tmp_path: Path) -> None:
    lines = check(tmp_path, COLLIDING)
    assert f"{tmp_path / 'm.toml'}:9: [resources.B] numbers: 8005550100 is +1 800 555 0100" in "\n".join(
        lines
    )
    assert any(":8: [resources.B] _aliases" in line for line in lines)
    assert len(lines) == 3


CONFUSING = """\
[resources.A]
numbers = ["00490301234567"]
_default_region = "IT"
_aliases = "4711=00490301234567"

[resources.B]
numbers = ["490301234567", "12"]
_default_region = "BR"
_aliases = "+4711=12"
"""


def test_an_alias_or_number_that_a_trunk_may_confuse_with_another_s_is_told(tmp_path: Path) -> None:
    """In whichever order they stand, and though each group reads it in a region of its own."""
    a, number, b = check(tmp_path, CONFUSING)
    assert ":4: [resources.A] _aliases: 4711 would also mean 12 of the resource group B" in a
    assert ":9: [resources.B] _aliases: +4711 would also mean 00490301234567 of the resource group A" in b
    assert ":7: [resources.B] numbers: 490301234567 is 00490301234567 of the resource group A" in number


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (line,) = check(tmp_path, "[server]\nmax_ttl = \n")
    assert line.startswith(f"{tmp_path / 'm.toml'}:2: ")


def test_a_file_that_ends_too_soon_or_is_no_utf_8_is_told_by_its_name(tmp_path: Path) -> None:
    (line,) = check(tmp_path, "a = [")
    assert line.startswith(f"{tmp_path / 'm.toml'}: ")
    (tmp_path / "m.toml").write_bytes(b"[server]\nrealm = '\xff'\n")
    said = refused(run(tmp_path, "check", "--config", "m.toml"))
    assert said.strip().endswith("m.toml:2: is not valid UTF-8")


def test_a_file_in_order_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(CONFIGURATION, encoding="utf-8-sig")  # as some editors write it
    said = succeeded(run(tmp_path, "check", MATCHLINE_CONFIG=str(tmp_path / "m.toml")))
    assert "is in order" in said
    assert not (tmp_path / "var").exists()


def test_without_a_file_it_says_how_to_name_one(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert done.returncode == 2
    assert "--config" in done.stderr


def test_faults_of_the_process_and_of_numbers_are_told_beside_the_others(tmp_path: Path) -> None:
    lines = check(
        tmp_path,
        '[process]\nport = "loud"\nno_such = 1\n'
        '[resources.A]\n_cooldown = "x"\nnumbers = ["5100"]\n[resources.B]\nnumbers = ["5100"]\n',
    )
    places = [line.removeprefix(f"{tmp_path / 'm.toml'}:").split(":")[0] for line in lines]
    assert places == ["2", "3", "5", "8"]
