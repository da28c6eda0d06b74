"""Failures of the contract tests are told in full, although they stand outside the test folder."""

import pytest

pytest.register_assert_rewrite("matchline.store.testing")
