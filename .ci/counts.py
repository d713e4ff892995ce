"""Adds up the test reports of a CI run: one line a mode, then `N passed, N failed, N skipped`."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count(report: Path) -> tuple[int, int, int]:
    """Return (passed, failed, skipped) of one JUnit report; a missing or broken report is one failure."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0
    suites = [root] if root.tag == "testsuite" else list(root.iter("testsuite"))
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
    skipped = sum(int(suite.get("skipped", 0)) for suite in suites)
    return max(total - failed - skipped, 0), failed, skipped


def main(folder: str, *modes: str) -> int:
    """Print the counts of every mode and their sum; return 1 when anything failed or was skipped, or nothing ran."""
    sums = [0, 0, 0]
    for mode in modes:
        counts = count(Path(folder) / f"{mode}.xml")
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        print(f"{mode}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
    print(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return int(sums[0] == 0 or sums[1] > 0 or sums[2] > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
