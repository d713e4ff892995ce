"""Parts of the desk that join several apps: the picker of articles to insert into a reply."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.i18n import normal_language
from portal.views.parts import language, typed, unlisted
from search.queries import popular, search
from tickets.views.base import desk_view

SHOWN = 8


@require_safe
@unlisted
@desk_view
def article_picker(request: HttpRequest) -> HttpResponse:
    """Show articles to insert, in the customer's language: found by words, or the most read ones of the product."""
    query, product = typed(request, "q", 200), typed(request, "product", 60) or None
    wanted = normal_language(request.GET.get("language") or language())
    hits = (
        search(query, language=wanted, product=product, page_size=SHOWN).hits
        if query
        else popular(language=wanted, product=product, limit=SHOWN)
    )
    return render(request, "portal/_article_picker.html", {"hits": list(hits)[:SHOWN], "query": query})
