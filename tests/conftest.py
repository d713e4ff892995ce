"""The cast: the people every story of the suite is about, and what each test starts from."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

pytest_plugins = ["tests.plugins.modes", "tests.plugins.database"]


@pytest.fixture(autouse=True)
def fresh_surroundings() -> Iterator[None]:
    """Every test starts with empty counters, an empty SMS outbox and Chinese as the language."""
    from core import sms

    cache.clear()
    sms.outbox.clear()
    translation.activate("zh-hans")
    yield
    translation.activate("zh-hans")


@pytest.fixture
def roles(db) -> dict[str, Any]:
    """The shipped roles, by key."""
    from accounts.defaults import load_defaults
    from accounts.models import Role

    load_defaults()
    return {role.key: role for role in Role.objects.select_related("group")}


@pytest.fixture
def customer(db):
    """Lin Xiaoyun, a member with a verified phone."""
    from tests.factories.accounts import MemberFactory

    return MemberFactory(name="林晓云", phone="+8613800138000", email="")


@pytest.fixture
def other_customer(db):
    """Tom Becker, a member with a verified e-mail who reads English."""
    from tests.factories.accounts import MemberFactory

    return MemberFactory(name="Tom Becker", phone=None, email="tom@example.com", language="en")


@pytest.fixture
def agent(roles):
    """Zhao Min, first line."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="赵敏", email="zhao@heyan.example", role="agent")


@pytest.fixture
def second_agent(roles):
    """Sun Li, first line too."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="孙丽", email="sun@heyan.example", role="agent")


@pytest.fixture
def second_line(roles):
    """Qian Jun, the specialist behind the first line."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="钱军", email="qian@heyan.example", role="second_line")


@pytest.fixture
def supervisor(roles):
    """Wu Fang, who leads the desk."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="吴芳", email="wu@heyan.example", role="supervisor")


@pytest.fixture
def editor(roles):
    """Chen Yu, who writes the guides."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="陈宇", email="chen@heyan.example", role="editor")


@pytest.fixture
def reviewer(roles):
    """Emma Clark, who reviews them and reads English."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="Emma Clark", email="emma@heyan.example", role="reviewer", language="en")


@pytest.fixture
def safety_reviewer(roles):
    """Luo Wei, who reads every warning before it goes out."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="罗薇", email="luo@heyan.example", role="safety_reviewer")


@pytest.fixture
def admin(roles):
    """He Jing, the administrator."""
    from tests.factories.accounts import StaffFactory

    return StaffFactory(name="何静", email="he@heyan.example", role="administrator")


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """Give a client signed in as somebody: `signed_in(agent)`."""

    def sign_in(user: Any, **kwargs: Any) -> Client:
        client = Client(**kwargs)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def run_tasks() -> Callable[..., int]:
    """Do the background work that is due: `run_tasks()`; `run_tasks(forgive=True)` goes on after failures."""
    from tests.background import make_search_index, run_waiting_tasks

    make_search_index()
    return run_waiting_tasks
