"""The words that stand for each other: the shipped dictionary, and the rows editors add to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from search import text

#: Shipped groups. Every word of a group finds the others, across languages.
SHIPPED = """
洗衣机, washing machine, washer
烘干机, 干衣机, dryer, tumble dryer
洗烘一体机, washer dryer
冰箱, 电冰箱, fridge, refrigerator
冷冻室, freezer
空调, 冷气机, air conditioner, air conditioning, aircon, ac
油烟机, 抽油烟机, 吸油烟机, range hood, cooker hood, extractor hood
燃气灶, 灶具, 煤气灶, gas stove, gas hob, cooktop
热水器, water heater, boiler
扫地机器人, 扫地机, 扫拖机器人, robot vacuum, robot cleaner
洗碗机, dishwasher
微波炉, microwave
烤箱, oven
净水器, 净水机, water purifier
遥控器, remote control, remote
滤网, 过滤网, 滤芯, filter
排水泵, drain pump
排水管, drain hose
进水管, inlet hose, water supply hose
进水阀, inlet valve
密封圈, 门封条, 胶圈, door seal, gasket
滚筒, 内筒, 内桶, drum
压缩机, compressor
制冷剂, 冷媒, 雪种, 氟利昂, refrigerant
充电座, 基站, 基座, 充电桩, 回充座, charging dock, docking station, base station, dock
尘盒, 集尘盒, dustbin, dust box
边刷, side brush
主刷, 滚刷, main brush, roller brush
排水, drain, draining
不进水, 不上水, 进不了水, 没水进来, 没有水进来, not filling, does not fill, no water coming in
泡沫, 泡泡, foam, suds, bubbles
抖动, 震动, 晃动, 抖得厉害, 晃得厉害, 抖得很厉害, vibration, vibrating, shaking, shakes
关不严, 关不上, 自己弹开, 自动弹开, won't close, does not close, will not close, pops open, popping open
召回, recall, recalled
不排水, 排不出水, 排不出去, 排不了水, 水排不掉, 不下水, not draining, won't drain, does not drain
脱水, 甩干, spin, spinning
漏水, 渗水, 滴水, leak, leaking, leaks, dripping
噪音, 异响, 噪声, 声音大, 声音很大, 吵, noise, noisy, strange sound
异味, 臭味, 好臭, 很臭, 发臭, 有味道, 难闻, smell, odour, odor, smelly
不制冷, 不冷, 不凉, 不凉快, not cooling, not cold
不制热, 不热, not heating, no heat
不启动, 不通电, 没反应, 开不了机, not starting, won't start, does not start, no power
打不着火, 点不着火, 不点火, won't ignite, no ignition, does not light
无热水, 没热水, 不出热水, no hot water
结霜, 结冰, frost, ice build-up, icing
除霜, 化霜, defrost, defrosting
童锁, 儿童锁, child lock
门打不开, 开不了门, door will not open, door stuck, door locked
连不上网, 无法联网, 配网, 连不上wifi, wi-fi setup, connect to wifi, wifi connection
保修, 质保, 三包, 包修, warranty, guarantee
安装, install, installation
清洗, 清洁, 清理, clean, cleaning
维修, 修理, repair
故障代码, 错误代码, 报警代码, error code, fault code
发票, 购买凭证, invoice, receipt, proof of purchase
说明书, 使用手册, manual, user guide
型号, model number
序列号, 机身号, serial number
重置, 复位, 恢复出厂, reset, factory reset
燃气味, 煤气味, 闻到燃气, gas smell, smell of gas
漏电, 触电, electric shock, earth leakage
跳闸, 断路器跳, tripped breaker, trips the breaker
怎么, 怎样, 如何, 咋, 怎么样
"""

_SPLIT = re.compile(r"[,，;；、|\n]+")


@dataclass(slots=True)
class Expansion:
    """A phrase found in a question, and what may stand for it."""

    phrase: str
    alternatives: list[str]


@dataclass(slots=True)
class Promotion:
    """A document to show first when every word of one alternative is in the question."""

    alternatives: list[list[str]]
    key: str


@dataclass
class Dictionary:
    """Synonyms, ignored words and promoted results in force, ready to be applied to a question."""

    groups: dict[str, list[str]] = field(default_factory=dict)
    stop_words: frozenset[str] = frozenset()
    promotions: list[Promotion] = field(default_factory=list)
    own: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    _pattern: re.Pattern[str] | None = None
    _own: re.Pattern[str] | None = None
    _foreign: re.Pattern[str] | None = None

    @classmethod
    def build(
        cls,
        synonyms: Iterable[tuple[str, bool]],
        *,
        stop_words: Iterable[str] = (),
        promotions: Iterable[tuple[str, str]] = (),
        own: Iterable[str] = (),
        foreign: Iterable[str] = (),
    ) -> Dictionary:
        """Make a dictionary of ``(terms, one_way)`` groups, ignored words, ``(words, key)`` promotions, and words of the domain.

        ``own`` words are never corrected and never strange; a question that names a ``foreign`` one has no sure answer.
        """
        groups: dict[str, list[str]] = {}
        for line, one_way in synonyms:
            words = words_of(line)
            for word in words[:1] if one_way else words:
                known = groups.setdefault(word, [])
                known.extend(other for other in words if other != word and other not in known)
        made = cls(
            groups=groups,
            stop_words=_plain_set(stop_words),
            own=_plain_set(own),
            foreign=_plain_set(foreign),
            promotions=[
                Promotion([text.plain(part).split() for part in _SPLIT.split(words) if text.plain(part)], key) for words, key in promotions
            ],
        )
        made._pattern, made._own, made._foreign = (_pattern_of(words) for words in (groups, made.own, made.foreign))
        return made

    def expand(self, plain: str) -> list[Expansion]:
        """Phrases of plain text that have synonyms; the longest phrase wins where two overlap."""
        if self._pattern is None:
            return []
        found: dict[str, Expansion] = {}
        for match in self._pattern.finditer(plain):
            found.setdefault(match.group(), Expansion(match.group(), self.groups[match.group()]))
        return list(found.values())

    def promoted(self, plain: str) -> list[str]:
        """Keys of documents promoted for plain text."""
        words = set(plain.split())
        return [
            p.key
            for p in self.promotions
            if any(all(w in words or (text.is_han(w) and w in plain) for w in option) for option in p.alternatives if option)
        ]

    def ignores(self, word: str) -> bool:
        """Whether editors excluded the word from questions."""
        return word in self.stop_words

    def own_words(self, plain: str) -> frozenset[str]:
        """The single words of plain text that are, or belong to, words of the maker's own."""
        return frozenset(word for found in self._own.findall(plain) for word in found.split()) if self._own else frozenset()

    def beside_own(self, run: str) -> list[str]:
        """The pieces of a run of Chinese that lie beside words of the maker's own."""
        return [piece for piece in self._own.split(run) if piece] if self._own else [run]

    def names_foreign(self, plain: str) -> bool:
        """Whether plain text names a thing that is not the maker's."""
        return bool(self._foreign and self._foreign.search(plain))


def _plain_set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, (text.plain(word) for word in words)))


def _pattern_of(words: Collection[str]) -> re.Pattern[str] | None:
    """Finds any of some plain words, the longest first, Latin ones only as whole words."""
    if not words:
        return None
    parts = []
    for word in sorted(words, key=len, reverse=True):
        before = rf"(?<![^\W_{text.HAN}])" if text.surface_words(word[0]) else ""
        after = rf"(?![^\W_{text.HAN}])" if text.surface_words(word[-1]) else ""
        parts.append(f"{before}{re.escape(word)}{after}")
    return re.compile("|".join(parts))


def words_of(line: str) -> list[str]:
    """The plain words and phrases of a line of synonyms, each once."""
    return list(dict.fromkeys(w for w in (text.plain(part) for part in _SPLIT.split(line)) if w))


def shipped_lines() -> list[str]:
    """The shipped groups, one line each."""
    return [line.strip() for line in SHIPPED.strip().splitlines() if line.strip()]


def shipped() -> Dictionary:
    """The shipped dictionary alone, without any row."""
    return Dictionary.build((line, False) for line in shipped_lines())
