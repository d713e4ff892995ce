"""A slow piece of background work for the fault tests: it says when it begins and when it is done, in a file."""

import time
from pathlib import Path


def work(diary: str, seconds: float) -> None:
    """Write "begun", take `seconds` the first time only, write "done"."""
    path = Path(diary)
    first = not path.exists()
    with path.open("a") as lines:
        lines.write("begun\n")
    if first:
        time.sleep(seconds)
    with path.open("a") as lines:
        lines.write("done\n")
