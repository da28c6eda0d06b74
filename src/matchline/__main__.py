"""`python -m matchline` is the command `matchline`."""

from matchline.cli import main

main()
