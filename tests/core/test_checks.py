"""Contradictory settings are refused at start-up, and production refuses default secrets."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.colour import contrast_on_white
from portal import checks, env

REAL = "k" * 25 + "Z9" * 15


@pytest.fixture
def production(settings):
    settings.SESSION_COOKIE_SECURE = True
    settings.SECRET_KEY = REAL
    settings.DEMO = False
    settings.ALLOWED_HOSTS = ["service.heyan.example"]
    settings.DATABASES = {
        "default": {**settings.DATABASES["default"], "ENGINE": "django.db.backends.postgresql", "PASSWORD": "long-and-own"}
    }
    return settings


def ids(found):
    return {error.id for error in found}


def test_sound_production_settings_pass(production):
    assert checks.secrets_are_real(None) == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("SECRET_KEY", "short", "portal.E010"),
        ("SECRET_KEY", "change-me" + "x" * 60, "portal.E010"),
        ("DEMO", True, "portal.E011"),
        ("ALLOWED_HOSTS", ["*"], "portal.E013"),
    ],
)
def test_production_refuses_default_values(production, name, value, error):
    setattr(production, name, value)
    assert error in ids(checks.secrets_are_real(None))


def test_production_refuses_the_password_of_the_compose_example(production):
    production.DATABASES["default"]["PASSWORD"] = "hearth"
    assert "portal.E012" in ids(checks.secrets_are_real(None))


def test_redis_with_sqlite_is_a_contradiction(settings):
    settings.SECRET_KEY = REAL
    settings.REDIS_URL = "redis://localhost"
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
    assert "portal.E001" in ids(checks.modes_agree(None))


def test_half_a_search_account_is_a_contradiction(settings):
    settings.ELASTICSEARCH_USER = "hearth"
    settings.ELASTICSEARCH_PASSWORD = ""
    assert "portal.E002" in ids(checks.modes_agree(None))


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("off", False), ("", False), ("YES", True)])
def test_flags_are_read(monkeypatch, value, expected):
    monkeypatch.setenv("HEARTH_DEBUG", value)
    assert env.flag("HEARTH_DEBUG") is expected


def test_wrong_words_and_numbers_name_their_variable(monkeypatch):
    monkeypatch.setenv("HEARTH_DEBUG", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="HEARTH_DEBUG"):
        env.flag("HEARTH_DEBUG")
    monkeypatch.setenv("HEARTH_CLOCK_SECONDS", "0")
    with pytest.raises(ImproperlyConfigured, match="HEARTH_CLOCK_SECONDS"):
        env.number("HEARTH_CLOCK_SECONDS", 15, at_least=1)
    monkeypatch.setenv("DATABASE_URL", "mysql://x/y")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("DATABASE_URL", sqlite_path=None)


def test_postgres_address_becomes_settings_with_a_pool(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://he%40rth:p%3Aw@db:5433/portal?sslmode=require")
    found = env.database("DATABASE_URL", sqlite_path=None)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == ("he@rth", "p:w", "db", "5433", "portal")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["pool"]["max_size"] >= 2


def test_contrast_is_that_of_the_standard():
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#0B6E69") == pytest.approx(6.1, abs=0.05)
    assert contrast_on_white("#FFB000") < 4.5
    assert contrast_on_white("teal") == 0
