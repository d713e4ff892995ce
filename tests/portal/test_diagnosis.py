"""Guided diagnosis in the browser's hands: one question a page, answers changed and carried along, nothing asked twice."""

import re
from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from diagnosis.models import DiagnosisRun
from diagnosis.queries import code_diagnosis
from diagnosis.tree import UNSURE
from kb.models import HelpSession
from search.answers import Hit, SearchAnswer
from search.presenting import code_cards
from tests.factories.diagnosis import PHONE, make_diagnosis
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory
from tests.portal.diagnosing import at, begin, body, own_unit, say
from tickets.defaults import load_defaults

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 9, 14, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def chinese():
    cache.clear()
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def model():
    load_defaults()
    return ModelFactory(family=FamilyFactory(name_zh_hans="洗衣机", name_en="Washing machines"))


@pytest.fixture
def page(model):
    return make_diagnosis(families=[model.family], safety="<p>先拔掉插头。</p>", minutes=5, slug="no-drain")


# The list and the beginning


def test_the_list_shows_what_there_is_by_product(client, page, django_assert_max_num_queries):
    other = make_diagnosis(title="冰箱不制冷", families=[FamilyFactory(slug="fridges", name_zh_hans="冰箱")])
    make_diagnosis(title="草稿", live=False)
    seen = body(client.get(reverse("diagnosis:list")))
    assert page.title in seen and other.title in seen and "草稿" not in seen
    assert seen.index("洗衣机</h2>") < seen.index(page.title)
    narrowed = body(client.get(reverse("diagnosis:list"), {"family": other.families.first().slug}))
    assert other.title in narrowed and page.title not in narrowed


def test_the_list_costs_the_same_for_one_and_three(client, page, model, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for extra in (0, 2):
        for _time in range(extra):
            make_diagnosis(families=[model.family])
        client.get(reverse("diagnosis:list"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("diagnosis:list"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_start_says_what_to_mind_before_the_first_question(client, page, model):
    seen = body(client.get(reverse("diagnosis:start", args=[page.slug]), {"model": model.slug}))
    assert page.title in seen and "先拔掉插头" in seen and "小心" in seen and model.number in seen
    assert seen.index("先拔掉插头") < seen.index('<form class="stack stack-l"')
    assert f'name="product" value="{model.slug}"' in seen
    assert 'content="noindex"' not in seen  # the start may be found by search engines
    assert client.get(reverse("diagnosis:start", args=["nothing-here"])).status_code == 404


def test_a_member_chooses_one_of_their_machines(client, page, model, customer):
    from tests.factories.warranty import UnitFactory

    unit = own_unit(customer, model)
    foreign = UnitFactory(model=model)
    client.force_login(customer)
    seen = body(client.get(reverse("diagnosis:start", args=[page.slug])))
    assert f'value="{unit.code}"' in seen and foreign.code not in seen
    run = begin(client, page, unit=unit.code)
    assert run.unit == unit and run.model == model and run.user == customer
    assert begin(client, page, unit=foreign.code).unit is None


def test_beginning_is_limited(client, page, monkeypatch):
    monkeypatch.setattr("portal.views.diagnosis.START_RATE", "2/h")
    for _time in range(2):
        assert client.post(reverse("diagnosis:start", args=[page.slug])).status_code == 302
    refused = client.post(reverse("diagnosis:start", args=[page.slug]))
    assert refused.status_code == 429 and page.title in body(refused)
    assert DiagnosisRun.objects.count() == 1  # pressing twice was one


# Questions


def test_every_question_has_an_address_and_leads_on(client, page):
    run = begin(client, page)
    assert client.get(reverse("diagnosis:run", args=[run.key]))["Location"] == at(run, "leak")
    seen = client.get(at(run, "leak"))
    assert seen["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in seen["Cache-Control"]
    assert "机器旁边的地上有水吗" in body(seen) and "第 1 题，最多还有 2 题" in body(seen) and 'value="unsure"' in body(seen)
    assert say(client, run, ("leak", "dry")) == at(run, "hum")
    assert "第 2 题，最多还有 1 题" in body(client.get(at(run, "hum")))
    assert say(client, run, ("hum", UNSURE), ("hose", "bent")) == at(run, "filter")
    assert client.get(reverse("diagnosis:run", args=[run.key]))["Location"] == at(run, "filter")


def test_an_earlier_question_shows_its_answer_and_can_be_changed(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"), ("hum", "yes"))
    seen = body(client.get(at(run, "leak")))
    assert re.search(r'value="dry" checked', seen) and "换一个回答" in seen
    answer = client.post(at(run, "leak"), {"answer": UNSURE}, follow=True)
    assert answer.redirect_chain[-1][0] == at(run, "hose") and "已改" in body(answer)
    assert body(client.get(at(run, "hose"))).count("改<span") == 2


def test_a_question_without_an_answer_and_an_unknown_one_stay_where_they_are(client, page):
    run = begin(client, page)
    for given in ({}, {"answer": ""}, {"answer": "maybe"}, {"answer": "x" * 10_000}, {"answer": "d\x00"}):
        answer = client.post(at(run, "leak"), given)
        assert answer.status_code == 422 and "<title>错误：" in body(answer) and 'href="#answers_group"' in body(answer)
    assert not run.steps.exists()


def test_answering_without_end_is_limited(client, page, monkeypatch):
    monkeypatch.setattr("portal.views.diagnosis_run.ANSWER_RATE", "1/h")
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    assert client.post(at(run, "hum"), {"answer": "yes"}).status_code == 429
    assert run.steps.count() == 1


def test_a_stale_form_is_sent_to_where_the_run_stands(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"), ("hum", "no"))  # another window has changed the way: the hose is not asked any more
    answer = client.post(at(run, "hose"), {"answer": "bent"}, follow=True)
    assert answer.redirect_chain[-1][0] == at(run, "pump") and "另一个窗口" in body(answer)
    assert run.steps.count() == 2
    assert client.get(at(run, "no-such-node"))["Location"] == at(run, "pump")


def test_sending_twice_is_one_answer(client, page):
    run = begin(client, page)
    assert say(client, run, ("leak", "dry")) == say(client, run, ("leak", "dry")) == at(run, "hum")
    assert run.steps.count() == 1


def test_the_language_can_be_switched_on_the_way(client, page):
    make_diagnosis(language="en", translation_of=page)
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    seen = client.get(at(run, "hum"))
    assert f'href="/en/diagnose/run/{run.key}/hum/"' in body(seen)
    english = client.get(f"/en/diagnose/run/{run.key}/hum/")
    assert "Can you hear the pump hum" in body(english) and "Is there water on the floor" in body(english)
    with translation.override("en"):
        assert client.post(at(run, "hum"), {"answer": "yes"})["Location"].startswith("/en/")


def test_without_a_translation_the_questions_keep_their_language_and_say_so(client, page):
    run = begin(client, page)
    seen = body(client.get(f"/en/diagnose/run/{run.key}/leak/"))
    assert "not translated yet" in seen and 'lang="zh-Hans"' in seen and "机器旁边的地上有水吗" in seen


def test_a_diagnosis_that_was_taken_back_stops_kindly(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    page.unpublish()
    for method in (client.get, client.post):
        answer = method(at(run, "hum"), {"answer": "yes"})
        assert answer.status_code == 410 and "已经停用" in body(answer) and f"?run={run.key}" in body(answer)
        assert at(run, "leak") not in body(answer)  # nothing is offered that leads back here
    assert run.steps.count() == 1
    assert client.post(reverse("diagnosis:start", args=[page.slug])).status_code == 404


# Elsewhere


def test_the_link_opens_it_in_another_browser_and_a_wrong_one_opens_nothing(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    other = Client()
    assert "改<span" in body(other.get(at(run, "hum")))
    assert other.post(at(run, "hum"), {"answer": "yes"}).status_code == 302
    for name, args in (("run", [run.key + "x"]), ("step", ["wrong", "leak"]), ("step", [run.code, "leak"])):
        assert other.get(reverse(f"diagnosis:{name}", args=args)).status_code == 404
    for name in ("solved", "onward"):
        assert other.post(reverse(f"diagnosis:{name}", args=["wrong", "leak"])).status_code == 404


def test_the_code_goes_on_with_it_and_guessing_is_limited(client, page, monkeypatch):
    run = begin(client, page)
    assert f"{run.code[:3]} {run.code[3:]}" in body(client.get(at(run, "leak")))
    other = Client()
    assert other.get(reverse("diagnosis:code")).status_code == 200
    answer = other.post(reverse("diagnosis:code"), {"code": f"{run.code[:3].lower()} {run.code[3:]}"})
    assert answer["Location"] == reverse("diagnosis:run", args=[run.key])
    wrong = other.post(reverse("diagnosis:code"), {"code": "AAAAAA"})
    assert wrong.status_code == 422 and "没有这个代码" in body(wrong)
    monkeypatch.setattr("portal.views.diagnosis.CODE_RATE", "1/h")
    cache.clear()
    other.post(reverse("diagnosis:code"), {"code": "AAAAAA"})
    assert other.post(reverse("diagnosis:code"), {"code": run.code}).status_code == 429


def test_nothing_personal_stands_on_a_run(client, page, model, customer):
    unit = own_unit(customer, model)
    client.force_login(customer)
    run = begin(client, page, unit=unit.code)
    seen = body(Client().get(at(run, "leak")))
    for secret in (unit.serial, unit.code, customer.name, customer.email):
        assert not secret or secret not in seen
    assert model.number in seen


# Outcomes


def test_danger_stops_with_words_and_a_number_and_asks_nothing_more(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "wet"))
    seen = body(client.get(at(run, "water")))
    assert "危险：" in seen and f"tel:{PHONE}" in seen.replace("-", "").replace(f"tel:{PHONE.replace('-', '')}", f"tel:{PHONE}")
    assert "不要碰机器" in seen and "您选了“有，流到插座附近”" in seen
    assert "<title>危险：" in seen and 'name="answer"' not in seen and 'name="solved"' not in seen
    assert reverse("portal:repair_new") + f"?run={run.key}" in seen and reverse("portal:get_help") + f"?run={run.key}" in seen
    assert at(run, "leak") in seen  # chosen by mistake


def test_solved_by_the_guide_is_asked_and_kept(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    seen = body(client.get(at(run, "filter")))
    assert "能自己解决" in seen and "解决了吗" in seen and "/guides/" in seen
    answer = client.post(reverse("diagnosis:solved", args=[run.key, "filter"]), {"solved": "yes"}, follow=True)
    assert "记下了" in body(answer) and 'name="solved"' not in body(answer)
    assert HelpSession.objects.get().outcome == HelpSession.Outcome.SOLVED
    assert client.post(at(run, "hum"), {"answer": "no"}, follow=True).redirect_chain[-1][0] == at(run, "filter")


def test_solved_of_a_node_one_does_not_stand_at_changes_nothing(client, page):
    run = begin(client, page)
    for node, word in (("filter", "yes"), ("leak", "yes"), ("leak", "perhaps")):
        assert client.post(reverse("diagnosis:solved", args=[run.key, node]), {"solved": word})["Location"].endswith(f"{run.key}/")
    run.refresh_from_db()
    assert run.solved is None


def test_a_part_is_named_with_its_number(client, page):
    run = begin(client, page)
    say(client, run, ("leak", "dry"), ("hum", "no"))
    seen = body(client.get(at(run, "pump")))
    assert "DP-P9" in seen and "排水泵" in seen


def test_the_outcome_s_answers_come_from_the_panel_s_function(client, page, monkeypatch):
    from types import SimpleNamespace

    asked = []
    hit = SimpleNamespace(key="guide:x", title="换排水泵", url="/zh-hans/guides/x/", kind="guide", lang="zh-Hans")

    def suggest(question, **kwargs):
        asked.append((question, kwargs))
        return [hit]

    monkeypatch.setattr("search.queries.suggest_for_panel", suggest)
    run = begin(client, page)
    say(client, run, ("leak", "dry"), ("hum", "no"))
    assert "换排水泵" in body(client.get(at(run, "pump"))) and asked[0][0] == page.title
    events = HelpSession.objects.get().events
    assert events.filter(kind="shown", document_key="guide:x").exists()
    assert not events.filter(kind="query").exists()  # the symptom is ours, nobody searched for it


def solved_by(guide, model):
    return make_diagnosis(families=[model.family], slug="filter", guide=guide)


def test_the_guide_that_solves_it_stands_on_the_outcome_with_its_steps(client, model):
    guide = make_guide(title="清理排水泵过滤器", families=[model.family])
    run = begin(client, solved_by(guide, model), product=model.slug)
    say(client, run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    seen = body(client.get(at(run, "filter")))
    assert "两步清理" in seen and guide.url in seen
    assert f'data-key="guide:{guide.translation_key}"' in seen, "reading it counts like reading the guide"
    client.post(reverse("kb:reading"), {"key": f"guide:{guide.translation_key}", "seconds": 40, "step": 1, "reached": "两步清理"})
    client.post(reverse("diagnosis:solved", args=[run.key, "filter"]), {"solved": "yes"})
    session = HelpSession.objects.get()
    assert (session.outcome, session.solved_by_key) == ("solved", f"guide:{guide.translation_key}")
    assert session.events.get(kind="read").step == 1 and session.events.filter(kind="opened").count() == 1


def test_a_guide_taken_down_is_no_longer_on_the_outcome(client, model):
    guide = make_guide(title="清理排水泵过滤器", families=[model.family])
    run = begin(client, solved_by(guide, model))
    say(client, run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    guide.unpublish()
    seen = body(client.get(at(run, "filter")))
    assert "两步清理" not in seen and "hearth-reading" not in seen


# Doors


def test_one_s_own_machine_opens_its_diagnoses_with_the_machine(client, page, model, customer):
    unit = own_unit(customer, model)
    client.force_login(customer)
    seen = body(client.get(reverse("portal:unit", args=[unit.code])))
    assert f"{page.url}?unit={unit.code}" in seen


@pytest.mark.parametrize("danger", [False, True])
def test_the_card_of_a_code_starts_its_diagnosis_and_a_dangerous_one_does_not(client, model, danger):
    code = CodeFactory(family=model.family, code="E2", severity="danger" if danger else "careful")
    page = make_diagnosis(families=[model.family], codes=[code], slug="e2")
    key = f"code:{model.family.slug}:E2"
    hit = Hit(key=key, document_key=f"{key}:zh-hans", kind="code", title="E2", url="/x/", language="zh-hans", score=0.9, code="E2")
    with mock.patch("search.queries.suggest_for_panel", return_value=[hit]):
        panel = body(client.get(reverse("portal:help_suggestions"), {"subject": "E2", "product": model.slug}))
    assert (f"{page.url}?model={model.slug}" in panel) is not danger
    (card,) = code_cards(SearchAnswer(query="E2", codes=[hit], direct_code=hit), "")
    assert (card["diagnosis_url"] == f"{page.url}?family={model.family.slug}") is not danger
    assert code_diagnosis("guide:1") == code_diagnosis("code:nothing:E2") == code_diagnosis("") == ""
