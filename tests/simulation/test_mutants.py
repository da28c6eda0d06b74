"""The simulation notices what is broken on purpose. `make mutants` tries all of it, also with the contract tests."""

from pathlib import Path

import pytest

from .mutants import MUTANTS, SIMULATION, Mutant, caught, mutated

IN_SUITE = [mutant for mutant in MUTANTS if mutant.in_suite]


@pytest.mark.parametrize("mutant", IN_SUITE, ids=lambda mutant: mutant.fault)
def test_the_simulation_notices(mutant: Mutant) -> None:
    with mutated(mutant) as copy:
        assert caught(copy, SIMULATION)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_the_code_can_still_be_broken_so(mutant: Mutant) -> None:
    with mutated(mutant) as copy:
        assert (copy / "src").is_dir()


def test_a_mutant_that_changes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("answer = 42")
    with pytest.raises(AssertionError, match="nowhere"):
        Mutant("nowhere", "*.py", (("answer = 43", ""),)).apply(tmp_path)
