"""Rows every installation starts with: calendar, queues, priorities, service levels. Loading again changes nothing that was edited."""

from datetime import time

from django.db import transaction

from core.models import BusinessCalendar, CalendarPeriod
from products.models import ProductFamily
from tickets.models import Priority, Queue, SLAPolicy

CALENDAR = {
    "key": "service-desk",
    "name_zh_hans": "客服工作时间",
    "name_en": "Service desk hours",
    "time_zone": "Asia/Shanghai",
    "holiday_country": "CN",
    "is_default": True,
}
WEEKDAY_PERIODS = ((time(9), time(12)), (time(13), time(18)))
# key, Chinese, English, tier, families, default
QUEUES = (
    ("washing", "洗护组", "Laundry", 1, ("washing-machines",), False),
    ("cooling", "冷暖组", "Cooling and heating", 1, ("refrigerators", "air-conditioners"), False),
    ("kitchen-water", "厨房与热水组", "Kitchen and hot water", 1, ("hoods-and-stoves", "water-heaters"), False),
    ("robots-app", "机器人与 App 组", "Robots and app", 1, ("robot-vacuums",), False),
    ("general", "综合组", "General", 1, (), True),
    ("second-line", "二线技术组", "Second line", 2, (), False),
    ("management", "值班经理", "Duty managers", 3, (), False),
)
# key, Chinese, English, rank, up to impact + urgency
PRIORITIES = (
    ("urgent", "紧急", "Urgent", 1, 2),
    ("high", "高", "High", 2, 3),
    ("normal", "中", "Normal", 3, 5),
    ("low", "低", "Low", 4, 6),
)
# priority, Chinese, English, first response, next response, resolution: business minutes
POLICIES = (
    ("urgent", "紧急：30 分钟", "Urgent: 30 minutes", 30, 60, 480),
    ("high", "高：1 小时", "High: 1 hour", 60, 120, 480),
    ("normal", "中：2 小时", "Normal: 2 hours", 120, 240, 960),
    ("low", "低：4 小时", "Low: 4 hours", 240, 480, 1440),
)


@transaction.atomic
def load_defaults() -> None:
    """Create what is missing; rows that are there keep what people made of them."""
    calendar, created = BusinessCalendar.objects.get_or_create(key=CALENDAR["key"], defaults=CALENDAR)
    if created:
        CalendarPeriod.objects.bulk_create(
            CalendarPeriod(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
            for weekday in range(5)
            for opens, closes in WEEKDAY_PERIODS
        )
    for order, (key, zh, en, tier, families, is_default) in enumerate(QUEUES):
        queue, created = Queue.objects.get_or_create(
            key=key,
            defaults={"name_zh_hans": zh, "name_en": en, "calendar": calendar, "tier": tier, "is_default": is_default, "order": order},
        )
        if families and (created or not queue.families.exists()):
            queue.families.add(*ProductFamily.objects.filter(slug__in=families))
    for key, zh, en, rank, up_to in PRIORITIES:
        Priority.objects.get_or_create(
            key=key, defaults={"name_zh_hans": zh, "name_en": en, "rank": rank, "up_to": up_to, "is_default": key == "normal"}
        )
    for order, (key, zh, en, first, following, resolution) in enumerate(POLICIES):
        minutes = {"first_response_minutes": first, "next_response_minutes": following, "resolution_minutes": resolution}
        SLAPolicy.objects.get_or_create(
            priority=Priority.objects.get(key=key),
            queue=None,
            kind="",
            defaults={"name_zh_hans": zh, "name_en": en, "order": order, **minutes},
        )
