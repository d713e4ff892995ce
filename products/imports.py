"""The catalogue from lists: models, their other names, parts, error codes. Known rows are changed, others made; nothing is deleted."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.reading import Column, Table
from core.imports.table import Checked, Importer, Outcome, add_importer, outcome_of
from products import actions
from products.codes import normal_code, normal_model, spellings_in
from products.models import ErrorCode, ModelAlias, Part, ProductFamily, ProductModel, ascii_slug

SEVERITIES = {
    "info": "info",
    "提示": "info",
    "careful": "careful",
    "小心": "careful",
    "danger": "danger",
    "危险": "danger",
}


def _save(row: Any, values: dict[str, Any], by: Any, **related: Iterable[Any]) -> None:
    created = row.pk is None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    for name, rows in related.items():
        getattr(row, name).set(rows)
    actions.record_saved(row, by=by, created=created, changed=[*values, *related])


def _outcome(checked: Checked, label: str, row: Any, values: dict[str, Any], names: dict[str, str], **related: list[Any]) -> Outcome:
    more = []
    for name, rows in related.items() if row.pk is not None else ():
        old, new = (sorted(str(item) for item in items) for items in (getattr(row, name).all(), rows))
        if old != new:
            more.append(f"{names.get(name, name)}: {', '.join(old) or '–'} → {', '.join(new) or '–'}")
    return outcome_of(checked, label, row, values, names, save=lambda by: _save(row, values, by, **related), more=more)


class _Catalogue:
    """Families and models, looked up once for a whole file."""

    def __init__(self) -> None:
        self.families: dict[str, ProductFamily] = {}
        for family in ProductFamily.objects.all():
            for word in (family.slug, family.name_zh_hans, family.name_en):
                self.families.setdefault(word.strip().lower(), family)
        self.models = {model.number_normal: model for model in ProductModel.objects.select_related("family")}

    def family(self, checked: Checked) -> ProductFamily | None:
        """Return the family of a line, noting an unknown one."""
        value = checked.text("family", required=True)
        found = self.families.get(value.lower())
        if value and found is None:
            checked.wrong("family", _("We do not know the family “%(family)s”.") % {"family": value[:60]})
        return found

    def model(self, checked: Checked, name: str, value: str) -> ProductModel | None:
        """Return a model, noting an unknown one."""
        found = self.models.get(normal_model(value)) if value else None
        if value and found is None:
            checked.wrong(name, _("We do not know the model “%(model)s”.") % {"model": value[:60]})
        return found


def _given(checked: Checked, values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the file has no column for, so that a short list changes only what it names."""
    return {name: value for name, value in values.items() if checked.given(name)}


def judge_models(table: Table) -> Sequence[Outcome]:
    """Judge a list of models; the number in any spelling is what makes two the same."""
    catalogue, seen, found = _Catalogue(), {}, []
    taken = {model.slug: model.number_normal for model in catalogue.models.values()}
    for line in table.lines:
        checked = Checked(line, table.headings)
        number = checked.text("number", longest=40, required=True)
        checked.once("number", normal_model(number), seen)
        row = catalogue.models.get(normal_model(number)) or ProductModel(number=number)
        family = catalogue.family(checked)
        values: dict[str, Any] = {"family": family} if checked.given("family") else {}
        values |= {name: checked.text(name, longest=80, required=True) for name in ("name_zh_hans", "name_en")}
        rest = {name: checked.text(name, longest=2000, lines=True) for name in ("summary_zh_hans", "summary_en")}
        days = {name: checked.day(name) for name in ("launched_on", "discontinued_on")}
        if days["launched_on"] and days["discontinued_on"] and days["discontinued_on"] < days["launched_on"]:
            checked.wrong("discontinued_on", _("The end is before the beginning."))
        values |= _given(checked, {**rest, **days, "is_active": checked.yes("is_active")})
        if row.pk is None:
            values["slug"] = checked.text("slug", longest=50).lower() or slugify(number) or "model"
            _check_slug(checked, values["slug"], taken, normal_model(number))
        found.append(_outcome(checked, number or "–", row, values, table.headings))
    return found


def _check_slug(checked: Checked, slug: str, taken: dict[str, str], owner: str) -> None:
    try:
        ascii_slug(slug)
    except ValidationError as error:
        checked.wrong("slug", error.messages[0])
    if taken.get(slug, owner) != owner:
        checked.wrong("slug", _("The address “%(slug)s” is taken.") % {"slug": slug})
    taken.setdefault(slug, owner)


def judge_aliases(table: Table) -> Sequence[Outcome]:
    """Judge a list of other names of models."""
    catalogue, seen, found = _Catalogue(), {}, []
    known = {(alias.model_id, alias.text_normal): alias for alias in ModelAlias.objects.all()}
    for line in table.lines:
        checked = Checked(line, table.headings)
        model = catalogue.model(checked, "model", checked.text("model", required=True))
        text = checked.text("alias", longest=60, required=True)
        key = (model.pk if model else 0, normal_model(text))
        checked.once("alias", key, seen)
        if model is not None and normal_model(text) == model.number_normal:
            checked.wrong("alias", _("This is the number itself."))
        row = known.get(key) or ModelAlias(model=model)
        found.append(_outcome(checked, f"{model or '–'}: {text}", row, {"text": row.text if row.pk else text}, table.headings))
    return found


def judge_parts(table: Table) -> Sequence[Outcome]:
    """Judge a list of parts; the part number is what makes two the same."""
    catalogue, seen, found = _Catalogue(), {}, []
    known = {part.number.upper(): part for part in Part.objects.prefetch_related("fits")}
    for line in table.lines:
        checked = Checked(line, table.headings)
        number = checked.text("number", longest=40, required=True)
        checked.once("number", number.upper(), seen)
        values = {name: checked.text(name, longest=80, required=True) for name in ("name_zh_hans", "name_en")}
        row = known.get(number.upper()) or Part(number=number)
        related = {"fits": _models(catalogue, checked, "fits")} if checked.given("fits") else {}
        found.append(_outcome(checked, number or "–", row, values, table.headings, **related))
    return found


def _models(catalogue: _Catalogue, checked: Checked, name: str) -> list[Any]:
    return [model for value in checked.several(name) if (model := catalogue.model(checked, name, value))]


def judge_codes(table: Table) -> Sequence[Outcome]:
    """Judge a list of error codes; family and code in any spelling are what makes two the same."""
    catalogue, seen, found = _Catalogue(), {}, []
    known = {(code.family_id, code.code_normal): code for code in ErrorCode.objects.prefetch_related("only_models")}
    taken = {(pk, form): normal for (pk, normal), row in known.items() for form in row.spellings_normal}
    for line in table.lines:
        checked = Checked(line, table.headings)
        family, code = catalogue.family(checked), checked.text("code", longest=12, required=True)
        key = (family.pk if family else 0, normal_code(code))
        checked.once("code", key, seen)
        values: dict[str, Any] = {name: checked.text(name, longest=80, required=True) for name in ("title_zh_hans", "title_en")}
        for name in ("meaning_zh_hans", "meaning_en", "action_zh_hans", "action_en"):
            values[name] = checked.text(name, longest=2000, required=True, lines=True)
        values |= _given(
            checked,
            {
                "severity": checked.choice("severity", SEVERITIES, default="info"),
                "hazard": checked.text("hazard", longest=20),
                "other_spellings": checked.text("other_spellings", longest=200),
            },
        )
        models = _models(catalogue, checked, "only_models")
        if any(model.family_id != key[0] for model in models):
            checked.wrong("only_models", _("A model is of another family."))
        row = known.get(key) or ErrorCode(family=family, code=code)
        _check_spellings(checked, key, spellings_in(f"{code},{values.get('other_spellings', row.other_spellings)}"), taken)
        related = {"only_models": models} if checked.given("only_models") else {}
        label = f"{family.name if family else '–'} {code}"
        found.append(_outcome(checked, label, row, values, table.headings, **related))
    return found


def _check_spellings(checked: Checked, key: tuple[int, str], spellings: list[str], taken: dict[tuple[int, str], str]) -> None:
    """Note a spelling that means another code of the family, in the catalogue or earlier in the file."""
    family, code = key
    for spelling in spellings:
        owner = taken.setdefault((family, normal_code(spelling)), code)
        if owner != code:
            clash = {"spelling": spelling, "code": owner}
            checked.wrong("other_spellings", _("“%(spelling)s” means %(code)s of this family already.") % clash)


def _may(model: str) -> Any:
    def may(user: Any) -> bool:
        return bool(getattr(user, "is_active", False) and user.has_perms([f"products.add_{model}", f"products.change_{model}"]))

    return may


FAMILY = Column(
    "family", ("品类", "家族"), required=True, help=gettext_lazy("Its address or name in either language."), example="washing-machines"
)
NAMES = (
    Column("name_zh_hans", ("中文名称", "名称"), required=True, example="10 公斤滚筒洗衣机"),
    Column("name_en", ("英文名称",), required=True, example="10 kg front loader"),
)


def register() -> None:
    """Put the catalogue's kinds into the table."""
    day = gettext_lazy("A day: 2026-03-05.")
    add_importer(
        Importer(
            key="models",
            title=gettext_lazy("Models"),
            text=gettext_lazy("Product models with their names in both languages."),
            identity=gettext_lazy("The model number, in any spelling."),
            may=_may("productmodel"),
            columns=(
                Column("number", ("型号",), required=True, example="WF10-320"),
                FAMILY,
                *NAMES,
                Column("summary_zh_hans", ("中文简介",)),
                Column("summary_en", ("英文简介",)),
                Column("launched_on", ("上市日期",), help=day, example="2024-03-01"),
                Column("discontinued_on", ("停产日期",), help=day),
                Column("slug", ("网址",), help=gettext_lazy("Small letters, digits and dashes; made from the number if empty.")),
                Column("is_active", ("展示",), help=gettext_lazy("Yes or no."), example="是"),
            ),
            judge=judge_models,
            order=10,
        )
    )
    add_importer(
        Importer(
            key="aliases",
            title=gettext_lazy("Other names of models"),
            text=gettext_lazy("Numbers and nicknames under which people know a model."),
            identity=gettext_lazy("Model and name."),
            may=_may("modelalias"),
            columns=(
                Column("model", ("型号",), required=True, example="WF10-320"),
                Column("alias", ("别名",), required=True, example="小蓝滚筒"),
            ),
            judge=judge_aliases,
            order=20,
        )
    )
    add_importer(
        Importer(
            key="parts",
            title=gettext_lazy("Parts"),
            text=gettext_lazy("Parts and accessories, and the models they fit."),
            identity=gettext_lazy("The part number."),
            may=_may("part"),
            columns=(
                Column("number", ("配件号", "料号"), required=True, example="DP-F2"),
                Column("name_zh_hans", ("中文名称", "名称"), required=True, example="排水泵过滤器"),
                Column("name_en", ("英文名称",), required=True, example="Drain pump filter"),
                Column("fits", ("适用型号",), help=gettext_lazy("Several with commas between them."), example="WF10-320, WF10-330"),
            ),
            judge=judge_parts,
            order=30,
        )
    )
    add_importer(
        Importer(
            key="codes",
            title=gettext_lazy("Error codes"),
            text=gettext_lazy("What a display shows, what it means, and the first thing to do."),
            identity=gettext_lazy("Family and code, in any spelling."),
            may=_may("errorcode"),
            columns=(
                FAMILY,
                Column("code", ("代码", "故障代码"), required=True, example="E2"),
                Column(
                    "other_spellings",
                    ("其他写法",),
                    help=gettext_lazy("How else a display shows it, with commas between."),
                    example="Err 2",
                ),
                Column("title_zh_hans", ("中文标题",), required=True, example="排不出水"),
                Column("title_en", ("英文标题",), required=True, example="Water does not drain"),
                Column("meaning_zh_hans", ("中文含义",), required=True, example="3 分钟内水没有排完。"),
                Column("meaning_en", ("英文含义",), required=True, example="The water was not gone within 3 minutes."),
                Column("action_zh_hans", ("中文处理",), required=True, example="先清理过滤器。"),
                Column("action_en", ("英文处理",), required=True, example="Clean the filter first."),
                Column("severity", ("程度",), help=gettext_lazy("info, careful or danger; 提示、小心、危险."), example="小心"),
                Column("hazard", ("危险来源",), help=gettext_lazy("gas, electricity, water, hot, refrigerant; empty for none.")),
                Column("only_models", ("只限型号",), help=gettext_lazy("Several with commas between them.")),
            ),
            judge=judge_codes,
            order=40,
        )
    )
