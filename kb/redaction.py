"""Personal data in texts: found, and taken out. Pure.

Two sources say what is personal: what the record knows of its people (names, phones, addresses, serial numbers), found wherever it
appears and however it is spaced; and the form of what was typed (phone numbers, e-mail, identity and plate numbers, addresses, orders).
Positions stay those of the text as typed: only full-width signs are read as half-width ones, one for one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext, pgettext_lazy
from pypinyin import lazy_pinyin

WORDS: dict[str, Any] = {
    "name": pgettext_lazy("removed", "name"),
    "phone": pgettext_lazy("removed", "phone number"),
    "email": pgettext_lazy("removed", "e-mail address"),
    "account": pgettext_lazy("removed", "account"),
    "address": pgettext_lazy("removed", "address"),
    "serial": pgettext_lazy("removed", "serial number"),
    "order": pgettext_lazy("removed", "order number"),
    "id": pgettext_lazy("removed", "identity number"),
    "card": pgettext_lazy("removed", "card number"),
    "plate": pgettext_lazy("removed", "number plate"),
}

_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房蒲滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫"
)
_DOUBLE = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯"
_SURNAME = f"(?:{_DOUBLE}|[{_SURNAMES}])"
_TITLE = "先生|女士|小姐|太太|阿姨|叔叔|大爷|大妈|大姐|师傅|老师|经理"
# What no given name holds: 安装师傅, 主管请师傅 are nobody's names.
_GIVEN = r"(?:(?![装请修位个些的了来让叫找是问给对和与])[\u4e00-\u9fa5])"
# Surnames that are no other word after 老 and 小 (小时, 小方).
_USUAL = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾董袁潘蒋蔡杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪廖贾"
# What stands before an address and is no part of it.
_PLACE = r"(?:(?![我你您他她它们住在到是寄送来去给的了请和与从址为往，。])[\u4e00-\u9fa5])"
_SECTION = r"(?:省|自治区|特别行政区|市|自治州|区|區|县|縣|镇|鎮|乡|鄉|街道)"
_ROAD = r"(?:路|街|巷|弄|大道|胡同|村|小区|花园|花園|花苑|公寓|家园|新村|大厦|大廈|广场|廣場|名苑|雅苑|华庭|邨)"
_HOUSE = r"(?:号院|号楼|号|號|栋|棟|幢|座|单元|單元|层|層|楼|樓|室|户|戶|弄)"
_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百零〇东南西北-]+"
_EN_ROAD = r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Close|Terrace|Square|Crescent|Parkway|Way|Place)"
# What may stand between the figures of one number, and invisible signs that a phone puts there.
_GAP = r"[\s.\-–—·/\u200b-\u200d\u2060\ufeff]{0,3}"
_VALUE = r"(?=[A-Za-z-]*[0-9])[A-Za-z0-9][A-Za-z0-9-]{4,29}"
_IS = r"\s*(?:是|为|is)?\s*[:#]?\s*"

# Kind, pattern, group that is personal. Earlier ones win where two begin together.
PATTERNS: tuple[tuple[str, re.Pattern[str], int], ...] = (
    ("email", re.compile(r"[A-Za-z0-9._%+-]+\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), 0),
    (
        "email",
        re.compile(
            r"(?:[A-Za-z0-9_-]+\s(?:dot|点)\s)*[A-Za-z0-9._%+-]+(?:\s*(?:#|\[at\]|\(at\)|艾特)\s*[A-Za-z0-9-]+\s*(?:\.|\[dot\]|\(dot\)|点|\bdot\b)"
            r"|\s+at\s+[A-Za-z0-9-]+\s+(?:dot|点)\s)\s*(?:com|cn|net|org|hk|tw|de|uk|edu)(?:\.cn)?(?![A-Za-z])",
            re.IGNORECASE,
        ),
        0,
    ),
    (
        "account",
        re.compile(
            rf"(?<![A-Za-z])(?:(?:微信|薇信|威信|V信|QQ|wechat|weixin|whatsapp|telegram|LINE|支付宝|旺旺|抖音|小红书|飞书|钉钉)(?![a-z])|(?<![A-Za-z])(?:vx|wx)(?![A-Za-z]))"
            rf"\s*(?:账号|账户|号码?|號碼?|名|id)?{_IS}@?([A-Za-z][A-Za-z0-9_-]{{4,23}}|\d{{5,12}})",
            re.IGNORECASE,
        ),
        1,
    ),
    ("account", re.compile(rf"加\s*(?:我|下|一下)?\s*[Vv](?![A-Za-z]){_IS}@?([A-Za-z][A-Za-z0-9_-]{{4,23}}|\d{{5,12}})"), 1),
    (
        "account",
        re.compile(rf"(?:Wi-?Fi|无线网?|路由器|热点)\s*(?:的)?(?:密码|password){_IS}((?=[!-~]*\d)[!-~]{{6,30}})", re.IGNORECASE),
        1,
    ),
    ("account", re.compile(r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{6,20}"), 0),
    ("id", re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"), 0),
    ("id", re.compile(rf"(?:身份证|护照|passport|ID card)\s*(?:号码?|number|no\.?)?{_IS}([A-Za-z0-9]{{6,20}})", re.IGNORECASE), 1),
    ("id", re.compile(r"(?:通行证|居留证)\s*(?:号码?)?\s*(?:是|为)?\s*[:#]?\s*([A-Za-z0-9]{7,12})"), 1),
    ("id", re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\([0-9A]\)"), 0),
    (
        "id",
        re.compile(
            rf"(?:税号|纳税人识别号|统一社会信用代码|tax (?:number|id)|VAT(?: number| no\.?)?){_IS}((?=[A-Z]*\d)[A-Z0-9]{{9,20}})",
            re.IGNORECASE,
        ),
        1,
    ),
    ("card", re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)"), 0),
    (
        "phone",
        re.compile(rf"(?<![\dA-Za-z-])(?:\(?\+?(?:00)?86\)?{_GAP})?1[3-9]\d{_GAP}(?:\d{{4}}{_GAP}\d{{4}}|\d{{3}}{_GAP}\d{{5}})(?!\d)"),
        0,
    ),
    ("phone", re.compile(rf"(?<![\dA-Za-z-])(?:\(?\+?(?:00)?86\)?{_GAP})?1[3-9]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)"), 0),
    ("phone", re.compile(rf"(?<![\dA-Za-z-])1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)"), 0),
    (
        "phone",
        re.compile(
            r"(?:电话|電話|手机|手機|座机|联系方式|(?<![a-z])(?:tel|phone|mobile|cell|call me (?:on|at)))(?:号码?|號碼?| ?number|\.)?"
            r"\s*(?:是|为|is)?\s*[:：]?\s*((?!400|800)\+?\d[\d\s()-]{5,14}\d)(?!\d)",
            re.IGNORECASE,
        ),
        1,
    ),
    ("phone", re.compile(r"(?<![\dA-Za-z])\+(?!86-?400)\d{1,3}[\s().-]*(?:\d[\s().-]*){6,12}\d(?!\d)"), 0),
    ("phone", re.compile(r"(?<![\dA-Za-z-])\(?0\d{2,3}\)?[\s-]?\d{3,4}[\s-]?\d{4}(?:\s*(?:转|轉|分机|ext\.?)\s*\d{1,6})?(?!\d)"), 0),
    ("phone", re.compile(r"(?<![\dA-Za-z-])0\d{3,4}[\s-]\d{3}[\s-]?\d{3,4}(?!\d)"), 0),
    ("phone", re.compile(r"(?<![\dA-Za-z-])(?!400|800)(?:\(\d{3}\)\s?|\d{3}[-.])\d{3}[-.]\d{4}(?!\d)"), 0),
    ("phone", re.compile(r"[零〇一二三四五六七八九幺]{7,}"), 0),
    ("phone", re.compile(r"(?:尾号|ending(?: in| with)?|last four(?: digits)?)\s*(?:是|为|are)?\s*:?\s*(\d{4})(?!\d)", re.IGNORECASE), 1),
    (
        "plate",
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[A-HJ-NP-Z]\s?[·.]?\s?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
        ),
        0,
    ),
    (
        "plate",
        re.compile(
            rf"(?i:licen[cs]e plate|number plate|registration plate|plate (?:number|no\.?)){_IS}"
            r"((?=[A-Z\s-]*\d)[A-Z0-9]{1,4}[\s-]?[A-Z0-9]{2,5})(?![A-Za-z0-9])"
        ),
        1,
    ),
    ("order", re.compile(r"(?<![A-Za-z0-9])[A-Z]-\d{4}-\d{4,6}(?!\d)"), 0),
    ("order", re.compile(r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|JT|EMS|JD[A-Z]{0,2})\d{10,15}(?![A-Za-z0-9])"), 0),
    (
        "order",
        re.compile(
            rf"(?:订单|工单|运单|快递|物流|发票|单)(?:编号|号码?)?{_IS}({_VALUE})|"
            rf"(?:order|tracking|invoice|reference)(?:\s*(?:number|no\.?|id))?{_IS}({_VALUE})",
            re.IGNORECASE,
        ),
        -1,
    ),
    (
        "serial",
        re.compile(
            rf"(?:序列号|序列號|机身号|机身编码|机器编码|机号|出厂编号|整机编码|S/?N码?|IMEI码?|serial(?:\s*(?:number|no\.?))?)(?![a-z]){_IS}"
            rf"({_VALUE}(?:\s[A-Z]{{0,3}}\d{{3,8}}(?![A-Za-z0-9-]))*)",
            re.IGNORECASE,
        ),
        1,
    ),
    ("serial", re.compile(r"(?<![0-9A-Fa-f:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![0-9A-Fa-f:-])"), 0),
    ("address", re.compile(r"(?:地址|住址|送货地址|address)\s*(?:是|为|is)?\s*:\s*([^\n。;；!?！？]{4,80})", re.IGNORECASE), 1),
    (
        "address",
        re.compile(
            rf"(?:{_PLACE}{{1,8}}?{_SECTION}\s*)*{_PLACE}{{1,10}}?{_ROAD}\s*(?:{_PLACE}{{0,8}}?\s*)?"
            rf"{_NUMBER}\s*{_HOUSE}(?:\s*(?:{_NUMBER}\s*{_HOUSE}|{_PLACE}{{2,8}}{_ROAD}|\d{{2,5}}))*"
        ),
        0,
    ),
    ("address", re.compile(rf"(?:{_PLACE}{{2,8}}?{_SECTION}\s*){{2,}}(?:{_PLACE}{{2,12}})?"), 0),
    ("address", re.compile(rf"{_PLACE}{{1,8}}?{_ROAD}\s*\d{{1,3}}\s*-\s*\d{{1,3}}(?:\s*-\s*\d{{3,4}})?(?!\d)"), 0),
    ("address", re.compile(rf"{_PLACE}{{2,8}}道\s*\d{{1,4}}\s*[號号]"), 0),
    ("address", re.compile(r"\d+\s*(?:栋|幢|号楼)\s*(?:\d+\s*单元\s*)?\d{2,5}\s*(?:室|户)?"), 0),
    (
        "address",
        re.compile(
            rf"(?:(?:Flat|Apt|Unit|Suite|Room)\.?\s*#?\w+,?\s+)?(?<![A-Za-z0-9])\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][\w'.-]*\s+){{1,4}}{_EN_ROAD}\b\.?(?:\s(?:Central|North|South|East|West|[NSEW]{{1,2}})\b)?"
            r"(?:,?\s*(?:Apt|Flat|Unit|Suite|Room)\.?\s*#?\w+)?(?:,\s*[A-Z][a-z]+(?:\s[A-Z][a-z]+)*)*"
            r"(?:,?\s+(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|(?:[A-Z]{2}\s+)?\d{5}(?:-\d{4})?)\b)?"
        ),
        0,
    ),
    ("name", re.compile(rf"{_SURNAME}{_GIVEN}{{0,2}}?(?:{_TITLE})"), 0),
    ("name", re.compile(r"(?<![\u4e00-\u9fa5])(?![这那各哪位])[\u4e00-\u9fa5·]{2,6}(?=先生|女士|小姐)"), 0),
    ("name", re.compile(rf"(?:老|小)[{_USUAL}](?=[，,。：:、\s]|$|说|来|上门|帮|给)"), 0),
    (
        "name",
        re.compile(
            rf"(?:我叫|我是|本人|联系人|收件人|收货人|姓名|户主|(?:客户|用户|顾客|机主)(?:姓名)?(?=\s*(?:是|叫|:)))\s*(?:是|为|叫)?\s*:?\s*({_SURNAME}[\u4e00-\u9fa5]{{1,2}})(?![\u4e00-\u9fa5])"
        ),
        1,
    ),
    ("name", re.compile(rf"(?:我|免贵)姓\s*({_SURNAME})(?=[，,。.！!\s]|$)"), 1),
    ("name", re.compile(r"[Tt]his is ([A-Z][a-z'-]+(?:\s[A-Z][a-z'-]+){0,2})(?= (?:calling|speaking|here)\b)"), 1),
    (
        "name",
        re.compile(r"(?:[Mm]y name is|[Nn]ame\s*:|\bMrs?\b\.?|\bMs\b\.?|\bMiss\b|\bDear\b)\s+([A-Z][a-z'-]+(?:\s[A-Z][a-z'-]+){0,2})"),
        1,
    ),
)
_NO_NAMES = frozenset({"Customer", "Sir", "Madam", "Team", "Support", "All", "Friend"})


@dataclass(frozen=True)
class Known:
    """What a record knows of its people and things; found wherever it appears in a text."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    # Never taken out, however they look: model numbers, error codes, the maker's own hotline.
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A piece of personal data: its kind (key of WORDS) and its place in the text."""

    kind: str
    start: int
    end: int
    text: str

    @property
    def word(self) -> str:
        """What it is, in words."""
        return str(WORDS[self.kind])


@dataclass(frozen=True)
class Redacted:
    """A text without personal data, and what was taken out."""

    text: str
    findings: tuple[Finding, ...]


def find_personal(text: str, known: Known | None = None) -> list[Finding]:
    """Return the personal data in a text, in order, without overlaps."""
    known = known or Known()
    plain = text.translate(_HALF)
    spans = [*_known_spans(plain, known), *_pattern_spans(plain)]
    kept = _kept_spans(plain, known.keep)
    spans = [span for span in spans if not any(start <= span[1] and span[2] <= end for start, end in kept)]
    findings: list[Finding] = []
    for kind, start, end in sorted(spans, key=lambda span: (span[1], -span[2])):
        if findings and start < findings[-1].end:
            last = findings[-1]
            if end > last.end:
                findings[-1] = Finding(last.kind, last.start, end, text[last.start : end])
            continue
        findings.append(Finding(kind, start, end, text[start:end]))
    return findings


def redact(text: str, known: Known | None = None) -> Redacted:
    """Return `text` with every piece of personal data replaced by what it was, e.g. `[phone number]`, in the language in force."""
    findings = find_personal(text, known)
    parts, place = [], 0
    for finding in findings:
        parts += [text[place : finding.start], pgettext("removed", "[%(what)s]") % {"what": finding.word}]
        place = finding.end
    return Redacted("".join([*parts, text[place:]]), tuple(findings))


def _pattern_spans(plain: str) -> Iterable[tuple[str, int, int]]:
    for kind, pattern, group in PATTERNS:
        for match in pattern.finditer(plain):
            number = (match.lastindex or 0) if group < 0 else group
            if kind == "name" and number and match[number].split()[0] in _NO_NAMES:
                continue
            yield kind, match.start(number), match.end(number)


def _known_spans(plain: str, known: Known) -> Iterable[tuple[str, int, int]]:
    groups = (("email", known.emails), ("address", known.addresses), ("name", known.names), ("order", known.orders))
    for kind, values in groups:
        for value in values:
            for pattern in _spellings(kind, value.translate(_HALF).strip()):
                for match in pattern.finditer(plain):
                    yield kind, match.start(), match.end()
    for phone in known.phones:
        digits = "".join(ch for ch in phone.translate(_HALF) if ch.isdigit())
        home = digits[2:] if digits.startswith("86") and len(digits) == 13 else digits[-8:]
        for tail, before in ((digits, ""), (home, r"(?:[+(\d][\d\s().+-]{0,9})?")):
            if len(tail) >= 6:
                for match in re.finditer(rf"(?<!\d){before}{_loose(tail)}(?!\d)", plain):
                    yield "phone", match.start(), match.end()
    for serial in known.serials:
        letters = "".join(ch for ch in serial.translate(_HALF) if ch.isalnum())
        if len(letters) >= 4:
            for match in re.finditer(_loose(letters), plain, re.IGNORECASE):
                yield "serial", match.start(), match.end()


def _loose(letters: str) -> str:
    return r"[\s().·/–—\u200b-\u200d\u2060\ufeff-]{0,3}".join(re.escape(letter) for letter in letters)


def _spellings(kind: str, value: str) -> list[re.Pattern[str]]:
    """Return how a known value may be written: a Chinese name with a title, either half of a Latin one, an address without spaces."""
    if len(value) < 2:
        return []
    if kind == "name":
        if re.fullmatch(r"[\u4e00-\u9fa5·]{2,6}", value):
            short = re.match(_DOUBLE, value)
            surname = short[0] if short else value[0]
            return [re.compile(re.escape(value)), re.compile(rf"{surname}(?:{_TITLE}|总|工|姐|哥)"), *_in_latin(surname, value)]
        parts = [value, *(part for part in re.split(r"[\s,]+", value) if len(part) >= 3)]
        return [re.compile(rf"(?<![A-Za-z]){re.escape(part)}(?![A-Za-z])", re.IGNORECASE) for part in dict.fromkeys(parts)]
    if kind == "address":
        letters = "".join(ch for ch in value if not ch.isspace())
        return [re.compile(r"\s*,?\s*".join(re.escape(ch) for ch in letters), re.IGNORECASE)] if len(letters) >= 4 else []
    return [re.compile(re.escape(value), re.IGNORECASE)]


def _in_latin(surname: str, name: str) -> list[re.Pattern[str]]:
    """Return how a Chinese name is written in Latin letters: `Lin Xiaoyun`, `Xiaoyun Lin`, `Lin Xiao-yun`, `XiaoYun`, `Ms Lin`."""
    family, given = lazy_pinyin(surname), lazy_pinyin(name[len(surname) :])
    if not given:
        return []
    last, first = r"\s?".join(map(re.escape, family)), r"[\s'’-]?".join(map(re.escape, given))
    forms = [rf"{last}[\s,_-]*{first}", rf"{first}[\s,_-]*{last}", rf"(?:Mrs?|Ms|Miss|Dear)\.?\s+{last}"]
    if len("".join(given)) >= 5:
        forms.append(first)
    return [re.compile(rf"(?<![A-Za-z]){form}(?![A-Za-z])", re.IGNORECASE) for form in forms]


def _kept_spans(plain: str, keep: Iterable[str]) -> list[tuple[int, int]]:
    spans = []
    for value in keep:
        letters = "".join(ch for ch in value.translate(_HALF) if ch.isalnum())
        if len(letters) >= 2:
            spans += [
                (match.start(), match.end()) for match in re.finditer(rf"(?<![A-Za-z0-9]){_loose(letters)}(?![A-Za-z0-9])", plain, re.I)
            ]
    return spans


def kinds_found(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many of each kind were found, in words."""
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding.word] = counted.get(finding.word, 0) + 1
    return counted
