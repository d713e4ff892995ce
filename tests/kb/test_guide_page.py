"""A guide on the public site: everything a reader needs, quickly, in the reader's language."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kb.models import GuidePage
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(db):
    return FamilyFactory()


@pytest.fixture
def guide(family):
    model = ModelFactory(family=family, number="WF10-320")
    code = CodeFactory(family=family, code="E2")
    return make_guide(slug="washer-not-draining", families=[family], models=[model], codes=[code], minutes=15, difficulty="easy")


def test_a_published_guide_has_all_its_parts(client, guide):
    page = client.get("/zh-hans/guides/washer-not-draining/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "滚筒洗衣机不排水" in html
    assert "WF10-320" in html and "E2" in html
    assert "毛巾" in html and "DP-F2" in html
    assert "会影响保修吗" in html
    assert 'id="steps"' in html and 'href="#steps"' in html
    assert "hearth-share" in html and "hearth-steps" in html and "hearth-reading" in html
    assert 'id="vote"' in html


def test_warnings_stand_before_the_first_step_wherever_they_were_written(client, guide):
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert html.index("先断电，再碰水") < html.index('class="steps"')


def test_cautions_stay_where_the_author_put_them(client, family):
    from tests.factories.kb import body

    more = [{"type": "warning", "value": {"level": "caution", "title": "以后每两个月清一次", "text": "<p>掏空口袋。</p>"}}]
    make_guide(slug="caution", families=[family], body=body(more=more))
    html = client.get("/zh-hans/guides/caution/").content.decode()
    assert html.index("以后每两个月清一次") > html.index('class="steps"')


def test_every_level_of_warning_says_its_word(client, family):
    from tests.factories.kb import body

    more = [
        {"type": "warning", "value": {"level": level, "title": f"题 {level}", "text": "<p>…</p>"}}
        for level in ("danger", "warning", "caution")
    ]
    make_guide(slug="levels", families=[family], body=body(more=more))
    html = client.get("/zh-hans/guides/levels/").content.decode()
    for kind in ("danger", "warning", "note"):
        assert f'data-kind="{kind}"' in html


def test_the_language_switch_and_hreflang_lead_to_the_translation(client, guide):
    make_guide(language="en", slug="washer-not-draining", title="Washing machine does not drain", translation_of=guide)
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert 'hreflang="en"' in html and "/en/guides/washer-not-draining/" in html
    english = client.get("/en/guides/washer-not-draining/")
    assert english.status_code == 200
    assert "Washing machine does not drain" in english.content.decode()
    assert "Applies to" not in english.content.decode() or 'lang="en"' in english.content.decode()


def test_without_a_translation_the_switch_leads_to_the_list_and_no_hreflang_is_claimed(client, guide):
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert "/en/guides/washer-not-draining/" not in html
    assert 'href="/en/guides/"' in html


def test_related_guides_share_code_model_or_family(client, guide, family):
    make_guide(slug="hose-height", title="排水管该装多高", families=[family])
    make_guide(slug="fridge", title="冰箱不制冷", families=[FamilyFactory(slug="refrigerators", name_zh_hans="冰箱")])
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert "排水管该装多高" in html
    assert "冰箱不制冷" not in html


def test_structured_data_carries_the_nonce_and_no_script_can_break_out(client, family):
    make_guide(slug="breaker", title="</script><script>alert(1)</script>", families=[family])
    page = client.get("/zh-hans/guides/breaker/")
    html = page.content.decode()
    assert "<script>alert(1)" not in html
    assert "TechArticle" in html and "BreadcrumbList" in html
    assert 'type="application/ld+json" nonce="' in html
    assert "FAQPage" not in html


def test_only_a_page_of_questions_is_marked_up_as_one(client, family):
    make_guide(slug="faq", title="常见疑问", kind=GuidePage.Kind.FAQ, families=[family])
    assert "FAQPage" in client.get("/zh-hans/guides/faq/").content.decode()


def test_a_major_change_of_the_source_is_told_to_readers_of_the_translation_and_a_minor_one_is_not(client, guide):
    english = make_guide(language="en", slug="washer-not-draining", title="Does not drain", translation_of=guide)
    for level, told in (("minor", False), ("major", True)):
        GuidePage.objects.filter(pk=english.pk).update(source_changed_at=guide.last_published_at, source_change=level)
        from kb.caching import forget

        forget()
        html = client.get("/en/guides/washer-not-draining/").content.decode()
        assert ("has changed since this was translated" in html) is told


def test_a_draft_is_not_shown(client, family):
    make_guide(slug="draft", families=[family], live=False)
    assert client.get("/zh-hans/guides/draft/").status_code == 404


def test_a_warm_guide_asks_the_database_no_more_for_more_steps(client, family):
    from tests.factories.kb import STEPS, body

    make_guide(slug="short", families=[family], body=body(steps=STEPS[:1]))
    make_guide(slug="long", families=[family], body=body(steps=STEPS * 5))
    counts = []
    for slug in ("short", "long"):
        client.get(f"/zh-hans/guides/{slug}/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"/zh-hans/guides/{slug}/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= 12, [query["sql"][:120] for query in captured.captured_queries]


def test_a_cold_guide_costs_the_same_for_one_picture_and_for_three(client, family):
    from wagtail.images.tests.utils import get_test_image_file

    from core.models import HearthImage
    from tests.factories.kb import STEPS, body

    images = [HearthImage.objects.create(title=f"图 {n}", file=get_test_image_file(filename=f"step{n}.png")) for n in range(3)]
    counts = []
    for n in (1, 3):
        steps = [{**STEPS[0], "image": image.pk} for image in images[:n]]
        make_guide(slug=f"pictures-{n}", families=[family], body=body(steps=steps))
        url = f"/zh-hans/guides/pictures-{n}/"
        html = client.get(url).content.decode()
        assert html.count('class="art"') == n
        from kb.caching import forget

        forget()
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_publishing_again_shows_the_new_text_at_once(client, guide):
    client.get("/zh-hans/guides/washer-not-draining/")
    guide.summary = "全新的摘要"
    guide.body = [{"type": "paragraph", "value": {"title": "新的一段", "text": "<p>新的正文</p>"}}]
    guide.save_revision().publish()
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert "全新的摘要" in html and "新的正文" in html


def test_the_way_to_a_person_carries_the_product(client, guide):
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert "/zh-hans/help/?product=wf10-320&amp;from=guide" in html
