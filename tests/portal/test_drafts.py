"""A solved request or chat becomes the draft of a guide: what helped, in the editors' hands, without the people."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from chat.actions import end_conversation
from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import accept_upload, attach_uploads, attachments_of
from core.history import history_of
from kb.links import texts_in
from kb.models import GuidePage, GuideSource
from kb.proposals import make_draft, propose, without_manners
from kb.worklists import Filters
from portal import solutions
from tests.factories.accounts import ContactFactory
from tests.factories.chat import say, start_chat, taken_by
from tests.factories.kb import make_guide, page_tree
from tests.factories.products import CodeFactory, ModelFactory, ProblemFactory
from tests.factories.tickets import open_ticket
from tickets.actions import reply_to_customer, resolve

pytestmark = pytest.mark.django_db
SECRETS = ("林晓云", "13800138000", "文三路", "88231", "赵敏", "T-")
ANSWER = "林晓云您好，请这样做：\n1. 关机，拔掉插头。\n2. 逆时针拧下过滤器，清掉硬币。\n有问题打我手机 13912345678，赵敏\n祝您生活愉快！"


@pytest.fixture
def tree(roles):
    return page_tree()


@pytest.fixture
def model(tree):
    found = ModelFactory(number="WF10-320", slug="wf10-320")
    CodeFactory(family=found.family, code="E2")
    return found


@pytest.fixture
def solved(model, agent):
    ticket = open_ticket(
        contact=ContactFactory(name="林晓云", phone="+8613800138000"),
        subject="WF10-320 显示 E2，林晓云",
        description="脱水前停住，显示 E2。我住杭州市西湖区文三路 478 号，电话 138 0013 8000，序列号 HY25-0412-88231。",
        model=model,
        family=model.family,
        serial_text="HY25-0412-88231",
    )
    reply_to_customer(ticket, by=agent, body=ANSWER)
    resolve(ticket, by=agent, summary="清理过滤器后排水正常。")
    ticket.refresh_from_db()
    return ticket


def words_of(page):
    return " ".join([page.title, page.summary, page.keywords, *texts_in(list(page.body.raw_data))])


def test_a_solved_request_gives_question_symptom_and_solution_without_its_people(solved, agent):
    proposal = propose(solutions.case_of_ticket(solved))
    everything = " ".join([proposal.title, *proposal.parts.values()])
    assert [secret for secret in SECRETS if secret in everything] == []
    assert "WF10-320 显示 E2" in proposal.title and "脱水前停住，显示 E2" in proposal.parts["symptom"]
    assert "逆时针拧下过滤器" in proposal.parts["solution"] and "生活愉快" not in proposal.parts["solution"]
    assert [code.code for code in proposal.codes] == ["E2"]


def test_the_draft_is_prefilled_linked_and_not_public(solved, agent, client, django_capture_on_commit_callbacks):
    client.force_login(agent)
    address = reverse("desk_drafts:of_ticket", args=[solved.reference])
    assert address in client.get(reverse("tickets:detail", args=[solved.reference])).content.decode()
    shown = client.get(address)
    data = {**shown.context["form"].initial, "cause": "过滤器里有硬币，是林晓云家的。"}
    assert client.post(address, data).status_code == 302
    page = GuidePage.objects.get()
    assert [secret for secret in SECRETS if secret in words_of(page)] == []
    assert "过滤器里有硬币" in words_of(page) and not page.live and page.owner == agent
    assert list(page.product_models.all()) == [solved.model] and [code.code for code in page.error_codes.all()] == ["E2"]
    steps = next(block for block in page.body if block.block_type == "steps")
    assert [str(step["title"]) for step in steps.value["steps"]] == ["关机，拔掉插头", "逆时针拧下过滤器，清掉硬币"]
    source = page.sources.get()
    assert (source.kind, source.reference, source.created_by) == ("ticket", solved.reference, agent)
    assert [entry.verb for entry in history_of(page)] == ["proposed"]
    assert client.get(f"/zh-hans/guides/{page.slug}/").status_code == 404
    again = client.post(address, data)
    assert again.status_code == 409 and GuidePage.objects.count() == 1


def test_the_editor_sees_where_it_came_from_and_the_reader_does_not(solved, agent, editor, client):
    case = solutions.case_of_ticket(solved)
    page = make_draft(case, by=agent, title="E2 不排水", texts={"solution": "清理过滤器。"})
    assert [row.page_id for row in solutions.proposed_rows(Filters())] == [page.pk]
    client.force_login(editor)
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert solved.reference in html and reverse("tickets:detail", args=[solved.reference]) not in html  # an editor has no desk
    page.save_revision().publish()
    client.logout()
    assert solved.reference not in client.get(f"/zh-hans/guides/{page.slug}/").content.decode()
    assert solutions.proposed_rows(Filters()) == []


def test_an_ended_chat_becomes_a_draft_too(model, agent, client):
    chat = taken_by(start_chat(question="冰箱不制冷，我姓周", family=model.family), agent)
    say(chat, "我叫周志远，电话 13912345678")
    say(chat, "您好，把温度调到 4 ℃，等 24 小时。", sender="agent", by=agent)
    client.force_login(agent)
    address = reverse("desk_drafts:of_chat", args=[chat.reference])
    assert (
        "solution" not in client.get(address).content.decode() or client.post(address, {"title": "x", "solution": "y"}).status_code == 409
    )
    end_conversation(chat, party="agent", by=agent, solved="yes")
    assert address in client.get(reverse("chatdesk:chat", args=[chat.reference])).content.decode()
    data = client.get(address).context["form"].initial
    assert "周志远" not in str(data) and "13912345678" not in str(data) and "温度调到 4 ℃" in data["solution"]
    assert client.post(address, data).status_code == 302
    assert GuideSource.objects.get().kind == "chat" and GuidePage.objects.get().families.get() == model.family


def test_refusals_leave_nothing_behind(solved, agent, customer, model):
    case = solutions.case_of_ticket(solved)
    for given, error in (
        ({"by": customer, "title": "x", "texts": {"solution": "y"}}, NotAllowed),
        ({"by": agent, "title": " ", "texts": {"solution": "y"}}, InvalidInput),
        ({"by": agent, "title": "x", "texts": {"solution": " "}}, InvalidInput),
    ):
        with pytest.raises(error):
            make_draft(case, **given)
    fresh = open_ticket(model=model, family=model.family)
    with pytest.raises(Conflict):
        make_draft(solutions.case_of_ticket(fresh), by=agent, title="x", texts={"solution": "y"})
    assert not GuidePage.objects.exists() and not GuideSource.objects.exists()


def test_outsiders_cannot_open_the_form(solved, editor, customer, client):
    chat = start_chat()
    for person in (None, customer, editor):
        if person:
            client.force_login(person)
        for address in (
            reverse("desk_drafts:of_ticket", args=[solved.reference]),
            reverse("desk_drafts:of_chat", args=[chat.reference]),
        ):
            assert client.get(address).status_code in {302, 403}
            assert client.post(address, {"title": "x", "solution": "y"}).status_code in {302, 403}
    assert not GuidePage.objects.exists()


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("林女士您好，请先断电。", "请先断电。"),
        ("Hello Tom,\nturn it off.\nBest regards\nThanks!", "turn it off."),
        ("先断电。\n感谢您的来信！", "先断电。"),
        ("很高兴解决了。要是再出现，直接在这里回复，前面的内容都在。", ""),
    ],
)
def test_greetings_and_farewells_are_not_part_of_the_solution(reply, left):
    assert without_manners(reply) == left


def test_what_staff_answer_twice_without_an_article_is_a_topic(model, agent):
    problem, guide = ProblemFactory(), make_guide()
    rows = []
    for number in range(3):
        ticket = open_ticket(subject=f"排水泵不转 {number}", family=model.family, model=model, problem=problem)
        reply_to_customer(ticket, by=agent, body="请清理过滤器。")
        resolve(ticket, by=agent, summary="好了。")
        with CaptureQueriesContext(connection) as captured:
            rows.append((solutions.unwritten_rows(Filters()), len(captured)))
    assert [len(found) for found, _count in rows] == [0, 1, 1] and rows[1][1] == rows[2][1]
    row = rows[2][0][0]
    assert row.count == 3 and row.prefill["family"] == model.family.slug and row.prefill["model"] == "wf10-320"
    other = open_ticket(family=model.family, model=model, problem=problem)
    article = {"key": f"guide:{guide.translation_key}", "title": guide.title, "url": guide.url}
    reply_to_customer(other, by=agent, body="看这篇", articles=[article])
    resolve(other, by=agent, summary="好了。")
    assert solutions.unwritten_rows(Filters())[0].count == 3
    (used,) = solutions.inserted_rows(Filters())
    assert used.page_id == guide.pk and used.count == 1


def test_the_lists_from_the_desk_ask_as_much_for_three_rows_as_for_one(model, agent):
    counts = {"inserted": [], "proposed": []}
    for number in (1, 2, 3):
        guide = make_guide(slug=f"g{number}", families=[model.family])
        article = {"key": f"guide:{guide.translation_key}", "title": guide.title, "url": guide.url}
        ticket = open_ticket(subject=f"不排水 {number}", family=model.family, model=model)
        reply_to_customer(ticket, by=agent, body="看这篇", articles=[article])
        resolve(ticket, by=agent, summary="好了。")
        ticket.refresh_from_db()
        make_draft(solutions.case_of_ticket(ticket), by=agent, title=f"不排水 {number}", texts={"solution": "清理过滤器。"})
        for name, rows in (("inserted", solutions.inserted_rows), ("proposed", solutions.proposed_rows)):
            with CaptureQueriesContext(connection) as captured:
                found = rows(Filters())
            assert len(found) == number
            counts[name].append(len(captured))
    assert {name: one for name, (one, _two, _three) in counts.items()} == {name: three for name, (_one, _two, three) in counts.items()}


def test_two_agents_at_once_make_one_draft(solved, agent, second_agent, monkeypatch):
    case = solutions.case_of_ticket(solved)
    page = make_draft(case, by=agent, title="E2", texts={"solution": "清理过滤器。"})
    real = GuideSource.objects.filter
    looks = iter([SimpleNamespace(exists=lambda: False)])  # the second looked before the first had written
    monkeypatch.setattr(GuideSource.objects, "filter", lambda **given: next(looks, None) or real(**given))
    with pytest.raises(Conflict) as refusal:
        make_draft(case, by=second_agent, title="E2 也是", texts={"solution": "清理。"})
    assert refusal.value.code == "proposed"
    assert list(GuidePage.objects.all()) == [page] and GuideSource.objects.count() == 1


def test_photos_of_the_customer_are_not_carried_into_the_draft(solved, agent):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    photo = accept_upload(SimpleUploadedFile("meter.jpg", buffer.getvalue()), visitor_key="v")
    attach_uploads([photo.reference], subject=solved, by=None, visitor_key="v")
    assert attachments_of(solved).count() == 1
    page = make_draft(solutions.case_of_ticket(solved), by=agent, title="E2", texts={"solution": "1. 关机\n2. 拧下过滤器"})
    assert page.picture is None and photo.reference not in str(list(page.body.raw_data))
    assert all(not step["image"] for block in page.body if block.block_type == "steps" for step in block.value["steps"])


def test_an_editor_without_the_desk_is_not_led_to_it(model, agent, editor, supervisor, client):
    problem = ProblemFactory()
    for number in range(2):
        ticket = open_ticket(subject=f"排水泵不转 {number}", family=model.family, model=model, problem=problem)
        reply_to_customer(ticket, by=agent, body="请清理过滤器。")
        resolve(ticket, by=agent, summary="好了。")
    client.force_login(editor)
    html = client.get(reverse("kb_work_list", args=["no-article"])).content.decode()
    assert "排水泵不转" in html and "/desk/" not in html.split("hearth-work", 1)[1]
