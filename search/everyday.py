"""Everyday words that mean much the same in a question about anything: a weak hint beside the words that were typed. Pure.

No words of one trade are here: those are synonyms, which editors keep. What stands here counts little and never alone decides.
"""

from __future__ import annotations

import re
from functools import lru_cache

from search import text

ENGLISH = """
delete remove erase discard
change modify alter edit adjust
photo picture image pic photograph
find locate
buy purchase
disable deactivate
enable activate
stop prevent block avoid
email mail
phone mobile smartphone telephone cellphone
screen display
login signin
message text sms
hide conceal
view see look watch
fix repair solve resolve troubleshoot
problem issue trouble error fault
broken damaged faulty defective
connect link pair
password passcode
website site webpage
save store keep
download export
restore recover retrieve undelete
backup copy
start begin launch
quick fast speed
slow lag
noise sound
smell odor odour
cost price fee charge
refund reimburse
cancel unsubscribe terminate
track trace
computer pc laptop desktop
app application program software
install setup
multiple several many
automatically auto
entire whole
reduce lower decrease shrink
increase raise enlarge
send deliver ship
convert transform turn
limit restrict
empty clear
previous former earlier
post publish
reply respond answer
account profile
user member
create make build
duplicate copy
replace swap exchange
choose select pick
check verify test
clean wash rinse wipe
dirty stained
leak drip
hot overheat warm
cold cool
shake vibrate wobble
stuck jam jammed
crack cracked
guide manual instruction handbook
receipt invoice bill
battery charge power
"""
CHINESE = """
更改 修改 变更 更换 改
删除 去掉 移除 删掉
取消 撤销 撤回
手机号 手机号码 电话号码
还款 还钱
借款 借钱 贷款
无法 不能 没法 不可以 不了
查询 查看
逾期 过期 超期
失败 不成功 没成功
收不到 没收到 没有收到
忘记 忘了
多久 多长时间 几天
费用 多少钱 收费 价格
打开 开启
关闭 关掉 停用
坏了 故障
购买 买
退款 退钱
送货 配送 发货
客服 人工
电话 热线
图片 照片 相片
账号 账户 帐号 帐户
地址 住址
短信 信息
提示 显示
需要 要
可以 能 能不能 可不可以
什么时候 何时
里面 内部
上面 顶部
下面 底部
突然 忽然
总是 老是 一直
脏 不干净
"""


@lru_cache(maxsize=1)
def _english() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in ENGLISH.strip().splitlines():
        words = line.split()
        for word in words:
            found.setdefault(text.stem(word), []).extend(other for other in words if other != word)
    return {stem: tuple(dict.fromkeys(words)) for stem, words in found.items()}


@lru_cache(maxsize=1)
def _chinese() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    found: dict[str, list[str]] = {}
    for line in CHINESE.strip().splitlines():
        words = line.split()
        for word in words:
            found.setdefault(word, []).extend(other for other in words if other != word)
    pattern = re.compile("|".join(sorted((w for w in found if len(w) > 1), key=len, reverse=True)))
    return {word: tuple(dict.fromkeys(words)) for word, words in found.items()}, pattern


def like_stem(stem: str) -> tuple[str, ...]:
    """English words that mean much the same as the word of a stem."""
    return _english().get(stem, ())


def phrases_in(plain: str) -> list[tuple[str, tuple[str, ...]]]:
    """Chinese phrases of plain text, and those that mean much the same."""
    table, pattern = _chinese()
    return list({match.group(): table[match.group()] for match in pattern.finditer(plain)}.items())
