"""Measure search on a judged set through the product's own query path; live content is not touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import figures
from search.engines.base import EngineUnavailable
from search.evaluation import ask, scratch_service, with_typos
from search.judged_set import JudgedSet, read_set
from search.live_set import read_live_set
from search.meaning import load_encoder

_MOST_NOTES = 10


class Command(BaseCommand):
    """``evaluate_search DIR [--engine …] [--split …] [--prefixes .25,.5] [--typos SEED] [--live] [--by FIELD] [--misses] [--json]``."""

    help = "Measure search on a directory with corpus.jsonl, queries.jsonl and qrels.tsv."

    def add_arguments(self, parser: CommandParser) -> None:
        """Directory, engine, split, shares of the question to type, output."""
        parser.add_argument("directory", type=Path)
        parser.add_argument("--engine", choices=["embedded", "elasticsearch"], default="embedded")
        parser.add_argument("--split", help="only questions of this split")
        parser.add_argument("--prefixes", default="", help="shares of each question as typed, e.g. .25,.5,.75")
        parser.add_argument("--typos", type=int, metavar="SEED", help="ask everything once more with one slip in each question")
        parser.add_argument("--live", action="store_true", help="ask a copy of what is published here; no corpus.jsonl is needed")
        parser.add_argument("--by", metavar="FIELD", help="also by a field of the questions, e.g. style or site")
        parser.add_argument("--misses", action="store_true", help="list the questions that went wrong and what came instead")
        parser.add_argument("--encoder", default=settings.SEARCH_ENCODER, help="add closeness in meaning, as SEARCH_ENCODER would")
        parser.add_argument("--run", type=Path, help="write one JSON line a question here")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask everything, write the run, print the figures."""
        try:
            prefixes = sorted(float(p) for p in options["prefixes"].split(",") if p.strip())
            read = read_live_set if options["live"] else read_set
            judged: JudgedSet = read(options["directory"], split=options["split"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{options['directory']}: {error}") from error
        if any(not 0 < share <= 1 for share in prefixes):
            raise CommandError("--prefixes are shares between 0 and 1.")
        if options["run"] and not options["run"].parent.is_dir():
            raise CommandError(f"There is no folder {options['run'].parent} to write the run to.")
        try:
            encoder = load_encoder(options["encoder"])
            if options["encoder"] and encoder is None:
                raise CommandError(f"The encoder {options['encoder']} is not installed.")
            with scratch_service(judged.documents, engine=options["engine"], dictionary=judged.dictionary, encoder=encoder) as service:
                wanted = [share for share in prefixes if share < 1]
                lines = list(ask(service, judged.questions, prefixes=wanted))
                slips = None if options["typos"] is None else with_typos(judged.questions, seed=options["typos"])
                slipped = list(ask(service, slips, prefixes=[])) if slips else []
        except (EngineUnavailable, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["run"]:
            with options["run"].open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        result = {
            "engine": options["engine"],
            **({"encoder": options["encoder"]} if options["encoder"] else {}),
            **figures.of_run(lines, judged.questions, judged.judged),
        }
        if slipped:
            result["typos"] = figures.of_typos(slipped, judged.questions, judged.judged, whole=result["nDCG@10"])
        if options["by"]:
            result["by"] = figures.by_group(lines, judged.questions, judged.judged, options["by"])
        missing = getattr(judged, "missing", [])
        for note in judged.notes[:_MOST_NOTES]:
            self.stderr.write(note)
        if len(judged.notes) > _MOST_NOTES:
            self.stderr.write(f"… and {len(judged.notes) - _MOST_NOTES} more like these")
        if missing:
            self.stderr.write(f"judged, but not published here: {', '.join(missing)}")
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        groups = result.pop("by", {})
        for name, value in [*result.items(), *groups.items()]:
            self.stdout.write(f"{name:16} {value}")
        if options["misses"]:
            titles = {name: document.title for document in judged.documents for name in (document.subject_key, document.key)}
            titles |= {f"{document.subject_key}:{document.language}": document.title for document in judged.documents}
            for question, line, how in figures.misses(lines, judged.questions, judged.judged):
                came = " | ".join(titles.get(f"{key}:{question.get('site')}", titles[key]) or key for key in line["docs"][:3]) or "nothing"
                self.stdout.write(f"{how:6} {question['id']:8} {question['text']} → {came}")
