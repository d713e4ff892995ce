"""The yardsticks: a Django view that answers at once, and a Wagtail page that renders its body and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from wagtail.models import Site


def bare_view(request: HttpRequest) -> HttpResponse:
    """Answer with a fixed text, behind the product's middleware."""
    return HttpResponse("<!doctype html><title>bare</title><p>bare</p>")


def bare_page(request: HttpRequest, page_path: str) -> HttpResponse:
    """Find the page as Wagtail does and render the same StreamField with `{{ page.body }}` in an empty template."""
    site = Site.find_for_request(request)
    root = site.root_page.localized
    page, _args, _kwargs = root.specific.route(request, [part for part in page_path.split("/") if part])
    return TemplateResponse(request, "benchmarks/bare_page.html", {"page": page})
