"""The real product for the journeys: `manage.py start` on a folder of its own with the demo, then `serve`, driven through Chromium.

The journeys touch nothing but pages;
what went out by mail or SMS lies in a letterbox (`post.py`),
where people look for it. In services mode the same journeys run on PostgreSQL, Redis and Elasticsearch.
"""

import itertools
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.journeys.cluster import WEB_PROCESSES, Cluster

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1280, "height": 800}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
LANGUAGES = ("zh-hans", "en")
expect.set_options(timeout=15_000)  # a loaded machine is slow, not wrong
START_SECONDS = 240
#: Wagtail's own checks of a preview say so when the preview is drawn anew before they are through; they run again by themselves.
OF_WAGTAIL = "Axe is already running"
HOMES = itertools.count(2)  # every person sits behind an address of their own, as in life: rate limits count by address
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# Every rule runs; only what is wrong is written out in full, which is a third of the work.
AXE = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey needs Chromium."""
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@dataclass
class Portal:
    """The running product: where it answers and how to look into its outbox."""

    origin: str
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen | Cluster | None" = None
    log: Path = field(default=Path())

    def outbox(self, address: str) -> list[str]:
        """Return the texts sent to an address (mail or SMS), oldest first."""
        from tests.journeys import post

        return post.read(self.folder, address)

    def wait_for_mail(self, address: str, *, containing: str = "", after: int = 0, seconds: float = 60) -> str:
        """Return the newest text to `address` past the first `after` ones that contains `containing`. Fails after `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [text for text in self.outbox(address)[after:] if containing in text]
            if found:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"nothing for {address} containing {containing!r}; got {self.outbox(address)}")

    def health(self) -> dict:
        """Return what /health/ready says."""
        try:
            with urllib.request.urlopen(f"{self.origin}/health/ready", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)


def press(button: Locator) -> None:
    """Press what leads to another page, and wait until that page is there: what comes next must not be asked of the old one."""
    with button.page.expect_navigation():
        button.click()


def written(page: Page, words: str) -> None:
    """Wait until words written into a rich text are in the form: the editor takes its time."""
    page.wait_for_function(
        "words => [...document.querySelectorAll('input[type=hidden], textarea')].some(field => field.value.includes(words))", arg=words
    )


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _services_environment(database: str) -> dict[str, str]:
    """Return the variables of services mode with a database of the journeys' own, or nothing in the default mode."""
    if not os.environ.get("DATABASE_URL"):
        return {}
    base, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    from tests.plugins.database import create_database, maintenance

    with maintenance() as server:
        create_database(server, database)
    return {
        "DATABASE_URL": f"{base}/{database}",
        "REDIS_URL": os.environ["REDIS_URL"],
        "ELASTICSEARCH_URL": os.environ["ELASTICSEARCH_URL"],
        "ELASTICSEARCH_INDEX_PREFIX": database.replace("_", "-"),
    }


def _forget_services(environment: dict[str, str]) -> None:
    """Remove the journeys' database and indexes."""
    if "DATABASE_URL" not in environment:
        return
    import psycopg

    from tests.plugins.modes import delete_indexes

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        name = environment["DATABASE_URL"].rpartition("/")[2]
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    delete_indexes(environment["ELASTICSEARCH_URL"], environment["ELASTICSEARCH_INDEX_PREFIX"])


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[Portal]:
    """The product with its demo, served for the whole run; while writing tests, one that runs already (HEARTH_JOURNEYS_ORIGIN)."""
    if os.environ.get("HEARTH_JOURNEYS_ORIGIN"):
        yield Portal(os.environ["HEARTH_JOURNEYS_ORIGIN"], Path(os.environ["HEARTH_DATA_DIR"]), dict(os.environ))
        return
    folder = Path(tempfile.mkdtemp(prefix="hearth-journeys-"))
    prepared = os.environ.get("HEARTH_JOURNEYS_FOLDER", "")  # made earlier by `start --prepare-only`: saves a minute while writing tests
    if prepared and not os.environ.get("DATABASE_URL"):
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
    port = free_port()
    keep = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "TMPDIR"}}
    environment = {
        **keep,
        **_services_environment(f"hearth_journeys_{uuid.uuid4().hex[:8]}"),
        "HEARTH_DATA_DIR": str(folder),
        "HEARTH_DEMO": "1",
        "HEARTH_ORIGIN": f"http://127.0.0.1:{port}",
        "HEARTH_EMAIL_BACKEND": "tests.journeys.post.MailBackend",
        "HEARTH_SMS_BACKEND": "tests.journeys.post.SmsBackend",
        "HEARTH_CLOCK_SECONDS": "2",
        "HEARTH_PROXY_COUNT": "1",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    log = tmp_path_factory.mktemp("portal") / "serve.log"
    process: subprocess.Popen | Cluster
    with log.open("wb") as output:
        prepared = subprocess.run(
            [*manage, "start", "--prepare-only"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, timeout=START_SECONDS
        )
        assert prepared.returncode == 0, log.read_text()[-4000:]
        _check_that_everybody_sees_suggestions(folder, environment)
        if "DATABASE_URL" in environment:
            process = Cluster(port, [free_port() for _ in range(WEB_PROCESSES)], environment, output)
        else:
            process = subprocess.Popen(
                [*manage, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
    running = Portal(f"http://127.0.0.1:{port}", folder, environment, process, log)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        code = process.stop() if isinstance(process, Cluster) else _stop(process)
        text = log.read_text()
        shutil.rmtree(folder, ignore_errors=True)
        _forget_services(environment)
    assert code == 0, f"it did not end cleanly ({code}): {text[-2000:]}"
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:4000]


def _check_that_everybody_sees_suggestions(folder: Path, environment: dict[str, str]) -> None:
    """Where a share of visitors is shown no suggestions, journeys that ask for them fail by chance."""
    if "DATABASE_URL" in environment:
        return
    with closing(sqlite3.connect(folder / "hearth.sqlite3")) as database:
        (percent,) = database.execute("SELECT max(holdout_percent) FROM kb_selfservicesettings").fetchone()
    assert not percent, f"the prepared demo hides suggestions from {percent} % of its visitors: prepare it without HEARTH_DEMO_HOLDOUT"


def _stop(process: subprocess.Popen) -> int:
    """Press Ctrl-C."""
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        return -9


def _wait_until_ready(running: Portal) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert running.process is not None
        assert running.process.poll() is None, running.log.read_text()[-4000:]
        try:
            health = running.health()
            # On real servers the demo has left its own work to the worker: the journeys begin when that is done.
            begun = not isinstance(running.process, Cluster) or health["parts"]["background"]["waiting"] == 0
            if health["status"] != "down" and begun:
                return
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"the portal did not answer: {running.log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("HEARTH_CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def someone(browser, portal) -> Iterator[Callable[..., Page]]:
    """Make a new person with a browser of their own: `someone(size="phone", language="en")` → page.

    Fails at the end if a page of theirs asked another host for anything, threw a script error, or broke the content policy.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(*, size: str = "phone", language: str = "zh-hans", **options: object) -> Page:
        home = next(HOMES)
        context = browser.new_context(
            viewport=SIZES[size],
            locale={"zh-hans": "zh-CN", "en": "en-GB"}[language],
            base_url=portal.origin,
            reduced_motion="reduce",
            extra_http_headers={"X-Forwarded-For": f"10.{home >> 16 & 255}.{home >> 8 & 255}.{home & 255}"},
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: None if OF_WAGTAIL in str(error) else complaints.append(f"script error on {page.url}: {error}"))
        page.on("console", lambda line: complaints.append(f"{page.url}: {line.text}") if "Content Security Policy" in line.text else None)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((portal.origin, "data:", "blob:"))
                else complaints.append(f"{page.url} asked another host: {request.url}")
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def check_page() -> Callable[..., None]:
    """Judge a page: axe without serious findings, no sideways scroll, a language, one main heading."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page, *, ignore: tuple[str, ...] = ()) -> None:
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{page.url} scrolls sideways: {width}"
        if width[1] >= 1200 and page.locator(".desk .pane, .desk .desk-page").count():  # at the desk only the panes scroll
            height = page.evaluate("[document.documentElement.scrollHeight, window.innerHeight]")
            assert height[0] <= height[1], f"{page.url} has empty room below the desk: {height}"
        assert page.evaluate("document.documentElement.lang") in {"zh-hans", "zh-Hans", "zh-CN", "en"}
        assert page.locator("h1").count() == 1, f"{page.url} has {page.locator('h1').count()} main headings"
        # What happens to lie half under the bar at the bottom of a phone can be scrolled free: axe cannot know that.
        page.evaluate(
            "document.querySelectorAll('.tabbar').forEach(bar => { bar.dataset.axe = bar.style.position; bar.style.position = 'static' })"
        )
        found = Axe().run(page, options=AXE).response["violations"]
        page.evaluate("document.querySelectorAll('.tabbar').forEach(bar => { bar.style.position = bar.dataset.axe })")
        serious = [
            f"{item['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for item in found
            if item["impact"] in {"serious", "critical"} and item["id"] not in ignore
            for node in item["nodes"]
        ]
        assert serious == [], f"{page.url}\n" + "\n".join(serious)

    return check


@pytest.fixture(scope="session")
def passes() -> dict[str, list]:
    """What lets staff in again without the password, by e-mail: the journeys' colleagues sign in once, as people do."""
    return {}


@pytest.fixture
def sign_in(portal, passes) -> Callable[..., None]:
    """Sign a person in with e-mail and the demo password; staff who signed in before on another device's pass come straight in."""

    def do(page: Page, email: str) -> None:
        from portal.demo.accounts import PASSWORD

        page.context.add_cookies(passes.get(email, []))
        page.goto("/accounts/login/")
        if not page.url.endswith("/accounts/login/"):
            return
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.wait_for_timeout(1100)  # quicker than a second is a robot
        page.locator("form:has(input[name=password]) button[type=submit]").first.click()
        page.wait_for_url(re.compile(r"^(?!.*/accounts/login/)"))
        if email.endswith("@heyan.example"):
            passes[email] = [cookie for cookie in page.context.cookies() if cookie["name"] == "hearth_session"]

    return do
