"""The installation with containers: its file holds together, and its servers are those the tests run on."""

import re
from typing import Any

import pytest
import yaml

from tests.house.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP = ("setup", "web", "worker", "clock")
SCRIPT = (ROOT / ".ci" / "services").read_text("utf-8")


def test_every_process_of_an_installation_is_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", "elasticsearch", "nginx", *APP}
    assert SERVICES["web"]["deploy"]["replicas"] >= 2


@pytest.mark.parametrize(
    ("service", "tested"),
    [
        ("postgres", re.search(r"^PG_VERSION=(\S+)", SCRIPT, re.MULTILINE)),
        ("elasticsearch", re.search(r"^ES_VERSION=(\S+)", SCRIPT, re.MULTILINE)),
        ("redis", re.search(r"Redis (\d+)", SCRIPT)),
    ],
)
def test_the_servers_are_those_the_tests_run_on(service: str, tested: Any) -> None:
    assert SERVICES[service]["image"].partition(":")[2] == tested[1]


def test_every_image_names_its_version() -> None:
    for name, service in SERVICES.items():
        assert not service["image"].endswith(":latest") and ":" in service["image"], name


@pytest.mark.parametrize("name", APP)
def test_each_process_does_a_job_that_the_image_knows(name: str) -> None:
    jobs = set(re.findall(r"^\s+(\w+)\)", (ROOT / "deploy" / "entrypoint.sh").read_text("utf-8"), re.MULTILINE))
    assert SERVICES[name]["command"] == [name] and name in jobs


def test_whoever_waits_waits_for_something_that_can_be_checked() -> None:
    for name, service in SERVICES.items():
        for other, how in (service.get("depends_on") or {}).items():
            assert other in SERVICES, (name, other)
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], (name, other)


def test_what_is_kept_is_declared_and_secrets_have_no_default() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] if not source.startswith(".") else (ROOT / source).is_file(), volume
    text = (ROOT / "compose.yaml").read_text("utf-8")
    for secret in ("POSTGRES_PASSWORD", "ELASTIC_PASSWORD", "SECRET_KEY"):
        assert re.search(rf"\$\{{{secret}:\?", text) and not re.search(rf"\$\{{{secret}(:-|\}})", text), secret


def test_the_example_names_every_variable_without_a_default() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    for name in set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "compose.yaml").read_text("utf-8"))):
        assert re.search(rf"^{name}=", example, re.MULTILINE), name


def test_the_stop_of_a_process_is_longer_than_its_last_request() -> None:
    graceful = int(re.search(r"--timeout-graceful-shutdown (\d+)", (ROOT / "deploy" / "entrypoint.sh").read_text("utf-8"))[1])
    assert int(SERVICES["web"]["stop_grace_period"].rstrip("s")) > graceful


def test_the_proxy_takes_what_the_portal_takes_so_that_the_portal_can_say_no() -> None:
    from core import bodies

    limits = [int(size) for size in re.findall(r"client_max_body_size (\d+)m;", (ROOT / "deploy" / "nginx.conf").read_text("utf-8"))]
    everywhere, cms = (limit * bodies.MEGABYTE for limit in limits)
    assert everywhere > bodies.MOST and cms > bodies.MOST_OF_CMS


def test_the_proxy_writes_down_no_query_and_no_link_that_opens_something() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    (log,) = re.findall(r"log_format hearth '([^']*)'", config)
    assert "access.log hearth;" in config and not set(re.findall(r"\$(\w+)", log)) & {
        "request",
        "request_uri",
        "asked",
        "args",
        "query_string",
        "uri",
    }
    # The log of errors writes whole addresses at every level below this one.
    assert re.findall(r"error_log \S+ (\w+);", config) == ["crit"]
    (pattern,) = re.findall(r"~(\^\S*before\S+)\s", config)
    hides = re.compile(pattern.replace("?<", "?P<"))
    for path in (
        "/en/chat/resume/key.secret/",
        "/accounts/invitation/token/",
        "/zh-hans/diagnose/run/key/node/",
        "/en/my/products/join/AB12/",
    ):
        assert hides.match(path)
    assert not hides.match("/en/chat/key/") and not hides.match("/en/guides/")


def test_what_the_proxy_says_by_itself_is_said_in_both_languages() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    named = re.findall(r"error_page [\d ]+ /pages/(\S+);", config)
    mounted = [volume.split(":") for volume in SERVICES["nginx"]["volumes"]]
    assert {"large.html", "long.html", "away.html"} == set(named)
    for name in named:
        assert [f"./deploy/pages/{name}", f"/usr/share/nginx/pages/{name}", "ro"] in mounted
        page = (ROOT / "deploy" / "pages" / name).read_text("utf-8")
        assert '<html lang="zh-Hans">' in page and '<section lang="en">' in page and "//" not in page


def test_connections_to_the_web_processes_are_used_again() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert "keepalive " in config and re.search(r'map \$http_upgrade \$connection_upgrade \{\s+default upgrade;\s+""\s+"";', config)


def test_the_image_is_built_with_a_secret_that_its_own_checks_accept(settings: Any) -> None:
    from portal.checks import secrets_are_real

    image = (ROOT / "Dockerfile").read_text("utf-8")
    (secret,) = set(re.findall(r"SECRET_KEY=(\S+)", image))
    settings.SECRET_KEY, settings.SESSION_COOKIE_SECURE, settings.DEMO = secret, True, False
    assert not [error for error in secrets_are_real(None) if error.id == "portal.E010"]
