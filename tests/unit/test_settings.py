"""What a process says about its settings."""

import pytest

from matchline.cli.settings import without_password
from matchline.observing.masking import place_of


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


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://ann:s3cret!@db:5432/x?connections=4", "postgresql://db:5432/x"),
        ("postgresql:///x?user=ann&password=s3cret&host=db", "postgresql:///x"),
        ("postgresql://ann:s@c:ret@db,other:5433/x", "postgresql://db,other:5433/x"),
        ("postgresql://ann:s?cret@db/x", "postgresql://"),
        ("postgresql://db/x?password=s@cret", "postgresql://"),
        ("sqlite:////var/a@b.db", "sqlite:////var/a@b.db"),
        ("memory://", "memory://"),
    ],
)
def test_the_place_of_a_store_is_shown_without_who_is_let_in(url: str, place: str) -> None:
    assert place_of(url) == place
