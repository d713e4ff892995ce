"""The one signal search listens to: a dictionary row deleted in the CMS stops working at the next question."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from search.actions import touch_dictionary
from search.models import DomainWord, PromotedResult, StopWord, Synonym


@receiver([post_delete], sender=DomainWord)
@receiver([post_delete], sender=Synonym)
@receiver([post_delete], sender=StopWord)
@receiver([post_delete], sender=PromotedResult)
def dictionary_changed(sender: type, **kwargs: Any) -> None:
    """Number the change of the dictionary."""
    touch_dictionary()
