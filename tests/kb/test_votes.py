"""“Did this solve it?”: one vote a visitor, a reason on no, a next step, a limit — without and with script."""

import pytest

from core.errors import Conflict, InvalidInput, LimitReached, NotFound
from kb import actions
from kb.models import ArticleVote, HelpSession
from kb.subjects import code_key, guide_key
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory

pytestmark = pytest.mark.django_db
URL = "/zh-hans/feedback/vote/"


@pytest.fixture
def guide(db):
    return make_guide(slug="drain", families=[FamilyFactory()])


def cast(guide, visitor="v1", helpful=True, **fields):
    return actions.vote(
        subject_key=guide_key(guide), helpful=helpful, visitor_key=visitor, title=guide.title, language="zh-hans", page=guide, **fields
    )


def test_a_vote_keeps_query_and_referrer(guide):
    row = cast(guide, query="  不排水 ", referrer="https://example.com/", helpful=False)
    assert (row.query, row.referrer, row.language, row.page_id) == ("不排水", "https://example.com/", "zh-hans", guide.pk)


def test_a_second_vote_of_the_same_visitor_is_refused_and_changes_nothing(guide):
    cast(guide)
    with pytest.raises(Conflict):
        cast(guide, helpful=False)
    assert list(ArticleVote.objects.values_list("helpful", flat=True)) == [True]


def test_the_eleventh_vote_of_a_day_is_refused(db):
    guides = [make_guide() for _n in range(11)]
    for guide in guides[:10]:
        cast(guide)
    with pytest.raises(LimitReached) as refusal:
        cast(guides[10])
    assert refusal.value.retry_after > 0
    assert ArticleVote.objects.count() == 10


def test_a_no_can_be_explained_once(guide):
    cast(guide, helpful=False)
    row = actions.explain_vote(subject_key=guide_key(guide), visitor_key="v1", reason="no_pictures", comment="盖子在左下角")
    assert (row.reason, row.comment) == ("no_pictures", "盖子在左下角")
    with pytest.raises(Conflict):
        actions.explain_vote(subject_key=guide_key(guide), visitor_key="v1", reason="other", comment="")


def test_nobody_explains_another_visitor_s_vote_or_a_yes(guide):
    cast(guide)
    with pytest.raises(NotFound):
        actions.explain_vote(subject_key=guide_key(guide), visitor_key="v1", reason="other", comment="")
    with pytest.raises(NotFound):
        actions.explain_vote(subject_key=guide_key(guide), visitor_key="v2", reason="other", comment="")


def test_an_empty_or_unknown_reason_is_refused(guide):
    cast(guide, helpful=False)
    for reason in ("", "nonsense"):
        with pytest.raises(InvalidInput):
            actions.explain_vote(subject_key=guide_key(guide), visitor_key="v1", reason=reason, comment="")


def test_a_yes_ends_the_attempt_as_solved_and_knows_the_product(guide):
    session = actions.help_session_for(visitor_key="v1", language="zh-hans")
    cast(guide)
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.SOLVED
    assert session.solved_by_key == guide_key(guide)
    assert session.family.slug == "washing-machines"


def test_a_no_leaves_the_attempt_open(guide):
    session = actions.help_session_for(visitor_key="v1", language="zh-hans")
    cast(guide, helpful=False)
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.OPEN


def test_without_script_a_no_leads_back_to_the_page_asking_why(client, guide):
    answer = client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "no", "next": "/zh-hans/guides/drain/", "q": "不排水"})
    assert (answer.status_code, answer["Location"]) == (302, "/zh-hans/guides/drain/?voted=reason#vote")
    html = client.get("/zh-hans/guides/drain/?voted=reason").content.decode()
    assert 'name="reason"' in html and 'name="comment"' in html
    answer = client.post(
        f"{URL}?subject={guide_key(guide)}",
        {"vote": "no", "stage": "reason", "reason": "unclear", "comment": "第三步", "next": "/zh-hans/guides/drain/"},
    )
    assert answer["Location"].endswith("?voted=thanks#vote")
    assert ArticleVote.objects.get().reason == "unclear"


def test_with_script_the_box_is_swapped_and_the_next_step_is_offered(client, guide):
    headers = {"HX-Request": "true"}
    first = client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "no", "help": "family=washing-machines"}, headers=headers)
    assert first.status_code == 200 and b"<html" not in first.content
    assert 'name="reason"' in first.content.decode()
    done = client.post(
        f"{URL}?subject={guide_key(guide)}",
        {"vote": "no", "stage": "reason", "reason": "unclear", "help": "family=washing-machines"},
        headers=headers,
    )
    assert "family=washing-machines" in done.content.decode()
    again = client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "yes"}, headers=headers)
    assert again.status_code == 200 and ArticleVote.objects.count() == 1


def test_a_code_card_is_voted_on_the_same_way(client):
    code = CodeFactory(code="E-02")
    key = code_key(code)
    assert key == "code:washing-machines:E2"
    client.post(f"{URL}?subject={key}", {"vote": "yes", "next": "/zh-hans/codes/washing-machines/E2/"})
    assert ArticleVote.objects.get().subject_key == key


@pytest.mark.parametrize("subject", ["", "guide:nonsense", "guide:00000000-0000-0000-0000-000000000000", "code:x:y", "'; drop", "x" * 5000])
def test_a_vote_on_nothing_is_a_404(client, subject):
    assert client.post(URL, {"subject": subject, "vote": "yes"}).status_code == 404


def test_a_draft_cannot_be_voted_on(client):
    draft = make_guide(live=False)
    assert client.post(f"{URL}?subject={guide_key(draft)}", {"vote": "yes"}).status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/zh-hans/\\evil"])
def test_the_way_back_never_leaves_the_house(client, guide, back):
    answer = client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "yes", "next": back})
    assert "evil.example" not in answer["Location"]


def test_bad_input_keeps_what_was_typed(client, guide):
    client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "no"})
    answer = client.post(f"{URL}?subject={guide_key(guide)}", {"vote": "no", "stage": "reason", "reason": "", "comment": ""})
    assert answer.status_code == 422
    answer = client.post(
        f"{URL}?subject={guide_key(guide)}", {"vote": "no", "stage": "reason", "reason": "bogus", "comment": "盖子在左下角"}
    )
    assert answer.status_code == 422 and "盖子在左下角" in answer.content.decode()


def test_getting_the_address_is_refused(client):
    assert client.get(URL).status_code == 405
