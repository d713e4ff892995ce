"""A burst passes, a flood does not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.throttle import Bucket


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.floats(min_value=0.0001, max_value=3), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_the_rate(steps: list[float]) -> None:
    bucket, now, taken, began = Bucket(), 100.0, 0, 100.0
    for step in steps:
        taken += bucket.take(now)
        assert taken <= bucket.size + (now - began) * bucket.rate + 1e-6
        assert 0 <= bucket.level <= bucket.size
        now += step


def test_a_person_is_never_refused_and_a_flood_is_told_apart() -> None:
    bucket = Bucket()
    assert all(bucket.take(100 + number / 20) for number in range(1000))
    now = 200.0
    while not bucket.is_flood and now < 260:
        bucket.take(now)
        now += 1 / 200
    assert bucket.is_flood and now - 200 < 8
    assert 0 < bucket.wait() <= 1 / bucket.rate
