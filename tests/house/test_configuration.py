"""Every environment variable is read in one place, documented and in the example, and nothing else is."""

import re

from tests.house.sources import ROOT, calls, files, first_text, imports, name_of, product_modules, text

READERS = {"text", "flag", "number", "words", "folder", "database", "secret"}
# Read by Django, the shell scripts or the test suite, not through portal/env.py; documented all the same.
READ_ELSEWHERE = {"DJANGO_SETTINGS_MODULE"}
READ_BY_COMPOSE = {"POSTGRES_PASSWORD", "ELASTIC_PASSWORD"}


def variables_read() -> set[str]:
    """Return the names given to a reader of portal/env.py anywhere in the product."""
    found = set()
    for path in product_modules():
        if (
            not any(name in {"portal.env", "portal"} or name.startswith("portal.env") for name, _ in imports(path))
            and path.name != "env.py"
        ):
            continue
        for function, call in calls(path):
            name = first_text(call)
            if function in READERS and name and re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
                found.add(name)
    return found


def variables_documented() -> set[str]:
    """Return the names in the first column of the tables of docs/configuration.md."""
    return set(re.findall(r"^\|\s*`([A-Z][A-Z0-9_]+)`", text(ROOT / "docs/configuration.md"), re.MULTILINE))


def variables_in_example() -> set[str]:
    """Return the names set or shown commented out in .env.example."""
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text(ROOT / ".env.example"), re.MULTILINE))


def test_every_variable_the_product_reads_is_documented() -> None:
    assert variables_read() - variables_documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert variables_documented() - variables_read() - READ_ELSEWHERE == set()


def test_the_example_has_every_variable_and_no_other() -> None:
    assert variables_in_example() - READ_BY_COMPOSE == variables_read() | READ_ELSEWHERE


def test_the_environment_is_read_through_portal_env_alone() -> None:
    # backup.py hands its environment on to pg_dump and reads nothing from it.
    allowed = {"portal/env.py", "portal/asgi.py", "portal/wsgi.py", "manage.py", "portal/backup.py"}
    offenders = [
        name_of(path) for path in product_modules() if re.search(r"\bos\.(environ|getenv)\b", text(path)) and name_of(path) not in allowed
    ]
    assert offenders == []


def test_requirements_are_pinned() -> None:
    loose = [
        f"{name}: {line}"
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-encoder.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-r")) and "==" not in line
    ]
    assert loose == []


def test_compose_runs_the_server_versions_ci_tests() -> None:
    compose, services = text(ROOT / "compose.yaml"), text(ROOT / ".ci/services")
    assert "elasticsearch:" + re.search(r"^ES_VERSION=(\S+)", services, re.MULTILINE)[1] in compose
    assert "postgres:" + re.search(r"^PG_VERSION=(\S+)", services, re.MULTILINE)[1] in compose
    assert "redis:7" in compose


def test_no_settings_module_hides_a_value_from_the_documentation() -> None:
    for path in files(".py", under=("portal",)):
        if "settings" in path.parts:
            for function, call in calls(path):
                assert not (function in {"text", "flag", "number", "words"} and call.args and first_text(call) is None), name_of(path)
