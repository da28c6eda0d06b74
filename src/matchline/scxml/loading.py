"""Texts from a folder, for charts that are run from files."""

from pathlib import Path

from matchline.scxml.limits import DEFAULT_LIMITS
from matchline.scxml.parse import Load


def folder_loader(folder: Path) -> Load:
    """Loads texts within the folder, by a relative path or `file:` address."""
    root = folder.resolve()

    def load(address: str) -> str:
        path = (root / address.removeprefix("file:").removeprefix("//")).resolve()
        if not path.is_relative_to(root):
            raise ValueError("it is outside the document's folder")
        if path.stat().st_size > DEFAULT_LIMITS.document_bytes:
            raise ValueError(f"it is larger than {DEFAULT_LIMITS.document_bytes:,} bytes")
        return path.read_text()

    return load
