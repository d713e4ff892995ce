"""Going through a diagnosis with a test client."""

from django.urls import reverse

from diagnosis.models import DiagnosisRun


def begin(client, page, **about):
    answer = client.post(reverse("diagnosis:start", args=[page.slug]), about)
    assert answer.status_code == 302
    return DiagnosisRun.objects.latest("pk")


def at(run, node):
    return reverse("diagnosis:step", args=[run.key, node])


def say(client, run, *answers):
    for node, key in answers:
        answer = client.post(at(run, node), {"answer": key})
        assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer["Location"]


def body(answer):
    return answer.content.decode()


def own_unit(user, model):
    from accounts.models import Contact
    from tests.factories.warranty import UnitFactory

    contact = Contact.objects.filter(user=user).first() or Contact.objects.create(user=user, name="林", email=user.email or "")
    return UnitFactory(model=model, owner=contact)
