"""Reading Latin letters as pinyin: full syllables (``paishui``) or initials (``xyj``). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_ALL = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou
cu cuan cui cun cuo da dai dan dang dao de den deng di dian diao die ding diu dong dou du duan dui dun duo e ei
en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan
guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia
jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai
kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu
luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan
nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan
pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan
que qun ran rang rao re ren reng ri rong rou ru ruan rui run ruo sa sai san sang sao se sen seng sha shai
shan shang shao she shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun
suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng
wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you
yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu
zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_ALL.split())
_LONGEST = 6
_INITIALS = re.compile(r"[a-z]{2,6}")


@lru_cache(maxsize=4096)
def segment(word: str) -> tuple[str, ...]:
    """Syllables of a word written in pinyin, fewest first; empty when it is not pinyin throughout."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before = best[start]
            if before is None or word[start:end] not in SYLLABLES:
                continue
            candidate = (*before, word[start:end])
            current = best[end]
            if current is None or len(candidate) < len(current):
                best[end] = candidate
    return best[len(word)] or ()


def pinyin_pairs(word: str) -> list[str]:
    """Neighbouring syllables joined, as titles are indexed; empty for fewer than two syllables."""
    parts = segment(word)
    return [parts[i] + parts[i + 1] for i in range(len(parts) - 1)]


def syllables_apart(words: Sequence[str]) -> list[list[str]]:
    """Runs of two words or more that are pinyin throughout, as syllables are typed with spaces: ``xi yi ji lou shui``."""
    runs: list[list[str]] = [[]]
    for word in words:
        if segment(word):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def syllables_of(words: Sequence[str]) -> list[str]:
    """The syllables of words that are pinyin, in order."""
    return [syllable for word in words for syllable in segment(word)]


def looks_like_initials(word: str) -> bool:
    """Whether the word is two to six letters that could be initials of Chinese syllables."""
    return bool(_INITIALS.fullmatch(word)) and not set(word) & set("iuv")
