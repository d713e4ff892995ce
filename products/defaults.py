"""Rows every installation starts with: the first two floors of the problem tree (processes.md, section 3)."""

from products.models import Market, ProblemNode

# key, Chinese, English, children
TREE = (
    ("fault", "故障", "Fault", (
        ("fault-power", "不通电、不启动", "No power, does not start"),
        ("fault-water", "进水、排水、漏水", "Water in, out or leaking"),
        ("fault-heat", "不制冷、不加热", "No cooling or heating"),
        ("fault-noise", "噪音、振动、异味", "Noise, shaking, smell"),
        ("fault-display", "显示屏、故障码", "Display and error codes"),
        ("fault-part", "零件损坏", "Broken part"),
    )),
    ("usage", "使用", "Usage", (
        ("usage-settings", "设置与操作", "Settings and operation"),
        ("usage-care", "清洁与保养", "Cleaning and care"),
        ("usage-network", "联网与 App", "Network and app"),
    )),
    ("service", "服务", "Service", (
        ("service-delivery", "送货", "Delivery"),
        ("service-installation", "安装", "Installation"),
        ("service-repair", "维修", "Repair"),
        ("service-charge", "收费", "Charges"),
        ("service-warranty", "保修", "Warranty"),
    )),
    ("other", "其他", "Other", ()),
)  # fmt: skip


def load_defaults() -> None:
    """Create the nodes that are missing; edited ones stay as they are."""
    for order, (key, zh, en, children) in enumerate(TREE, start=1):
        parent, _made = ProblemNode.objects.get_or_create(key=key, defaults={"name_zh_hans": zh, "name_en": en, "order": order * 10})
        for place, (child, child_zh, child_en) in enumerate(children, start=1):
            ProblemNode.objects.get_or_create(
                key=child, defaults={"parent": parent, "name_zh_hans": child_zh, "name_en": child_en, "order": order * 10 + place}
            )
    if not Market.objects.exists():
        Market.objects.create(code="CN", name_zh_hans="中国大陆", name_en="Mainland China", is_default=True, order=10)
