"""How a text reads, in both languages: each rule finds its case, says where, and leaves good sentences alone."""

import pytest
from django.utils import translation

from kb.readability import SHOWN, Measures, Passage, WordRule, few, look_at

LONG_ZH = "先把机器背后的进水管从水龙头上拧下来，再用旧牙刷把里面那一小片滤网上的泥沙和水垢一点一点刷干净，最后原样装回去拧紧"
LONG_EN = (
    "First unscrew the hose behind the machine from the tap and then brush the small sieve inside it "
    "with an old toothbrush until all the sand is gone."
)


def codes(*passages, language="zh-hans", **measures):
    given = [passage if isinstance(passage, Passage) else Passage("这里", passage) for passage in passages]
    kept = Measures(**{"sentence": 45 if language == "zh-hans" else 25, **measures})
    with translation.override(language):
        return [finding.code for finding in look_at(given, language, kept)]


def step(number, words, source=""):
    return Passage(f"步骤 {number}", words, source or f"<p>{words}</p>", step=number)


@pytest.mark.parametrize(
    ("language", "words", "code"),
    [
        ("zh-hans", LONG_ZH, "sentence"),
        ("en", LONG_EN, "sentence"),
        ("zh-hans", "水龙头拧紧。" * 40, "paragraph"),
        ("en", "Close the tap. " * 40, "paragraph"),
        ("zh-hans", "过滤器须由您拆下。", "passive"),
        ("en", "The filter should be carefully removed.", "passive"),
        ("zh-hans", "等３０ 分钟", "width"),
        ("zh-hans", "离地 60cm。", "unit"),
        ("zh-hans", "等30分钟。", "unit"),
        ("en", "Wait 30minutes at 220V.", "unit"),
    ],
)
def test_each_rule_finds_its_case(language, words, code):
    assert codes(words, language=language, paragraph=160 if language == "zh-hans" else 90) == [code]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "关机，拔下插头，等 30 分钟。出水口离地 60—100 cm。E2 消失就好了，WF10-320 也一样，第 3 步再看 2 次，2026年 3月起。"),
        ("zh-hans", "30% 的情况是滤网堵了，水温调到 55 ℃，额定 220 V、2.4 GHz。你好！"),
        ("en", "Switch it off, pull the plug and wait 30 minutes. The outlet is 60–100 cm above the floor. E2 goes away on the WF10-320."),
        ("en", "The lamp is broken. It has been raining. 30% of all cases; choose 4K or 5G. You can be sure of that."),
        ("en", ""),
    ],
)
def test_good_sentences_are_left_alone(language, words):
    assert codes(words, language=language) == []


def test_both_ways_of_addressing_readers_in_one_text_are_named_where_the_rarer_stands():
    with translation.override("zh-hans"):
        found = look_at([Passage("甲", "请您先断电。"), Passage("乙", "您再等等。"), Passage("丙", "你看一眼。")], "zh-hans", Measures())
    assert [(item.code, item.where) for item in found] == [("address", "丙")] and "“你”" in found[0].text
    assert codes("请您先断电，您再等等。") == codes("你看一眼。") == codes("You and your machine", language="en") == []


def test_words_to_avoid_are_found_with_what_to_say_instead():
    rules = (WordRule("进行清洁", "清洁"), WordRule("错误代码", "故障码", "term"), WordRule("予以", ""))
    with translation.override("zh-hans"):
        found = look_at([Passage("摘要", "对滤网进行清洁，错误代码予以记录。")], "zh-hans", Measures(words=rules))
    assert [item.code for item in found] == ["plain", "term", "plain"]
    assert "清洁" in found[0].text and "故障码" in found[1].text and all(item.where == "摘要" for item in found)
    english = (WordRule("prior to", "before"), WordRule("use", "take"))
    assert codes("Prior  to cleaning, unplug the used machine.", language="en", words=english) == ["plain"]


@pytest.mark.parametrize("words", ["这里", "点这里", "点此处", "详情", "here", "Click here", "read more.", "this page"])
def test_a_link_says_where_it_leads(words):
    assert codes(Passage("甲", words, f'<p>看<a href="/x">{words}</a></p>')) == ["link"]
    assert codes(Passage("甲", "清洗滤网", '<p><a href="/x">怎么清洗这里的滤网</a></p>')) == []


def test_a_bold_line_is_no_heading():
    assert codes(Passage("甲", "清洗步骤\n先关机。", "<p><b>清洗步骤</b></p><p>先关机。</p>")) == ["heading"]
    assert codes(Passage("甲", "先关机。", "<p>先<b>关机</b>。</p>")) == []


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "拧下过滤器。注意：水可能还是烫的。"), ("en", "Unscrew the filter. Caution: the water may be hot.")]
)
def test_a_warning_stands_before_what_it_warns_of(language, words):
    assert codes(step(1, words), language=language) == ["late_warning"]
    assert codes(Passage("甲", words), language=language) == []


@pytest.mark.parametrize(
    ("language", "opens", "safe"),
    [
        ("zh-hans", "拆下后盖，看看里面。", "拔下电源插头，等五分钟。"),
        ("en", "Remove the rear panel and look inside.", "Unplug the machine and wait."),
    ],
)
def test_the_machine_is_made_safe_before_it_is_opened(language, opens, safe):
    assert codes(step(1, opens), step(2, safe), language=language) == ["order"]
    assert codes(step(1, safe), step(2, opens), language=language) == []
    assert codes(Passage("警告", safe), step(1, opens), step(2, safe), language=language) == []


def test_the_first_places_of_a_rule_are_shown_and_the_rest_counted():
    many = [f"离地 {number}cm。" for number in range(10, 20)]
    found = codes(*many)
    assert found == ["unit"] * (SHOWN + 1)
    assert len(few([])) == 0
    with translation.override("en"):
        told = look_at([Passage(f"part {number}", words) for number, words in enumerate(many)], "zh-hans", Measures())[-1]
    assert "7" in told.text and "part 3" in told.where
