"""The dictionary of search from lists: words that mean the same, words to ignore, words of the domain; in either language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import history
from core.imports.reading import Column, Table
from core.imports.table import Checked, Importer, Outcome, add_importer, outcome_of
from search import actions, text
from search.models import DomainWord, StopWord, Synonym


def _set_of(terms: list[str]) -> frozenset[str]:
    return frozenset(text.plain(term) for term in terms if text.plain(term))


def judge_synonyms(table: Table) -> list[Outcome]:
    """Judge a list of synonyms; the first word and the direction are what makes two the same."""
    known: dict[tuple[str, bool], Synonym] = {}
    for row in Synonym.objects.all():
        known.setdefault((text.plain(row.terms.replace("，", ",").split(",")[0]), row.one_way), row)
    seen: dict[Any, int] = {}
    found = []
    for line in table.lines:
        checked = Checked(line, table.headings)
        terms = list(dict.fromkeys(checked.several("terms")))
        if len(_set_of(terms)) < 2:
            checked.wrong("terms", _("Give at least two different words, with a comma between them."))
        joined = ", ".join(terms)
        if len(joined) > 500:
            checked.wrong("terms", _("At most %(count)s characters; this has %(has)s.") % {"count": 500, "has": len(joined)})
        one_way = checked.yes("one_way", default=False)
        key = (text.plain(terms[0]) if terms else "", one_way)
        checked.once("terms", key, seen)
        values: dict[str, Any] = {"terms": joined}
        values |= {"active": checked.yes("active")} if checked.given("active") else {}
        values |= {"note": checked.text("note", longest=200)} if checked.given("note") else {}
        found.append(_outcome(checked, joined, known.get(key) or Synonym(one_way=one_way), values, table))
    return found


def judge_stop_words(table: Table) -> list[Outcome]:
    """Judge a list of words that questions are searched without."""
    known = {row.word: row for row in StopWord.objects.all()}
    seen: dict[str, int] = {}
    found = []
    for line in table.lines:
        checked = Checked(line, table.headings)
        word = checked.text("word", longest=60, required=True)
        checked.once("word", word, seen)
        values: dict[str, Any] = {"word": word}
        values |= {"active": checked.yes("active")} if checked.given("active") else {}
        found.append(_outcome(checked, word, known.get(word) or StopWord(), values, table))
    return found


#: What the role of a word of the domain may be called.
_ROLES = {
    "own": DomainWord.Role.OWN,
    "ours": DomainWord.Role.OWN,
    "自有": DomainWord.Role.OWN,
    "我们的": DomainWord.Role.OWN,
    "foreign": DomainWord.Role.FOREIGN,
    "not ours": DomainWord.Role.FOREIGN,
    "无关": DomainWord.Role.FOREIGN,
    "不是我们的": DomainWord.Role.FOREIGN,
}


def judge_domain_words(table: Table) -> list[Outcome]:
    """Judge a list of words of the domain; what differs in case or width only is the same word."""
    known = {text.plain(row.word): row for row in DomainWord.objects.all()}
    seen: dict[str, int] = {}
    found = []
    for line in table.lines:
        checked = Checked(line, table.headings)
        word = checked.text("word", longest=60, required=True)
        key = text.plain(word)
        if key:
            checked.once("word", key, seen)
        elif word:
            checked.wrong("word", _("There is no letter or digit in it."))
        row = known.get(key) or DomainWord()
        values: dict[str, Any] = {"word": row.word or word}
        values |= {"role": checked.choice("role", _ROLES, default=row.role)} if checked.given("role") else {}
        values |= {"active": checked.yes("active")} if checked.given("active") else {}
        found.append(_outcome(checked, word, row, values, table))
    return found


def _outcome(checked: Checked, label: str, row: Any, values: dict[str, Any], table: Table) -> Outcome:
    return outcome_of(checked, label, row, values, table.headings, save=lambda by: _save(row, values, by))


def _save(row: Any, values: dict[str, Any], by: Any) -> None:
    created = row.pk is None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    history.record(row, "created" if created else "changed", by=by)


def _may(name: str) -> Any:
    def may(user: Any) -> bool:
        return bool(getattr(user, "is_active", False) and user.has_perms([f"search.add_{name}", f"search.change_{name}"]))

    return may


def register() -> None:
    """Put the dictionary into the table of imports."""
    active = Column("active", ("使用", "启用"), help=gettext_lazy("Yes or no."), example="是")
    add_importer(
        Importer(
            key="synonyms",
            title=gettext_lazy("Synonyms"),
            text=gettext_lazy("Words that mean the same, in either language; in force at the next question."),
            identity=gettext_lazy("The first word and the direction."),
            may=_may("synonym"),
            columns=(
                Column(
                    "terms",
                    ("同义词", "词"),
                    required=True,
                    help=gettext_lazy("Several with commas between them."),
                    example="洗衣机, washing machine, washer",
                ),
                Column("one_way", ("单向",), help=gettext_lazy("Yes or no."), example="否"),
                active,
                Column("note", ("备注",)),
            ),
            judge=judge_synonyms,
            after=actions.touch_dictionary,
            order=70,
        )
    )
    add_importer(
        Importer(
            key="stop-words",
            title=gettext_lazy("Ignored words"),
            text=gettext_lazy("Words that questions are searched without."),
            identity=gettext_lazy("The word."),
            may=_may("stopword"),
            columns=(Column("word", ("词", "忽略词"), required=True, example="请问"), active),
            judge=judge_stop_words,
            after=actions.touch_dictionary,
            order=80,
        )
    )
    add_importer(
        Importer(
            key="domain-words",
            title=gettext_lazy("Domain dictionary"),
            text=gettext_lazy("Words of our own, which are never corrected, and things we neither sell nor service."),
            identity=gettext_lazy("The word."),
            may=_may("domainword"),
            columns=(
                Column("word", ("词", "词语"), required=True, example="净味模块"),
                Column(
                    "role",
                    ("属性", "是什么"),
                    help=gettext_lazy("`own` or `foreign`; empty leaves it as it is, own for a new word."),
                    example="自有",
                ),
                active,
            ),
            judge=judge_domain_words,
            after=actions.touch_dictionary,
            order=75,
        )
    )
