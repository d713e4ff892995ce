"""My products through the browser's eyes: the list, the page, the registration, the doors."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from core.models import Attachment, OutboundMessage
from tests.factories.products import ModelFactory
from tests.factories.warranty import SerialRuleFactory, TermFactory, UnitFactory, owned_unit
from warranty.labels import qr_png
from warranty.models import WarrantyCertificate, WarrantyRegistration, WarrantySettings

pytestmark = pytest.mark.django_db
KEY = "k" * 24


@pytest.fixture(autouse=True)
def maker(db):
    """The maker's terms and serial rule, and a model that has been on sale since 2023."""
    WarrantySettings.load()
    TermFactory()
    model = ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12))
    SerialRuleFactory(family=model.family)
    return model


def picture(size=(400, 300), kind="JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, kind)
    return buffer.getvalue()


def receipt(name="receipt.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else picture(), content_type="image/jpeg")


def url(name, *args):
    with translation.override("en"):
        return reverse(name, args=args)


def send(client, **changes):
    data = {"serial": "HY24 0331 80 0652", "purchased_on": "2024-04-20", "use": "home", "submit_key": KEY, "dealer": "京东"} | changes
    return client.post(url("portal:unit_register"), {name: value for name, value in data.items() if value is not None})


@pytest.fixture
def shipped(maker):
    return UnitFactory(model=maker, serial="HY24 0331 80 0652")


# --- registering ---------------------------------------------------------------------------------------------------


def test_a_known_machine_is_registered_with_its_receipt(customer, signed_in, shipped):
    answer = send(signed_in(customer), files=receipt())
    row = WarrantyRegistration.objects.get()
    assert answer.status_code == 302
    assert answer.url == url("portal:registration", row.reference)
    shipped.refresh_from_db()
    assert (row.state, row.unit, shipped.owner.user) == ("submitted", shipped, customer)
    assert Attachment.objects.get().subject_id == str(row.pk)
    page = signed_in(customer).get(answer.url)
    assert "under review" in page.content.decode()


def test_strangers_are_sent_to_the_sign_in_with_the_way_back(client):
    answer = client.get(url("portal:unit_register") + "?serial=HY24")
    assert answer.status_code == 302
    assert "/accounts/login/?next=" in answer.url
    assert "serial" in answer.url


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"serial": "12345"}, "serial", "No serial number of ours looks like this"),
        ({"serial": ""}, "serial", "Type the serial number"),
        ({"serial": "HY24 O331 80 0652"}, "serial", "HY24 0331 80 0652"),
        ({"purchased_on": ""}, "purchased_on", "Give the day on the receipt"),
        ({"purchased_on": "29 of May"}, "purchased_on", "This is no date"),
        ({"purchased_on": "2023-09-11"}, "purchased_on", "on sale since 12 Sep 2023"),
        ({"purchased_on": "2024-03-30"}, "purchased_on", "was made on 31 Mar 2024"),
    ],
)
def test_what_cannot_be_is_refused_with_words_and_what_was_typed_is_kept(customer, signed_in, shipped, changes, field, words):
    answer = send(signed_in(customer), **changes)
    page = answer.content.decode()
    assert answer.status_code in {400, 422}
    assert words in page
    assert "<title>Error:" in page
    assert 'value="京东"' in page
    assert WarrantyRegistration.objects.count() == 0
    shipped.refresh_from_db()
    assert shipped.owner is None


def test_a_purchase_in_the_future_is_refused(customer, signed_in, shipped):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = send(signed_in(customer), purchased_on=tomorrow)
    assert "This day has not come yet" in answer.content.decode()
    assert WarrantyRegistration.objects.count() == 0


def test_dates_may_be_typed_the_chinese_way(customer, signed_in, shipped):
    send(signed_in(customer), purchased_on="２０２４年 4月 20日")
    assert WarrantyRegistration.objects.get().purchased_on == date(2024, 4, 20)


def test_chinese_digits_and_full_width_find_the_machine(customer, signed_in, shipped):
    send(signed_in(customer), serial="ＨＹ二四－〇三三一 八零 〇六五二")
    assert WarrantyRegistration.objects.get().unit == shipped


def test_sent_twice_is_one_registration(customer, signed_in, shipped):
    client = signed_in(customer)
    assert send(client).url == send(client).url
    assert WarrantyRegistration.objects.count() == 1


def test_a_number_that_is_well_formed_but_unknown_is_taken_to_be_checked(customer, signed_in, maker):
    client = signed_in(customer)
    answer = send(client, serial="HY24 0331 81 1111")
    assert "Choose the model" in answer.content.decode()
    send(client, serial="HY24 0331 81 1111", model=maker.slug)
    unit = WarrantyRegistration.objects.get().unit
    assert (unit.known, unit.model, unit.produced_on) == (False, maker, date(2024, 3, 31))


def test_somebody_else_s_machine_needs_a_claim_with_a_proof(customer, other_customer, signed_in, shipped):
    owned = owned_unit(other_customer, model=shipped.model, serial="HY24 0401 80 0001")
    client = signed_in(customer)
    answer = send(client, serial=owned.serial)
    page = answer.content.decode()
    assert "Somebody has registered this machine" in page
    assert "Tom" not in page
    assert "tom@" not in page
    assert "needs a proof" in send(client, serial=owned.serial, claim="1").content.decode()
    assert send(client, serial=owned.serial, claim="1", files=receipt()).status_code == 302
    row = WarrantyRegistration.objects.get()
    owned.refresh_from_db()
    assert (row.kind, owned.owner.user) == ("claim", other_customer)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "scripted.pdf",
            b"%PDF-1.4\n<</Type/Catalog/OpenAction<</S/JavaScript/JS(x)>>>>\n%%EOF",
            "carries a script",
        ),
        ("hidden.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/AA<</S/#4aavaScript/J#53(x)>>>>endobj\n%%EOF", "carries a script"),
        ("long.pdf", b"%PDF-1.4\n" + b"<</Type /Page /Parent 2 0 R>>\n" * 40 + b"%%EOF", "has 40 pages"),
        ("locked.pdf", b"%PDF-1.4\ntrailer<</Encrypt 5 0 R>>\n%%EOF", "locked with a password"),
        ("big.png", None, "too many pixels"),
    ],
)
def test_a_receipt_that_is_dangerous_or_too_big_is_refused_with_words(customer, signed_in, shipped, name, content, words):
    if content is None:
        buffer = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(buffer, "PNG")
        content = buffer.getvalue()
    answer = send(signed_in(customer), files=receipt(name, content))
    assert words in answer.content.decode()
    assert (WarrantyRegistration.objects.count(), Attachment.objects.count()) == (0, 0)


def test_the_photo_of_a_label_fills_the_number_in(customer, signed_in, shipped):
    label = receipt("label.png", qr_png(f"http://testserver/p/{shipped.serial_normal}/"))
    answer = send(signed_in(customer), serial="", scan="1", label=label, purchased_on="2024-04-20")
    page = answer.content.decode()
    assert shipped.serial in page
    assert "We know this machine" in page
    assert 'value="2024-04-20"' in page
    assert (WarrantyRegistration.objects.count(), Attachment.objects.count()) == (0, 0)


def test_a_photo_without_a_code_says_what_to_do(customer, signed_in, shipped):
    answer = send(signed_in(customer), scan="1", label=receipt())
    assert answer.status_code == 422
    assert "No code could be read" in answer.content.decode()


# --- the camera ----------------------------------------------------------------------------------------------------


def read(client, **data):
    answer = client.post(url("portal:label_read"), data)
    return answer.status_code, answer.json()


def test_the_camera_belongs_to_the_page_of_registration_alone(customer, signed_in):
    client = signed_in(customer)
    page = client.get(url("portal:unit_register"))
    assert "camera=(self)" in page["Permissions-Policy"]
    assert "data-scan-live" in page.content.decode()
    for name in ("portal:my_products", "portal:home", "portal:my_settings"):
        assert "camera=()" in client.get(url(name))["Permissions-Policy"]


def test_what_the_camera_sees_is_read_like_a_photo_and_may_be_asked_often(customer, signed_in, shipped):
    client = signed_in(customer)
    assert read(client, live="1", label=receipt())[1]["code"] == "nothing_read"
    for _glance in range(45):  # a photo is read forty times an hour, a camera looks until it sees something
        status, answer = read(client, live="1", label=receipt("label.png", qr_png(f"S/N {shipped.serial}")))
    assert (status, answer["serial"]) == (200, shipped.serial)
    assert Attachment.objects.count() == 0


def test_a_browser_that_reads_codes_itself_is_told_what_they_mean(customer, signed_in, shipped):
    client = signed_in(customer)
    assert read(client, text=f"MODEL WF10-320 S/N {shipped.serial}")[1] == {"serial": shipped.serial, "model": shipped.model.slug}
    assert read(client, text=f"https://elsewhere.example/p/{shipped.serial_normal}/")[1]["serial"] == shipped.serial_normal
    assert read(client, text="\u200b")[0] == 400


def test_the_barcode_of_a_shop_is_looked_past(customer, signed_in, shipped):
    client = signed_in(customer)
    for shop in ("6901234567892", "https://shop.example/item/1", "x" * 5000):
        assert read(client, text=shop)[1]["code"] == "nothing_read"
    # A photo that shows nothing else is shown as it was read: whoever took it sees what is wrong.
    assert read(client, label=receipt("ean.png", qr_png("6901234567892")))[1]["serial"] == "6901234567892"


# --- looking a number up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serial", "words"),
    [
        ("hy24-0331-80-0652", "We know this machine"),
        ("HY24 0331 8O 0652", "Did you mean another number?"),
        ("HY24 0331 81 9999", "We do not know this number yet"),
        ("ABC", "looks like HY24 0331 80 0652"),
    ],
)
def test_the_look_up_answers_at_once(customer, signed_in, shipped, serial, words):
    answer = signed_in(customer).get(url("portal:unit_check"), {"serial": serial})
    assert words in answer.content.decode()


def test_the_look_up_names_no_owner_and_is_limited(customer, other_customer, signed_in, shipped):
    owned = owned_unit(other_customer, model=shipped.model, serial="HY24 0401 80 0001")
    client = signed_in(customer)
    page = client.get(url("portal:unit_check"), {"serial": owned.serial}).content.decode()
    assert "Somebody has registered" in page
    assert "Tom" not in page
    for _number in range(60):
        answer = client.get(url("portal:unit_check"), {"serial": "HY24 0331 80 0652"})
    assert "Too many attempts" in answer.content.decode()


# --- the list and the page -----------------------------------------------------------------------------------------------


def test_the_list_says_in_words_what_is_left(customer, signed_in, maker):
    bought = timezone.localdate() - timedelta(days=300)
    unit = owned_unit(customer, model=maker, purchased_on=bought, shipped_on=None, produced_on=None)
    page = signed_in(customer).get(url("portal:my_products")).content.decode()
    left = signed_in(customer).get(url("portal:unit", unit.code))
    assert "days left" in page
    assert unit.serial not in page
    assert unit.serial_normal not in page
    assert "It counts from the purchase" in left.content.decode()


def test_the_list_takes_as_many_queries_for_three_machines_as_for_one(customer, signed_in, maker):
    client = signed_in(customer)
    owned_unit(customer, model=maker)
    client.get(url("portal:my_products"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        client.get(url("portal:my_products"))
    owned_unit(customer, model=ModelFactory(number="WF8-1"))
    owned_unit(customer, model=ModelFactory(number="WF8-2"))
    with CaptureQueriesContext(connection) as three:
        assert client.get(url("portal:my_products")).content.decode().count("<article") == 3
    assert len(three) == len(one)


def test_nobody_but_owner_and_household_opens_the_page(customer, other_customer, agent, client, signed_in, maker):
    unit = owned_unit(customer, model=maker)
    assert client.get(url("portal:unit", unit.code)).status_code == 302
    for stranger in (other_customer, agent):
        assert signed_in(stranger).get(url("portal:unit", unit.code)).status_code == 404
        assert signed_in(stranger).get(url("portal:unit_certificate", unit.code)).status_code == 404
        assert signed_in(stranger).post(url("portal:transfer_start", unit.code)).status_code == 404
    assert signed_in(customer).get(url("portal:unit", unit.code)).status_code == 200


# --- certificate ------------------------------------------------------------------------------------------------------------


def test_the_certificate_is_a_pdf_and_a_dealer_can_check_it(customer, signed_in, client, maker):
    unit = owned_unit(customer, model=maker)
    pdf = signed_in(customer).get(f"/zh-hans/my/products/{unit.code}/certificate/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    row = WarrantyCertificate.objects.get()
    page = client.get(url("portal:certificate", row.code)).content.decode()
    assert "Valid until 6 Mar 2025" in page
    assert unit.serial_normal not in page
    assert customer.name not in page
    assert client.get(url("portal:certificate", "AAAABBBBCCCC")).status_code == 404


def test_no_certificate_while_under_review(customer, signed_in, shipped):
    client = signed_in(customer)
    send(client)
    answer = client.get(url("portal:unit_certificate", shipped.code), follow=True)
    assert "once the registration is approved" in answer.content.decode()
    assert WarrantyCertificate.objects.count() == 0


# --- QR code -------------------------------------------------------------------------------------------------------------------


def test_a_qr_code_opens_one_s_own_machine_and_for_others_the_model(customer, other_customer, signed_in, client, maker):
    unit = owned_unit(customer, model=maker)
    assert signed_in(customer).get(f"/p/{unit.code}/").url.endswith(f"/my/products/{unit.code}/")
    for who in (client, signed_in(other_customer)):
        answer = who.get(f"/p/{unit.code}/")
        assert "/products/washing-machines/wf10-320/" in answer.url
        assert unit.serial_normal not in answer.url
    assert "/products/washing-machines/wf10-320/" in client.get(f"/p/{unit.serial_normal}/").url
    assert "/products/washing-machines/wf10-320/" in client.get("/p/wf10-320/").url
    assert client.get("/p/nothing-here/").status_code == 404


def test_a_photographed_label_opens_the_product_s_page(client, shipped, maker):
    photo = receipt("label.png", qr_png(f"MODEL {maker.number} S/N {shipped.serial}"))
    answer = client.post(url("portal:label_photo"), {"label": photo})
    assert "/products/washing-machines/wf10-320/" in answer.url
    bad = client.post(url("portal:label_photo"), {"label": receipt()})
    assert "No code could be read" in bad.content.decode()


def test_the_model_s_page_offers_to_register_it(client, maker):
    page = client.get("/en/products/washing-machines/wf10-320/").content.decode()
    assert f"{url('portal:unit_register')}?model=wf10-320" in page


# --- household and transfer --------------------------------------------------------------------------------------------------------


def _code_of(address: str) -> str:
    import re

    body = OutboundMessage.objects.filter(address=address).latest("pk").body
    return re.search(r"/join/([A-Z0-9-]+)/", body).group(1)


def test_an_invited_person_sees_the_machine_until_removed(customer, other_customer, signed_in, maker):
    unit = owned_unit(customer, model=maker)
    owner, guest = signed_in(customer), signed_in(other_customer)
    owner.post(url("portal:household_invite", unit.code), {"address": "Tom@example.com"})
    code = _code_of("tom@example.com")
    invitation = guest.get(url("portal:household_join", code))
    assert str(customer) in invitation.content.decode() and unit.model.number in invitation.content.decode()
    assert guest.get(url("portal:household_join", "AAAAA-AAAAA")).status_code == 404
    assert guest.post(url("portal:household_join", code)).url == url("portal:unit", unit.code)
    page = guest.get(url("portal:unit", unit.code)).content.decode()
    assert "Get a code" not in page
    assert guest.post(url("portal:transfer_start", unit.code), follow=True).content.decode().count("Only the owner") == 1
    assert guest.post(url("portal:household_invite", unit.code), {"address": "x@example.com"}).status_code == 403
    place = unit.household.get()
    owner.post(url("portal:household_remove", unit.code, place.pk))
    assert guest.get(url("portal:unit", unit.code)).status_code == 404
    assert guest.get(url("portal:household_join", code)).status_code == 404
    assert guest.post(url("portal:household_join", code)).status_code == 404


def test_a_new_owner_takes_the_machine_with_the_code(customer, other_customer, signed_in, client, maker):
    unit = owned_unit(customer, model=maker)
    giver, taker = signed_in(customer), signed_in(other_customer)
    giver.get(url("portal:unit_certificate", unit.code))
    certificate = WarrantyCertificate.objects.get()
    page = giver.post(url("portal:transfer_start", unit.code))
    code = page.context["transfer_code"]
    assert code in page.content.decode()
    shown = taker.post(url("portal:transfer_take"), {"code": code.lower().replace("-", " ")})
    assert "WF10-320" in shown.content.decode()
    assert taker.post(url("portal:transfer_take"), {"code": code, "sure": "1"}).url == url("portal:unit", unit.code)
    assert giver.get(url("portal:unit", unit.code)).status_code == 404
    assert taker.get(url("portal:unit", unit.code)).status_code == 200
    assert "no longer valid" in client.get(url("portal:certificate", certificate.code)).content.decode()
    assert taker.post(url("portal:transfer_take"), {"code": code, "sure": "1"}).status_code == 404
    unit.refresh_from_db()
    assert unit.purchased_on == date(2024, 3, 6)


# --- doors of registrations and claims ----------------------------------------------------------------------------------------------


def test_a_registration_opens_to_whoever_sent_it_only(customer, other_customer, agent, signed_in, client, shipped):
    send(signed_in(customer))
    row = WarrantyRegistration.objects.get()
    page, back = url("portal:registration", row.reference), url("portal:registration_withdraw", row.reference)
    assert client.get(page).status_code == 302
    for stranger in (other_customer, agent):
        assert signed_in(stranger).get(page).status_code == 404
        assert signed_in(stranger).post(page, {"purchased_on": "2024-04-22"}).status_code == 404
        assert signed_in(stranger).post(back).status_code == 404
    assert WarrantyRegistration.objects.get().state == "submitted"
    assert signed_in(customer).post(back).url == url("portal:my_products")
    assert WarrantyRegistration.objects.get().state == "withdrawn"


def test_the_present_owner_answers_a_claim_on_the_machine_s_page(customer, other_customer, signed_in, maker):
    unit = owned_unit(customer, model=maker)
    send(signed_in(other_customer), serial=unit.serial, claim="1", files=receipt())
    row = WarrantyRegistration.objects.get()
    owner = signed_in(customer)
    page = owner.get(url("portal:unit", unit.code)).content.decode()
    assert "Somebody says this machine is theirs now" in page
    assert "Tom" not in page
    answer = url("portal:claim_answer", unit.code, row.reference)
    assert signed_in(other_customer).post(answer, {"answer": "yes"}).status_code == 404
    assert owner.post(answer, {"answer": "no"}).status_code == 302
    row.refresh_from_db()
    assert row.owner_answer == "disputed"
    assert "Somebody says" not in owner.get(url("portal:unit", unit.code)).content.decode()


def test_repairs_and_requests_of_a_former_owner_stay_theirs(customer, other_customer, signed_in, maker):
    from tests.factories.tickets import open_ticket, setup_desk

    unit = owned_unit(customer, model=maker)
    setup_desk()
    ticket = open_ticket(contact=customer.contacts.first())
    ticket.unit = unit
    ticket.save()
    giver, taker = signed_in(customer), signed_in(other_customer)
    assert ticket.reference in giver.get(url("portal:unit", unit.code)).content.decode()
    code = giver.post(url("portal:transfer_start", unit.code)).context["transfer_code"]
    taker.post(url("portal:transfer_take"), {"code": code, "sure": "1"})
    assert ticket.reference not in taker.get(url("portal:unit", unit.code)).content.decode()
