"""Several claims of one machine: deciding one tells the others, and nobody learns a name."""

from datetime import date

import pytest

from core.errors import Conflict
from core.models import OutboundMessage
from tests.factories.accounts import MemberFactory
from tests.factories.products import ModelFactory
from tests.factories.warranty import TermFactory, UnitFactory
from tests.warranty.test_actions import BOUGHT, SERIAL, claimed, registered, verbs
from warranty.actions.registration import register
from warranty.actions.review import approve, refuse
from warranty.models import WarrantySettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(db):
    """The machine everybody wants."""
    WarrantySettings.load()
    TermFactory()
    return UnitFactory(model=ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12)), serial=SERIAL)


@pytest.mark.parametrize("language, words", [("zh-hans", "另有一位用户也认领了这台机器"), ("en", "Somebody else claimed this machine too")])
def test_the_claim_of_one_decided_sends_the_others_back_with_words(customer, other_customer, agent, shipped, run_tasks, language, words):
    approve(registered(customer), by=agent)
    third = MemberFactory(name="王磊", phone=None, email="wang@example.com", language=language)
    elsewhere = register(user=third, serial=UnitFactory(model=shipped.model, serial="HY24 0331 80 0777").serial, purchased_on=BOUGHT)
    row, other = claimed(other_customer), claimed(third)
    approve(row, by=agent)
    other.refresh_from_db()
    assert (other.state, other.decided_by) == ("returned", agent) and words in other.return_text
    assert other_customer.name not in other.return_text and customer.name not in other.return_text
    assert verbs(other).count("returned") == 1
    elsewhere.refresh_from_db()
    assert elsewhere.state == "submitted"
    run_tasks()
    assert OutboundMessage.objects.filter(template="warranty/returned", address="wang@example.com").count() == 1
    with pytest.raises(Conflict):
        approve(other, by=agent)
    shipped.refresh_from_db()
    assert shipped.owner.user == other_customer


def test_a_refused_claim_leaves_the_others_open(customer, other_customer, agent, shipped):
    approve(registered(customer), by=agent)
    row, other = claimed(other_customer), claimed(MemberFactory(name="王磊", phone=None, email="wang@example.com"))
    refuse(row, by=agent, text="The receipt is of another machine.")
    other.refresh_from_db()
    assert (other.state, verbs(other)) == ("submitted", ["submitted"])
