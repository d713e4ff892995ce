"""`manage.py load_demo`: the invented maker with catalogue, guides, people and ninety days of requests; safe to repeat."""

import logging
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from portal.demo import clock, desk, people, repairs
from portal.demo.attempts import load_attempts
from portal.demo.catalogue import load_catalogue
from portal.demo.chat import load_chats
from portal.demo.content import load_announcements, load_brand, load_guides, load_markets
from portal.demo.diagnosis import load_diagnoses, load_runs
from portal.demo.editors import load_editors
from portal.demo.members import load_members
from portal.demo.pictures import load_pictures
from portal.demo.search import load_search
from portal.demo.warranty import load_warranty
from products.models import ProductFamily
from search.actions import index_everything
from search.models import SearchDocument


class Command(BaseCommand):
    """Load the demo; rows that are there keep what people made of them."""

    help = "Load the demo (idempotent): catalogue, guides in two languages, people, requests of the last 90 days."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each part in the order of its dependencies and say what is new."""
        began = time.monotonic()
        logging.getLogger("wagtail").setLevel(logging.WARNING)  # a line for each of a hundred pages tells nobody anything
        call_command("setup_defaults", verbosity=0)
        with clock.silence():
            images = load_pictures()
            families = ProductFamily.objects.count()
            load_catalogue(images)
            call_command("setup_defaults", verbosity=0)  # queues now find their families
            users = people.load_people()
            load_markets()
            written = load_guides(images, users=users)
            asked = load_diagnoses(images, editor=users["editor"], reviewer=users["reviewer"])
            load_announcements(author=users["supervisor"])
            load_brand(desk.load_calendar())
            desk.load_canned_replies()
            load_warranty(users)
        played = desk.load_history(users)
        with clock.silence():
            load_members(users)
        repairs.load_repairs(users)
        load_chats(users)
        load_runs()
        with clock.silence():
            load_editors(users)
        load_attempts()
        if written or asked or not families or not SearchDocument.objects.exists():
            index_everything()
        load_search()
        if options["verbosity"] > 0:
            self.stdout.write(f"demo: {written} guide pages and {played} requests new, {time.monotonic() - began:.1f} s")
