"""The desk's navigation: every room has its entry, and only the room one is in is marked."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/desk/tickets/", "/desk/repairs/", "/desk/registrations/", "/desk/chat/"])
def test_exactly_the_room_one_is_in_is_marked(agent, signed_in, address):
    page = signed_in(agent).get(address).content.decode()
    marked = re.findall(r'<a class="navlink" href="([^"]+)" aria-current="page"', page)
    assert marked == [address]


def test_every_room_of_the_desk_can_be_reached_from_every_other(agent, signed_in):
    page = signed_in(agent).get(reverse("tickets:desk")).content.decode()
    entries = re.findall(r'<a class="navlink" href="([^"]+)"', page)
    assert {"/desk/", "/desk/queue/", "/desk/tickets/", "/desk/chat/", "/desk/repairs/", "/desk/registrations/"} <= set(entries)
