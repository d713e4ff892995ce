"""Registers the editors' side of search in the CMS."""

from wagtail import hooks

from search.viewsets import SearchGroup


@hooks.register("register_admin_viewset")
def search_menu() -> SearchGroup:
    """Synonyms, promoted results, ignored words and searches with no answer."""
    return SearchGroup()
