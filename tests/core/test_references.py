"""References are short, unguessable in order and forgiving to type."""

import pytest

from core.references import new_reference, normal_reference


@pytest.mark.parametrize(
    "typed", ["T-2611-20934", "t-2611-20934", "t 2611 20934", "T261120934", "Ｔ－２６１１－２０９３４", "T–2611—20934"]
)
def test_reference_is_read_however_it_is_typed(typed):
    assert normal_reference(typed) == "T-2611-20934"


@pytest.mark.parametrize("typed", ["", "   ", "'; drop table", "x" * 500, "洗衣机"])
def test_nonsense_is_not_a_reference_and_not_an_error(typed):
    assert len(normal_reference(typed)) <= 40


def test_taken_reference_is_not_given_again():
    taken: set[str] = set()
    for _ in range(300):
        reference = new_reference("T", exists=taken.__contains__)
        assert reference not in taken
        taken.add(reference)


def test_full_month_is_an_error_rather_than_a_double():
    with pytest.raises(RuntimeError):
        new_reference("T", exists=lambda _: True)
