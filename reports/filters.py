"""What a report was asked for: period, product, language, door. Read from the address, written back into every link."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from core.i18n import LANGUAGES
from kb.models import HelpSession
from products.models import ProductFamily
from reports import periods
from reports.periods import Period


@dataclass(frozen=True)
class Filters:
    """Period, family, language and door of a report; the door is the HelpSession.Channel at which an attempt stood last."""

    period: Period
    days: int = periods.DEFAULT  # 0 where days were chosen by hand
    family: ProductFamily | None = None
    language: str = ""
    entry: str = ""

    def before(self) -> "Filters":
        """Return the same for the period before."""
        return Filters(self.period.before(), 0, self.family, self.language, self.entry)

    def params(self) -> dict[str, str]:
        """Return the parameters of an address."""
        when = {"days": str(self.days)} if self.days else {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        family = {"family": self.family.slug} if self.family else {}
        others = {name: value for name, value in (("language", self.language), ("entry", self.entry)) if value}
        return {**when, **family, **others}

    def address(self, path: str, **more: Any) -> str:
        """Return a path with these filters and more parameters; empty values are left out."""
        return f"{path}?{urlencode({**self.params(), **{name: value for name, value in more.items() if value not in ('', None)}})}"


def filters_from(given: Any, *, now: datetime, zone: tzinfo) -> Filters:
    """Return the filters of an address; what makes no sense is left out."""
    first, last = _day(given.get("from", "")), _day(given.get("to", ""))
    days = int(given["days"]) if str(given.get("days", "")) in {str(choice) for choice in periods.CHOICES} else periods.DEFAULT
    chosen = first is not None and last is not None
    period = periods.between(first, last, zone=zone) if first and last else periods.last_days(days, now=now, zone=zone)
    slug = str(given.get("family", ""))[:60]
    family = ProductFamily.objects.filter(slug=slug).first() if slug else None
    language = given.get("language", "")
    entry = given.get("entry", "")
    entry = entry if entry in HelpSession.Channel.values else ""
    return Filters(period, 0 if chosen else days, family, language if language in LANGUAGES else "", entry)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
