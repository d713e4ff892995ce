"""Adds up the test reports of a CI run: what failed and where, one line a mode, then `N passed, N failed, N skipped`."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

#: So much of a failure's message is printed.
WORDS = 300


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


def failures(report: Path) -> list[str]:
    """Return what failed in one report: the test, the last line of ours it came to, and the first words of why."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError) as error:
        return [f"{report.name} cannot be read: {error}"]
    found = []
    for case in root.iter("testcase"):
        for kind in ("failure", "error"):
            for item in case.findall(kind):
                places = re.findall(r"^((?:tests/)?[\w/]+\.py:\d+): ", item.text or "", re.MULTILINE)
                why = " ".join((item.get("message") or "").split())[:WORDS]
                found.append(f"{kind}: {case.get('classname')}::{case.get('name')}\n  {places[-1] if places else 'no place'}: {why}")
    return found


def main(folder: str, *modes: str) -> int:
    """Print the counts of every mode and their sum; return 1 when anything failed or was skipped, or nothing ran."""
    sums = [0, 0, 0]
    for mode in modes:
        counts = count(Path(folder) / f"{mode}.xml")
        if counts[1]:
            print("\n".join(failures(Path(folder) / f"{mode}.xml")))
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        print(f"{mode}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
    print(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return int(sums[0] == 0 or sums[1] > 0 or sums[2] > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
