"""Kinds of things households own and of dealings with a maker, by the names people have for them. Pure.

A question about one that no page is about has no answer here.

The list is general, not a maker's: what is in the pages decides which of them are known. It never changes what is found or in
which order, only how sure an answer is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from search import text
from search.engines.base import Lexicon
from search.plan import ALL, PAIRS, PINYIN, TITLE

#: The share of all pages that makes a thing known that no title names.
SUBJECT_SHARE = 0.03

#: One kind a line, all its names. A name inside a longer one (`washer` in `dishwasher`, `dryer` in `hair dryer`) is not a name.
KINDS = """
洗衣机, 滚筒洗衣机, 波轮洗衣机, washing machine, washer, laundry machine
烘干机, 干衣机, dryer, tumble dryer, clothes dryer
洗烘一体机, washer dryer
洗鞋机, shoe washer
冰箱, 电冰箱, fridge, refrigerator, fridge freezer
冰柜, 冷柜, freezer, chest freezer
酒柜, wine cooler, wine fridge
制冰机, ice maker, ice machine
空调, 冷气机, 中央空调, air conditioner, air conditioning, aircon, air con, ac
移动空调, portable air conditioner
新风机, 新风系统, ventilation system
油烟机, 抽油烟机, 吸油烟机, range hood, cooker hood, extractor hood, extractor fan
燃气灶, 煤气灶, 灶具, gas stove, gas hob, gas cooker, cooktop, hob, stove
集成灶, integrated stove
电磁炉, 电陶炉, induction hob, induction cooker, induction cooktop
热水器, 电热水器, 燃气热水器, water heater, boiler
壁挂炉, 采暖炉, combi boiler, heating boiler
地暖, underfloor heating, floor heating
暖气片, 散热片, radiator
取暖器, 电暖器, 暖风机, 油汀, 小太阳, space heater, fan heater, electric heater
太阳能, solar panel, solar water heater
空气能热水器, heat pump
浴霸, bathroom heater
扫地机器人, 扫地机, 扫拖机器人, 扫拖一体机, 拖地机器人, robot vacuum, robot cleaner, robot hoover
擦窗机器人, 擦窗机, 擦玻璃机器人, window cleaning robot, window robot
割草机, 割草机器人, 除草机, lawn mower, lawnmower, mower, robot mower
泳池, 泳池机器人, swimming pool, pool cleaner
吸尘器, 手持吸尘器, 无线吸尘器, vacuum cleaner, hoover, handheld vacuum, stick vacuum, cordless vacuum
洗地机, 电动拖把, floor washer
除螨仪, 除螨机, mite remover
蒸汽拖把, 蒸汽清洁机, steam mop, steam cleaner
高压清洗机, 洗车机, pressure washer, car wash
洗碗机, dishwasher
消毒柜, sterilizer, sterilising cabinet
微波炉, 微蒸烤, microwave, microwave oven
烤箱, 电烤箱, 蒸烤箱, oven
蒸箱, 电蒸锅, 蒸锅, steam oven, food steamer
空气炸锅, 炸锅, 电炸锅, air fryer, fryer, deep fryer
电饭煲, 电饭锅, rice cooker
电压力锅, 压力锅, 高压锅, pressure cooker, instant pot
电炖锅, 砂锅, 养生壶, slow cooker
电火锅, 电热锅, hot pot
电饼铛, waffle maker, sandwich maker
多士炉, 烤面包机, 吐司机, toaster
面包机, bread maker, bread machine
咖啡机, coffee machine, coffee maker, espresso machine
豆浆机, soy milk maker, soymilk maker
破壁机, 料理机, 榨汁机, 原汁机, 搅拌机, blender, juicer, food processor, mixer
绞肉机, meat grinder
厨师机, 和面机, stand mixer
电水壶, 电热水壶, 烧水壶, 热水壶, kettle
饮水机, 直饮机, 茶吧机, water dispenser, water cooler
净水器, 净水机, 前置过滤器, water purifier, water filter system
软水机, water softener
垃圾处理器, 厨余粉碎机, garbage disposal, waste disposal
马桶, 智能马桶, 马桶圈, 马桶盖, 坐便器, toilet, bidet
浴缸, bathtub, hot tub
电风扇, 风扇灯, 落地扇, 吊扇, ceiling fan, desk fan, pedestal fan
空气净化器, air purifier
加湿器, humidifier
除湿机, 抽湿机, dehumidifier
香薰机, diffuser
电视机, 电视, 智能电视, television, tv, smart tv
机顶盒, 电视盒子, set top box, tv box
投影仪, projector
音响, 音箱, 回音壁, 智能音箱, soundbar, smart speaker
耳机, 蓝牙耳机, headphones, headset, earbuds, earphones
打印机, 复印机, 扫描仪, printer, scanner, copier
路由器, 光猫, router, modem
电脑显示器, computer monitor
智能手表, 手环, smartwatch, smart watch, fitness tracker
相机, 摄像机, 单反, camera, camcorder
摄像头, 监控摄像头, security camera, cctv
无人机, drone
游戏机, game console, xbox, playstation
充电宝, 移动电源, power bank
智能门锁, 指纹锁, 密码锁, smart lock
门铃, 可视门铃, doorbell, video doorbell
电动窗帘, 晾衣机, 晾衣架, clothes rack
吹风机, 电吹风, hair dryer, hairdryer, blow dryer
卷发棒, 直发器, hair straightener, curling iron
剃须刀, 刮胡刀, 电动剃须刀, shaver, razor
理发器, hair clipper
牙刷, 电动牙刷, 冲牙器, toothbrush, electric toothbrush, water flosser
按摩椅, 按摩仪, 筋膜枪, massage chair, massager
足浴盆, 泡脚桶, foot bath
体重秤, 体脂秤, 电子秤, bathroom scale
血压计, 体温计, 血糖仪, 制氧机, blood pressure monitor, thermometer
电热毯, electric blanket
熨斗, 电熨斗, 挂烫机, steam iron, clothes steamer, garment steamer
缝纫机, sewing machine
婴儿监视器, 婴儿车, 消毒锅, 吸奶器, 温奶器, baby monitor, pram, breast pump, bottle warmer
跑步机, 健身车, 椭圆机, treadmill, exercise bike
自行车, 电动自行车, 电动车, 电瓶车, 滑板车, bicycle, bike, ebike, e bike, scooter
汽车, 电动汽车, electric car, ev charger
发电机, generator
电钻, 电锯, power drill, chainsaw
台灯, 吸顶灯, desk lamp, ceiling light
烟雾报警器, smoke alarm, smoke detector
床垫, mattress
鞋子, 球鞋, 运动鞋, shoes, trainers, sneakers
猫砂盆, 喂食器, litter box, pet feeder
鱼缸, aquarium, fish tank
分期付款, 分期, 分期免息, 花呗分期, instalments, installments, instalment plan, installment plan, pay monthly, buy now pay later
租赁, 出租, 租用, 租借, 租一台, 租个, 月租, rental, rent, renting, lease, leasing
加盟店, 加盟费, 招商加盟, 想加盟, 怎么加盟, franchise, franchising
招聘, 应聘, 求职, 面试, 入职, job vacancy, job vacancies, careers, internship
批发, 团购, wholesale, bulk order
股票, 股价, stock price, share price, investor relations
"""
_SPLIT = re.compile(r"\s*,\s*")


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    kinds: dict[str, tuple[str, ...]] = {}
    for line in KINDS.strip().splitlines():
        names = tuple(text.plain(name) for name in _SPLIT.split(line))
        for name in names:
            kinds.setdefault(name, names)
    return kinds, re.compile("|".join(_whole(name) for name in sorted(kinds, key=len, reverse=True)))


def _whole(name: str) -> str:
    if text.is_han(name):
        return re.escape(name)
    return rf"(?<![^\W_{text.HAN}]){re.escape(name)}(?:s|es)?(?![^\W_{text.HAN}])"


def named_in(plain: str) -> list[tuple[str, tuple[str, ...]]]:
    """The things that plain text names, each as it is written and with all its names; the longest name counts."""
    kinds, pattern = _names()
    found: dict[str, tuple[str, ...]] = {}
    for match in pattern.finditer(plain):
        written = match.group()
        names = kinds.get(written) or kinds.get(written.removesuffix("s")) or kinds.get(written.removesuffix("es"))
        if names:
            found.setdefault(written, names)
    return list(found.items())


def names_of(plain: str) -> tuple[str, ...]:
    """All names of the thing that plain text is a name of; empty when it is none."""
    return _names()[0].get(plain, ())


def strange_in(plain: str, synonyms: Mapping[str, Sequence[str]], lexicon: Lexicon, *, own: Collection[str] = ()) -> bool:
    """Whether plain text names a thing (a microwave, a bicycle) that no title and hardly any page names, by any of its names.

    What goes by one of the maker's ``own`` words is not strange, whatever the pages say.
    """
    for written, names in named_in(plain):
        called = list(dict.fromkeys([*names, *synonyms.get(written, ())]))
        if not any(name in own or _has_pages(name, lexicon) for name in called):
            return True
    return False


def _has_pages(name: str, lexicon: Lexicon) -> bool:
    enough = max(2, SUBJECT_SHARE * lexicon.total)
    if text.is_han(name):
        in_titles = [lexicon.frequency(PINYIN, pair) for pair in text.pinyin_terms(name).split()]
        in_pages = [lexicon.frequency(PAIRS, pair) for pair in text.bigrams(name)]
    else:
        stems = [stem for word in name.split() if (stem := text.stem(word))]
        whole = len(stems) > 1
        in_titles = [lexicon.together(stems, TITLE)] if whole else [lexicon.frequency(TITLE, stem) for stem in stems]
        in_pages = [lexicon.together(stems)] if whole else [lexicon.frequency(ALL, stem) for stem in stems]
    pages = min(in_pages, default=0)
    return pages >= enough or (pages > 0 and min(in_titles, default=0) > 0)
