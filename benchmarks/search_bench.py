"""How fast search is: suggestions against the raw engine call, and rebuilding against raw bulk indexing of the same documents.

    python benchmarks/search_bench.py [--documents 10000] [--queries 400] [--engine embedded|elasticsearch]

Server time of a suggestion is the whole query path without HTTP (`search.queries.suggest`): understanding, engine, rows, marks.
The raw call is the engine's own search with the same prepared plan (embedded: tantivy; Elasticsearch: the client with the same
request). Raw bulk indexes documents that are already in memory, in the engine's own form. Documents are invented; everything lies
in a temporary directory, a temporary SQLite database and an index prefix of its own that is dropped at the end.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_ENGLISH = """
washing machine dryer fridge freezer air conditioner hood stove water heater robot vacuum dishwasher oven filter pump hose valve
seal drum compressor dock brush sensor board display door lock light fan motor belt leak noise smell ice error code drain spin heat
cool start stop clean install replace check reset connect descale level open close charge empty rinse programme
"""
_CHINESE = """
洗衣机 烘干机 冰箱 冷冻室 空调 油烟机 燃气灶 热水器 扫地机器人 洗碗机 烤箱 滤网 排水泵 水管 阀门 门封条 滚筒 压缩机 充电座 边刷
传感器 主板 显示屏 门锁 灯 风扇 电机 皮带 漏水 噪音 异味 结冰 故障 代码 排水 脱水 加热 制冷 启动 停止 清洗 安装 更换 检查 重置 联网
除垢 调平 打开 关闭 充电 清空
"""
ENGLISH, CHINESE = _ENGLISH.split(), _CHINESE.split()


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Invented guides, half of them Chinese, about 1,200 characters each."""
    dice = random.Random(7)
    for number in range(count):
        chinese = number % 2 == 0
        words = CHINESE if chinese else ENGLISH
        between = "" if chinese else " "

        def sentence(length: int, words: list[str] = words, between: str = between) -> str:
            return between.join(dice.choices(words, k=length))

        language = "zh-hans" if chinese else "en"
        yield {
            "key": f"guide:{number}:{language}",
            "subject": f"guide:{number}",
            "kind": "guide" if number % 10 else "faq",
            "language": language,
            "title": f"{sentence(5)} {number}",
            "summary": sentence(14) + ("。" if chinese else "."),
            "body": ("。" if chinese else ". ").join(sentence(12) for _ in range(40 if chinese else 16)),
            "url": f"/{language}/guides/{number}/",
            "families": [f"family-{number % 12}"],
            "version": number + 1,
        }


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(calls: list[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each call."""
    out = []
    for call in calls:
        started = time.perf_counter()
        call()
        out.append((time.perf_counter() - started) * 1000)
    return out


def typed_beginnings(count: int) -> list[tuple[str, str]]:
    """What people have typed so far, with their language."""
    dice = random.Random(11)
    out = []
    for number in range(count):
        chinese = number % 2 == 0
        if chinese:
            words, language = dice.choices(CHINESE, k=dice.randint(1, 3)), "zh-hans"
            whole = "".join(words)
        else:
            words, language = dice.choices(ENGLISH, k=dice.randint(1, 4)), "en"
            whole = " ".join(words)
        least = 2 if chinese else 3
        out.append((whole[: max(least, dice.randint(least, max(least, len(whole))))], language))
    return out


def fill(count: int) -> None:
    """Write the documents as rows."""
    from search import text
    from search.models import SearchCounter, SearchDocument

    rows = []
    for made in documents(count):
        plain = text.plain(made["title"])
        rows.append(SearchDocument(pinyin=text.pinyin_terms(plain), initials=text.initial_terms(plain), **made))
    SearchDocument.objects.bulk_create(rows, batch_size=500)
    SearchCounter.objects.update_or_create(pk=1, defaults={"value": count})


def measure_rebuild(engine: str, count: int) -> tuple[float, float]:
    """Documents a second of a full rebuild from the rows, and of raw bulk indexing of the same documents; best of two."""
    from search.engines.base import EngineUnavailable
    from search.maintenance import rebuild_elastic
    from search.runtime import service

    asked = service()
    ready = list(asked.store.live())

    def product() -> None:
        if engine == "embedded":
            asked.embedded.rebuild()
        else:
            rebuild_elastic(asked.main, asked.store)  # type: ignore[arg-type]

    raw = raw_tantivy(ready) if engine == "embedded" else raw_bulk(ready)
    best = {"product": 0.0, "raw": 0.0}
    for _ in range(2):
        for name, run in (("raw", raw), ("product", product)):
            gc.collect()
            started = time.perf_counter()
            try:
                run()
            except EngineUnavailable as error:
                raise SystemExit(str(error)) from error
            best[name] = max(best[name], count / (time.perf_counter() - started))
    return best["product"], best["raw"]


def raw_tantivy(ready: list[Any]) -> Callable[[], None]:
    """Write documents that are already tantivy's own into a new directory."""
    from search.engines.local_index import LocalIndex

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            index = LocalIndex(Path(folder), create=True)
            writer = index._index.writer(64_000_000, 1)
            for document in ready:
                writer.add_document(LocalIndex._encode(document))
            writer.commit()
            writer.wait_merging_threads()

    return run


def raw_bulk(ready: list[Any]) -> Callable[[], None]:
    """Send prepared bulk actions to a new index with the same fields, then refresh it."""
    from elasticsearch.helpers import streaming_bulk

    from search.engines import elastic_schema
    from search.runtime import elastic_engine

    engine = elastic_engine()
    assert engine is not None
    prepared = list(elastic_schema.actions(ready, "x"))

    def run() -> None:
        name = engine.create_index()
        for action in prepared:
            action["_index"] = name
        for _ in streaming_bulk(engine._writer, prepared, chunk_size=500):
            pass
        engine._writer.indices.refresh(index=name)
        engine._writer.indices.delete(index=name)

    return run


def measure_suggest(engine: str, queries: int) -> tuple[list[float], list[float]]:
    """Milliseconds of suggestions through the product, and of the raw call for the same questions, taken in turn."""
    from search import queries as ask
    from search.engines.elastic import query_body
    from search.plan import Filters
    from search.runtime import service
    from search.understanding import understand

    asked = service()
    know = asked.knowledge()
    product: list[float] = []
    raw: list[float] = []
    for number, (typed, language) in enumerate(typed_beginnings(queries + 40)):
        plan = understand(typed, know, partial=True)
        filters = Filters(languages=(language,))
        if engine == "embedded":
            index = asked.embedded.follow()

            def call(plan: Any = plan, filters: Any = filters, index: Any = index) -> Any:
                return index.search(plan, filters, limit=24)

        else:
            body = {"query": query_body(plan, filters), "size": 24, "_source": False, "track_total_hits": False}
            client, alias = asked.main._client, asked.main.read_alias  # type: ignore[union-attr]

            def call(body: Any = body, client: Any = client, alias: Any = alias) -> Any:
                return client.search(index=alias, body=body)

        def through(typed: str = typed, language: str = language) -> Any:
            return ask.suggest(typed, language=language)

        first, second = (call, through) if number % 2 else (through, call)
        times = timed([first, second])
        if number >= 40:
            raw.append(times[0] if number % 2 else times[1])
            product.append(times[1] if number % 2 else times[0])
    return product, raw


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--engine", choices=["embedded", "elasticsearch"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        os.environ.update({"HEARTH_DATA_DIR": folder, "SEARCH_INDEX_DIR": f"{folder}/search", "DATABASE_URL": ""})
        os.environ["ELASTICSEARCH_INDEX_PREFIX"] = f"hearth-bench-{uuid.uuid4().hex[:8]}"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(options.documents)
        engines = [options.engine] if options.engine else ["embedded", *(["elasticsearch"] if settings.ELASTICSEARCH_URL else [])]
        print(f"{options.documents} documents, {options.queries} questions, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for engine in engines:
            report(engine, options)


def report(engine: str, options: argparse.Namespace) -> None:
    """Measure one engine and print its lines."""
    from search import runtime

    asked = runtime.service()
    if engine == "embedded":
        asked.main = asked.circuit = None
    else:
        runtime.forget()
        asked = runtime.service()
    try:
        rebuilt, raw_rate = measure_rebuild(engine, options.documents)
        product, raw = measure_suggest(engine, options.queries)
    finally:
        if engine == "elasticsearch" and asked.main is not None:
            asked.main.drop()  # type: ignore[attr-defined]
    print(f"\n{engine}")
    print(f"  rebuild   {rebuilt:8.0f} docs/s   raw bulk {raw_rate:8.0f} docs/s   ratio {rebuilt / raw_rate:.2f}")
    for share in (0.5, 0.95):
        ours, bare = percentile(product, share), percentile(raw, share)
        print(f"  suggest   p{share * 100:.0f} {ours:7.2f} ms   raw call {bare:7.2f} ms   ratio {ours / bare:.2f}")


if __name__ == "__main__":
    main()
