"""What happens when the catalogue changes: a history row, and news for whoever shows or finds it."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from core import history
from core.events import emit
from products.models import ErrorCode, Market, ModelAlias, Part, ProblemNode, ProductFamily, ProductModel

Row = ProductFamily | ProductModel | ModelAlias | Part | ErrorCode | ProblemNode | Market


def record_saved(row: Row, *, by: Any, created: bool, changed: Iterable[str] = ()) -> None:
    """Write the step of a saved row and tell the house; call it in the transaction of the save.

    Args:
        row: the saved row.
        by: who saved it.
        changed: names of the changed fields.
    """
    with transaction.atomic():
        history.record(row, "created" if created else "changed", by=by, fields=sorted(changed))
        _tell(row, row.pk)


def delete(row: Row, *, by: Any) -> None:
    """Delete a row that nothing depends on, and tell the house.

    Raises django's ProtectedError where tickets, guides or units still name it: such rows are hidden or retired instead.
    """
    with transaction.atomic():
        pk = row.pk
        history.record(row, "deleted", by=by, label=str(row))
        row.delete()
        _tell(row, pk)


def _tell(row: models.Model, pk: int) -> None:
    if isinstance(row, ProductFamily):
        emit("product.changed", family_id=pk)
        for model_id in ProductModel.objects.filter(family_id=pk).values_list("pk", flat=True):
            emit("product.changed", model_id=model_id)
        for code_id in ErrorCode.objects.filter(family_id=pk).values_list("pk", flat=True):
            emit("code.changed", code_id=code_id)
    elif isinstance(row, ProductModel):
        emit("product.changed", model_id=pk, family_id=row.family_id)
    elif isinstance(row, ModelAlias):
        emit("product.changed", model_id=row.model_id)
    elif isinstance(row, ErrorCode):
        emit("code.changed", code_id=pk)
    elif isinstance(row, Market):
        emit("market.changed", market_id=pk)
