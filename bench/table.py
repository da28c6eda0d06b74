"""Tables as Markdown, so that what is printed can be pasted into the README."""

from collections.abc import Iterable, Sequence


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    body = [list(row) for row in rows]
    widths = [max(len(row[place]) for row in [list(head), *body]) for place in range(len(head))]
    print(f"\n### {title}\n")
    print(_line(head, widths))
    print("| " + " | ".join("-" * width for width in widths) + " |")
    for row in body:
        print(_line(row, widths))
    print(flush=True)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
