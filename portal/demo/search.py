"""Loads what the demo's editors keep for search: results shown first, and words of their own."""

from portal.demo.data import LANGUAGES, read
from search.actions import save_entry
from search.models import DomainWord, PromotedResult, SearchDocument, Synonym


def load_search() -> int:
    """Create the entries that are not there yet, once the guides can be found; return how many were written."""
    content, written = read("search"), 0
    for row in content["domain"]:
        if not DomainWord.objects.filter(word=row["word"]).exists():
            save_entry(DomainWord(**row))
            written += 1
    if PromotedResult.objects.exists() or Synonym.objects.filter(terms__in=[row["words"] for row in content["synonyms"]]).exists():
        return written
    for row in content["synonyms"]:
        save_entry(Synonym(terms=row["words"], note=row["note"]))
        written += 1
    for row in content["pinned"]:
        for language in LANGUAGES:
            document = SearchDocument.objects.filter(language=language, deleted=False, url__endswith=f"/{row['guide']}/").first()
            if document is not None:
                save_entry(PromotedResult(words=row[language], document=document))
                written += 1
    return written
