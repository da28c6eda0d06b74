"""The addresses of the wire, for all who must name one."""

from urllib.parse import quote

from matchline.model import Values

BASE_PATH = "/genesys/1"

TOML = "application/toml"  # the content type of a configuration file


def shown_values(base_url: str, record_id: str, values: Values) -> dict[str, str]:
    """Stored values as answers show them: strings as they are, files as the address of their bytes."""
    return {
        key: file_url(base_url, record_id, key) if value.is_file else value.body.decode()
        for key, value in values.items()
    }


def file_url(base_url: str, record_id: str, key: str) -> str:
    return f"{base_url}{BASE_PATH}/storage/binary/{quote(record_id, safe='')}/{quote(key)}"
