"""Which tests run here: leaves out what this machine has no server for and says so; with HEARTH_FORBID_SKIP=1 a skip is a failure.

Markers: `services` needs PostgreSQL, Redis and Elasticsearch (by environment), `browser` needs Chromium, `faults` breaks a server and
therefore runs in one process only, `bench` runs when asked for with `-m bench`. A test that cannot run is deselected, never skipped,
and the closing report counts it with the reason. `HEARTH_FORBID_SKIP=1`, set in CI, turns every skip, expected failure and test that
cannot run into a failure.
"""

import os
import shutil
import urllib.request
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

SERVICE_VARIABLES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
LEFT_OUT = pytest.StashKey[Counter]()
FORBIDDEN = pytest.StashKey[list]()


def forbids_skips() -> bool:
    """Return whether this run treats a skip as a failure."""
    return os.environ.get("HEARTH_FORBID_SKIP", "") == "1"


def missing_services() -> list[str]:
    """Return the names of the service variables that are not set."""
    return [name for name in SERVICE_VARIABLES if not os.environ.get(name)]


def browser_path() -> str:
    """Return the path of the Chromium to drive, or an empty string where there is none."""
    path = os.environ.get("HEARTH_CHROMIUM", "")
    return path if path and Path(path).exists() else ""


def reason_to_leave_out(markers: set[str], *, asked_for: str) -> str:
    """Return why a test with these markers cannot run here, or an empty string; `asked_for` is the -m expression."""
    if "services" in markers and (missing := missing_services()):
        return f"needs real servers ({', '.join(missing)} not set)"
    if "faults" in markers and os.environ.get("PYTEST_XDIST_WORKER"):
        return "breaks a server on purpose (run with PROCESSES=0)"
    if "browser" in markers and not browser_path():
        return "needs Chromium (HEARTH_CHROMIUM not set)"
    if "bench" in markers and ("bench" not in asked_for or "not bench" in asked_for):
        return "measures speed (run with make bench)"
    return ""


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the counters and the search for counter-examples."""
    hypothesis.settings.register_profile("hearth", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.load_profile("hearth")  # a loaded machine is slow, not wrong
    config.stash[LEFT_OUT] = Counter()
    config.stash[FORBIDDEN] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what cannot run here and remember why."""
    kept, left_out = [], []
    asked_for = str(config.option.markexpr or "")
    for item in items:
        reason = reason_to_leave_out({mark.name for mark in item.iter_markers()}, asked_for=asked_for)
        if reason and (not forbids_skips() or "bench" in {mark.name for mark in item.iter_markers()}):
            config.stash[LEFT_OUT][reason] += 1
            left_out.append(item)
        else:
            kept.append(item)
    if left_out:
        items[:] = kept
        config.hook.pytest_deselected(items=left_out)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that was asked for and cannot run here, where nothing may be left out."""
    if forbids_skips():
        asked_for = str(item.config.option.markexpr or "")
        reason = reason_to_leave_out({mark.name for mark in item.iter_markers()}, asked_for=asked_for)
        if reason:
            pytest.fail(f"{reason}, and HEARTH_FORBID_SKIP=1 leaves nothing out", pytrace=False)


def _forbid(report: pytest.TestReport | pytest.CollectReport, why: str) -> None:
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {why}, and HEARTH_FORBID_SKIP=1 allows none"
    if hasattr(report, "wasxfail"):
        del report.wasxfail


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr or "")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Turn a skipped or expected-to-fail test into a failure where that is asked for."""
    report = yield
    if forbids_skips():
        if hasattr(report, "wasxfail"):
            _forbid(report, f"expected failure ({report.wasxfail})")
        elif report.skipped:
            _forbid(report, _reason(report))
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """Turn a skipped module into a failure where that is asked for."""
    report = yield
    if forbids_skips() and report.outcome == "skipped":
        _forbid(report, _reason(report))
    return report


def _mode() -> str:
    missing = missing_services()
    if not missing:
        return "services (PostgreSQL, Redis, Elasticsearch)"
    if len(missing) == len(SERVICE_VARIABLES):
        return "default (SQLite, embedded search, in-memory channels)"
    return "mixed: " + ", ".join(name for name in SERVICE_VARIABLES if name not in missing)


def pytest_report_header() -> str:
    """Name the mode at the top of the run."""
    return f"mode: {_mode()}; browser: {browser_path() or 'none'}"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """With several processes every one collects everything: take the first one's count of what was left out."""
    counts = getattr(node, "workeroutput", {}).get("hearth_left_out")
    if counts and not node.config.stash[LEFT_OUT]:
        node.config.stash[LEFT_OUT].update(counts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts to the main process and remove what this process left on the disk and in the search server."""
    workeroutput = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput["hearth_left_out"] = dict(session.config.stash[LEFT_OUT])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's own folder and search indexes; a failure here never fails the run."""
    from django.conf import settings

    if not settings.configured:
        return
    folder = Path(getattr(settings, "DATA_DIR", ""))
    if folder.name.startswith("hearth-test-"):
        shutil.rmtree(folder, ignore_errors=True)
    nodes = getattr(settings, "ELASTICSEARCH_URL", [])
    prefix = getattr(settings, "ELASTICSEARCH_INDEX_PREFIX", "")
    if nodes and prefix.startswith("hearth-test-"):
        delete_indexes(nodes[0], prefix)


def delete_indexes(node: str, prefix: str) -> None:
    """Delete the indexes of a run; a server that is away keeps them."""
    try:
        with urllib.request.urlopen(f"{node}/_cat/indices/{prefix}*?h=index", timeout=5) as answer:
            names = answer.read().decode().split()
        for name in names:
            request = urllib.request.Request(f"{node}/{name}", method="DELETE")
            urllib.request.urlopen(request, timeout=5).close()
    except OSError:
        return


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say plainly what was left out and why."""
    terminalreporter.section("what ran here")
    terminalreporter.write_line(f"mode: {_mode()}")
    left_out = config.stash[LEFT_OUT]
    if not left_out:
        terminalreporter.write_line("left out: nothing")
    for reason, count in sorted(left_out.items()):
        terminalreporter.write_line(f"left out: {count} tests: {reason}")
    if forbids_skips():
        terminalreporter.write_line("skips: forbidden")
