"""Staff see what the background gave up on and can try it again; nobody else gets there."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from core import tasks
from core.models import HistoryEntry, TaskAttempt

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    user = User.objects.create_user(email="ops@heyan.example", is_staff=True, is_superuser=True)
    return user


@pytest.fixture
def given_up():
    attempt = tasks.enqueue("nowhere.at_all", max_tries=1, page_id=4)
    attempt.state = TaskAttempt.State.DEAD
    attempt.last_error = "ModuleNotFoundError: nowhere"
    attempt.save()
    return attempt


def test_operator_sees_the_error_and_tries_again(client, operator, given_up):
    client.force_login(operator)
    assert b"nowhere.at_all" in client.get(reverse("background_tasks:index")).content
    details = client.get(reverse("background_tasks:inspect", args=[given_up.pk]))
    assert b"ModuleNotFoundError" in details.content
    assert reverse("background_tasks:retry", args=[given_up.pk]).encode() in details.content
    client.post(reverse("background_tasks:retry", args=[given_up.pk]))
    given_up.refresh_from_db()
    assert (given_up.state, given_up.tries) == (TaskAttempt.State.WAITING, 0)
    assert HistoryEntry.objects.get(verb="retried").actor == operator


def test_task_that_was_not_given_up_is_left_alone(client, operator):
    attempt = tasks.enqueue("nowhere.at_all")
    client.force_login(operator)
    client.post(reverse("background_tasks:retry", args=[attempt.pk]))
    assert not HistoryEntry.objects.exists()


def test_tasks_cannot_be_written_by_hand(client, operator, given_up):
    client.force_login(operator)
    assert client.get(reverse("background_tasks:add")).status_code in {302, 403}
    client.post(reverse("background_tasks:delete", args=[given_up.pk]))
    assert TaskAttempt.objects.filter(pk=given_up.pk).exists()


def test_editor_and_visitor_get_nothing(client, given_up):
    for user in (None, User.objects.create_user(email="editor@heyan.example", is_staff=True)):
        if user:
            user.user_permissions.add(Permission.objects.get(codename="access_admin"))
            client.force_login(user)
        for name in ("background_tasks:inspect", "background_tasks:retry"):
            answer = client.post(reverse(name, args=[given_up.pk]))
            assert answer.status_code in {302, 403, 405}
            assert b"ModuleNotFoundError" not in answer.content
    given_up.refresh_from_db()
    assert given_up.state == TaskAttempt.State.DEAD
