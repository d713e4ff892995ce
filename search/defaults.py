"""The rows every installation starts with: the shipped synonyms, editable from then on."""

from __future__ import annotations

from search.actions import touch_dictionary
from search.dictionary import shipped_lines
from search.models import SearchCounter, Synonym


def load_defaults() -> None:
    """Create the counter and, once, the shipped synonyms; safe to repeat, never brings back what editors deleted."""
    counter, made = SearchCounter.objects.get_or_create(pk=1)
    if made or (counter.dictionary == 0 and not Synonym.objects.exists()):
        Synonym.objects.bulk_create(Synonym(terms=line) for line in shipped_lines())
        touch_dictionary()
