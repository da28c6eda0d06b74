"""What a process says about its settings."""

import pytest

from matchline.cli.settings import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:s3cret!@db:5432/x?connections=4", "postgresql://ann:***@db:5432/x?connections=4"),
        ("postgresql:///x?user=ann&password=s3cret&host=db", "postgresql:///x?user=ann&password=***&host=db"),
        ("postgresql://ann@db,other:5433/x", "postgresql://ann@db,other:5433/x"),
        ("postgresql://db:5432/x", "postgresql://db:5432/x"),
        ("sqlite:///var/matchline.db", "sqlite:///var/matchline.db"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
