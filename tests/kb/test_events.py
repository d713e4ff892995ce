"""What is published, taken down, moved or deleted is told to the house in the same transaction."""

import pytest
from django.db import transaction
from wagtail.models import Page

from core.models import TaskAttempt
from tests.factories.kb import AnnouncementFactory, make_guide, page_tree
from tests.factories.kb import body as guide_body

pytestmark = pytest.mark.django_db
INDEX, REMOVE, ANNOUNCE = "search.tasks.index_guide", "search.tasks.remove_guide", "search.tasks.index_announcement"


def told(path):
    return [row.kwargs for row in TaskAttempt.objects.filter(path=path).order_by("pk")]


def clear():
    TaskAttempt.objects.all().delete()


def test_publishing_a_guide_is_told_with_its_ids():
    guide = make_guide()
    assert told(INDEX) == [{"page_id": guide.pk, "translation_key": str(guide.translation_key), "language": "zh-hans"}]


def test_saving_a_draft_is_nobody_s_business():
    guide = make_guide(live=False)
    guide.save_revision()
    assert told(INDEX) == []


def test_unpublishing_and_deleting_are_told():
    guide, other = make_guide(), make_guide()
    clear()
    guide.unpublish()
    other_id = other.pk
    other.delete()
    assert [row["page_id"] for row in told(REMOVE)] == [guide.pk, other_id]


def test_deleting_a_draft_is_nobody_s_business():
    guide = make_guide(live=False)
    clear()
    guide.delete()
    assert told(REMOVE) == []


def test_moving_tells_every_guide_with_a_new_address():
    guide = make_guide()
    index = page_tree()["zh-hans"]
    clear()
    index.slug = "answers"
    Page.objects.get(pk=index.pk)
    target = page_tree()["en"]
    Page.objects.get(pk=guide.pk).move(Page.objects.get(pk=target.pk), pos="last-child")
    assert [row["page_id"] for row in told(INDEX)] == [guide.pk]


def test_a_rolled_back_publication_tells_nothing():
    guide = make_guide(live=False)
    clear()

    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        guide.save_revision().publish()
        raise Stop
    assert told(INDEX) == []


def test_publishing_an_announcement_is_told():
    row = AnnouncementFactory(live=False)
    row.save_revision().publish()
    assert told(ANNOUNCE) == [{"announcement_id": row.pk}]


def test_a_changed_safety_note_reaches_the_guides_that_show_it():
    from wagtail.models import Locale

    from kb.models import SafetyNote

    note = SafetyNote.objects.create(title="先断电", text="<p>旧</p>", locale=Locale.objects.get_or_create(language_code="zh-hans")[0])
    showing = make_guide(body=[*guide_body(), {"type": "safety", "value": {"note": note.pk}}])
    make_guide()
    clear()
    note.text = "<p>新</p>"
    note.save_revision().publish()
    assert [row["page_id"] for row in told(INDEX)] == [showing.pk]
