"""`manage.py load_demo`: what a buyer, an agent and an editor find after `make run`, and that loading again changes nothing."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AccountClosing, Address, Contact, DataExport, User, UserSession
from chat.models import Conversation
from core import sms
from core.files import attachments_of
from core.models import BrandSettings, HistoryEntry, OutboundMessage, TaskAttempt
from fieldservice import states
from fieldservice.models import Quote, RepairOrder, ServiceOutlet
from kb.models import Announcement, ArticleVote, GuidePage, HelpSession
from portal.demo.accounts import PASSWORD
from products.models import ErrorCode, ModelAlias, ProblemNode, ProductFamily, ProductModel, Unit
from search.models import PromotedResult, SearchDocument, SearchLog, Synonym
from tickets.models import CannedReply, Escalation, Queue, SLATarget, Ticket, TicketMessage
from warranty.lookup import Found, look_up
from warranty.models import WarrantyExtension, WarrantyRegistration
from warranty.queries import coverages

pytestmark = pytest.mark.django_db
COUNTED = (
    ProductFamily,
    ProductModel,
    ModelAlias,
    ErrorCode,
    ProblemNode,
    GuidePage,
    Announcement,
    User,
    Contact,
    Ticket,
    RepairOrder,
    Quote,
    ServiceOutlet,
    Unit,
    WarrantyRegistration,
    WarrantyExtension,
    TicketMessage,
    Escalation,
    SLATarget,
    HistoryEntry,
    HelpSession,
    ArticleVote,
    SearchLog,
    PromotedResult,
    Synonym,
    CannedReply,
    Address,
    UserSession,
    DataExport,
    AccountClosing,
)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once for this file and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_repairs_are_there_in_every_state_with_their_quotes_and_outlets():
    found = set(RepairOrder.objects.values_list("state", flat=True))
    assert found == set(states.STATES) and RepairOrder.objects.count() >= 60
    assert RepairOrder.objects.filter(language="en").exists() and Quote.objects.filter(answer="approved").exists()
    assert ServiceOutlet.objects.count() >= 10 and not ServiceOutlet.objects.filter(area_en="").exists()
    assert not RepairOrder.objects.filter(created_at__gt=timezone.now()).exists()
    oldest = RepairOrder.objects.order_by("created_at").first()
    assert timezone.now() - oldest.created_at > timedelta(days=60)


def test_chats_are_there_with_every_ending():
    chats = Conversation.objects.all()
    assert chats.count() >= 20 and set(chats.values_list("language", flat=True)) == {"zh-hans", "en"}
    assert {row.rating is None for row in chats} == {True, False} and set(chats.values_list("solved", flat=True)) >= {"yes", "no"}
    assert chats.filter(ticket__isnull=False).exists() and not chats.exclude(status=Conversation.Status.ENDED).exists()
    assert all(row.messages.filter(sender="visitor").exists() for row in chats)


def test_machines_are_there_in_every_condition_with_receipts_and_numbers_free_to_register():
    owned = list(Unit.objects.filter(owner__isnull=False).select_related("model"))
    assert len(owned) >= 40
    shown = coverages(owned)
    assert {found.whole.state for found in shown.values()} >= {"covered", "soon", "ended"}
    assert not [reason for found in shown.values() for reason in found.whole.reasons if reason.code == "ambiguous"]
    states_found = set(WarrantyRegistration.objects.values_list("state", flat=True))
    assert states_found >= {"submitted", "approved", "returned"}
    assert WarrantyRegistration.objects.filter(kind="claim", state="submitted").count() == 2
    waiting = WarrantyRegistration.objects.filter(state="submitted")
    assert all(attachments_of(row).exists() for row in waiting)
    assert Unit.objects.filter(use="commercial").exists() and Unit.objects.filter(replaces__isnull=False).exists()
    assert set(WarrantyExtension.objects.values_list("kind", flat=True)) == {"plan", "goodwill"}
    assert look_up("HY26 0305 80 1001").found is Found.FREE
    assert look_up("HY26 O305 80 1001").suggestion == "HY26 0305 80 1001"


def test_the_catalogue_is_there_in_both_languages():
    assert ProductFamily.objects.count() >= 6
    assert ProductModel.objects.count() >= 24
    assert ErrorCode.objects.count() >= 30
    assert not ProductModel.objects.filter(picture=None).exists()
    assert not ProductFamily.objects.filter(label_picture=None).exists()
    assert ModelAlias.objects.filter(text_normal="KFR35GWV1", model__number="KA35-V1").exists()
    code = ErrorCode.objects.get(family__slug="washing-machines", code="E2")
    assert (code.title_zh_hans, code.title_en) == ("排水超时", "Drain time-out")


def test_every_guide_is_live_in_both_languages_and_its_body_can_be_read():
    for language in ("zh-hans", "en"):
        assert GuidePage.objects.live().filter(locale__language_code=language).count() >= 40
    keys = GuidePage.objects.live().values_list("translation_key", flat=True)
    assert len(set(keys)) * 2 == len(keys)
    for page in GuidePage.objects.live():
        assert list(page.body), page.slug
    page = GuidePage.objects.get(slug="washer-not-draining", locale__language_code="en")
    steps = next(block for block in page.body if block.block_type == "steps")
    assert len(steps.value["steps"]) == 5
    assert all(step["image"] for step in steps.value["steps"])
    assert page.live_revision is not None


def test_the_brand_is_the_invented_makers():
    brand = BrandSettings.objects.get()
    assert (brand.name_zh_hans, brand.name_en, brand.hotline) == ("禾砚", "Heyan", "400-200-1180")
    brand.full_clean()


def test_a_visitor_reads_guides_codes_and_models():
    client = Client()
    for address in (
        "/zh-hans/",
        "/en/",
        "/zh-hans/guides/washer-not-draining/",
        "/en/guides/water-heater-no-ignition/",
        "/en/products/washing-machines/wf10-320/",
        "/zh-hans/codes/washing-machines/E2/",
    ):
        assert client.get(address, follow=True).status_code == 200, address


def test_requests_spread_over_ninety_days_with_every_ending():
    now = timezone.now()
    tickets = Ticket.objects.all()
    assert tickets.count() >= 120
    assert tickets.earliest("created_at").created_at < now - timedelta(days=80)
    assert set(tickets.values_list("status", flat=True)) >= {"new", "open", "pending", "on_hold", "resolved", "closed"}
    assert tickets.filter(round__gte=2).exists()
    assert tickets.filter(status="closed", confirmed_at=None).exists()
    assert tickets.filter(language="en").count() >= 10
    assert SLATarget.objects.filter(breached_at__isnull=False).exists()
    for row in tickets.filter(help_session__isnull=False)[:10]:
        assert row.help_session.events.filter(kind="query").exists()


def test_nothing_happened_in_the_future_or_out_of_order():
    soon = timezone.now() + timedelta(minutes=1)
    assert not HistoryEntry.objects.filter(at__gt=soon).exists()
    assert not TicketMessage.objects.filter(created_at__gt=soon).exists()
    for ticket in Ticket.objects.prefetch_related("messages"):
        moments = [ticket.created_at, *(message.created_at for message in ticket.messages.all())]
        assert moments == sorted(moments), ticket.reference
        assert ticket.closed_at is None or ticket.resolved_at is None or ticket.resolved_at <= ticket.closed_at


def test_the_queue_has_overdue_and_coming_work_and_unclaimed_rows():
    now = timezone.now()
    waiting = Escalation.objects.filter(closed_at__isnull=True)
    assert 14 <= waiting.values("ticket").distinct().count() <= 20
    assert waiting.filter(due_at__lt=now).exists()
    assert waiting.filter(due_at__gt=now, claimed_by__isnull=True).exists()
    assert waiting.filter(claimed_by__isnull=False).exists()
    assert {"self_service", "functional", "hierarchical", "reopened", "chat", "breach"} <= set(waiting.values_list("kind", flat=True))


def test_the_editors_lists_have_work():
    assert GuidePage.objects.filter(live=False, slug="water-heater-recirculation-timer").exists()
    assert GuidePage.objects.filter(source_changed_at__isnull=False, locale__language_code="en").count() == 2
    assert SearchLog.objects.filter(total=0).exists()
    assert ArticleVote.objects.filter(helpful=False).exclude(comment="").exists()
    assert {"solved", "failed", "escalated"} <= set(HelpSession.objects.values_list("outcome", flat=True))


def test_history_is_neither_mailed_nor_left_for_the_worker():
    assert mail.outbox == []
    assert sms.outbox == []
    assert not OutboundMessage.objects.exists()
    assert not TaskAttempt.objects.filter(path__contains="tickets").exists()


def test_every_role_signs_in_with_the_demo_password():
    for mailbox in ("lin.tao@heyan.example", "he.jing@heyan.example", "tang.yue@heyan.example", "zhou.lan@example.com"):
        assert User.objects.get(email=mailbox).check_password(PASSWORD)
    assert Queue.objects.filter(members__email="lin.tao@heyan.example", tier=1).exists()
    assert User.objects.get(email="lin.tao@heyan.example").has_perm("tickets.work_desk")
    assert not User.objects.get(email="zhou.lan@example.com").is_staff


def test_everything_public_is_found():
    assert SearchDocument.objects.filter(deleted=False, language="en", codes__icontains="E2").exists()
    assert SearchDocument.objects.filter(deleted=False, language="zh-hans").count() >= 100


def test_loading_again_changes_nothing():
    before = {model: model.objects.count() for model in COUNTED}
    guide = GuidePage.objects.get(slug="washer-not-draining", locale__language_code="zh-hans")
    GuidePage.objects.filter(pk=guide.pk).update(title="改过的标题")
    out = StringIO()
    call_command("load_demo", verbosity=1, stdout=out)
    assert {model: model.objects.count() for model in COUNTED} == before
    assert "0 guide pages and 0 requests new" in out.getvalue()
    assert GuidePage.objects.get(pk=guide.pk).title == "改过的标题"


ENGINES = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.services)]
QUESTIONS = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))


@pytest.mark.parametrize("engine", ENGINES)
def test_questions_from_elsewhere_get_no_list_and_those_of_the_house_do(engine, monkeypatch):
    from search import queries
    from search.evaluation import scratch_service
    from search.store import RowStore

    with scratch_service(list(RowStore().live()), engine=engine) as service:
        monkeypatch.setattr(queries, "service", lambda: service)
        for language, questions in QUESTIONS["from_elsewhere"].items():
            answers = [queries.search(question, language=language) for question in questions]
            assert {answer.engine for answer in answers} == {engine}
            assert [answer.query for answer in answers if answer.hits and answer.sure] == []
            assert sum(not answer.hits for answer in answers) >= 0.75 * len(questions)
        for language, questions in QUESTIONS["of_the_house"].items():
            answers = [queries.search(question, language=language) for question in questions]
            assert [answer.query for answer in answers if not (answer.hits and answer.sure)] == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("typed", "language", "groups"),
    [
        ("洗衣机不排水", "zh-hans", ["guide", "code", "diagnosis"]),
        ("washing machine won't drain", "en", ["guide", "code", "diagnosis"]),
        ("E2", "zh-hans", ["code", "guide", "diagnosis"]),
        ("WF10-320", "zh-hans", ["product"]),
    ],
)
def test_while_typing_what_answers_best_comes_first_and_namesakes_do_not_crowd_it_out(engine, typed, language, groups, monkeypatch):
    from search import queries
    from search.evaluation import scratch_service
    from search.store import RowStore

    with scratch_service(list(RowStore().live()), engine=engine) as service:
        monkeypatch.setattr(queries, "service", lambda: service)
        answer = queries.suggest(typed, language=language)
    assert [group.kind for group in answer.groups][: len(groups)] == groups
    if groups[0] == "guide":
        assert "code:washing-machines:E2" in answer.groups[1].items[0].key
        assert len(answer.groups[1].items) == 1, "other codes of the machine are no answer"


JUDGED = Path(__file__).parent.parent / "search" / "judged"
#: Just under what docs/search.md reports; whoever changes the demo's content judges it for these questions, too.
AT_LEAST = {"nDCG@10": 0.92, "MRR@10": 0.955, "Recall@5": 0.905, "P@1": 0.925, "Hit@3": 0.985}


@pytest.mark.parametrize("engine", ENGINES)
def test_search_answers_what_customers_really_type_and_holds_back_otherwise(engine):
    out = StringIO()
    before = SearchDocument.objects.count(), SearchLog.objects.count()
    call_command("evaluate_search", str(JUDGED), "--live", "--json", "--engine", engine, stdout=out, stderr=out)
    found = json.loads(out.getvalue())  # a judged page that is not published any more would be named before it
    assert found["engine"] == engine
    assert found["queries"] + found["unanswerable"] >= 300 and found["unanswerable"] >= 60
    assert {name: found[name] for name, floor in AT_LEAST.items() if found[name] < floor} == {}
    assert found["no_result"] <= 2
    assert found["abstention"]["answer_held_back"] <= 0.01
    assert found["abstention"]["not_sure"] >= 0.86
    assert found["abstention"]["nothing_shown"] >= 0.70
    assert found["ms"]["p50"] <= found["ms"]["p95"]
    assert (SearchDocument.objects.count(), SearchLog.objects.count()) == before


def test_members_have_addresses_devices_a_copy_and_one_is_about_to_leave():
    lan, daniel = User.objects.get(email="zhou.lan@example.com"), User.objects.get(email="daniel.reyes@example.com")
    assert lan.addresses.get(is_default=True).region_code == "310104" and lan.addresses.count() == 2
    assert daniel.addresses.filter(region_code="").count() == 1
    assert lan.sessions.count() == 2 and lan.exports.get().state == "ready"
    assert lan.consents.filter(purpose="reminders", withdrawn_at__isnull=True).exists()
    leaving = AccountClosing.objects.get()
    assert leaving.user.email == "chen.mo@example.com" and leaving.state == "waiting" and leaving.due_at > timezone.now()
    assert not OutboundMessage.objects.filter(template__startswith="accounts/").exists()
