"""Markdown becomes the blocks of a guide; nothing in it becomes markup of its own."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.markdown import inline, read

GUIDE = """# 滚筒洗衣机不排水

排水泵堵了，**先清理**过滤器。

> 警告：先断电。水可能还是烫的。

## 两步清理

1. 关机、拔插头。先按电源键。
   等 30 分钟。
2. **逆时针拧下过滤器**：慢慢拧

| 现象 | 原因 |
|---|---|
| 嗡嗡响 | 卡了硬币 |

## 常见问题

### 会影响保修吗？

不会。

## 何时停下

- 闻到焦味
- 地上有水
"""


def kinds(text):
    return [block["type"] for block in read(text).blocks]


def test_a_whole_guide_becomes_its_blocks():
    found = read(GUIDE)
    assert found.title == "滚筒洗衣机不排水" and found.remarks == []
    assert [block["type"] for block in found.blocks] == ["paragraph", "warning", "steps", "table", "faq", "stop"]
    paragraph, warning, steps, table, faq, stop = (block["value"] for block in found.blocks)
    assert paragraph["text"] == "<p>排水泵堵了，<b>先清理</b>过滤器。</p>"
    assert (warning["level"], warning["title"], warning["text"]) == ("warning", "先断电", "<p>水可能还是烫的。</p>")
    assert steps["title"] == "两步清理"
    first, second = (entry["value"] for entry in steps["steps"])
    assert first["title"] == "关机、拔插头" and first["text"] == "<p>先按电源键。</p><p>等 30 分钟。</p>"
    assert second["title"] == "逆时针拧下过滤器" and second["text"] == "<p>慢慢拧</p>"
    assert [column["heading"] for column in table["table"]["columns"]] == ["现象", "原因"]
    assert table["table"]["rows"] == [{"values": ["嗡嗡响", "卡了硬币"]}]
    assert [entry["value"] for entry in faq["questions"]] == [{"question": "会影响保修吗？", "answer": "<p>不会。</p>"}]
    assert stop["text"] == "<ul><li>闻到焦味</li><li>地上有水</li></ul>"


def test_warnings_are_known_in_both_languages():
    for text, level in (("> **Danger!** Gas.", "danger"), ("> 注意：烫", "caution"), ("> Warning: hot", "warning")):
        (block,) = read(text).blocks
        assert block["type"] == "warning" and block["value"]["level"] == level
    assert kinds("> 提示：晚上更安静") == ["paragraph"]


def test_html_and_dangerous_links_stay_text():
    assert inline("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    html = inline("<img src=x onerror=1> [go](javascript:alert) [ok](https://a.example/?a=1&b=2)")
    assert "<img" not in html and "javascript" not in html and '<a href="https://a.example/?a=1&amp;b=2">ok</a>' in html


def test_a_heading_without_content_is_remarked():
    assert [remark[1:] for remark in read("## 原因\n\n## 步骤\n\n1. 关机").remarks] == [("empty_heading", "原因")]


def test_a_very_long_step_keeps_every_word():
    words = "把过滤器慢慢拧下来" * 40
    (block,) = read(f"1. {words}").blocks
    step = block["value"]["steps"][0]["value"]
    assert len(step["title"]) <= 120 and words in step["text"]


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_blocks_without_foreign_markup(text):
    for block in read(text).blocks:
        value = block["value"]
        for html in (value.get("text", ""), *(entry["value"]["text"] for entry in value.get("steps", []))):
            assert re.sub(r"</?(?:p|ul|li|b)>|<a href=\"[^\"<>]*\">|</a>", "", html).find("<") == -1
