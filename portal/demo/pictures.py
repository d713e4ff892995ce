"""Takes the demo's drawings into the image library, each with its text alternative in both languages."""

import re
from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.images import get_image_model
from wagtail.models import Collection

from core.models import HearthImage
from portal.demo.data import ART, guides, read

COLLECTION = "禾砚插图 Heyan drawings"
CREDIT = "禾砚 Heyan"
TITLE = re.compile(r"<title>(.*?)</title>")


def load_pictures() -> dict[str, HearthImage]:
    """Return the image of each drawing by its key, taking in those that are not there."""
    collection = Collection.objects.filter(name=COLLECTION).first() or Collection.get_first_root_node().add_child(name=COLLECTION)
    model = get_image_model()
    images = {image.title: image for image in model.objects.filter(collection=collection)}
    chinese = dict(_chinese_words())
    for path in sorted(ART.glob("*.svg")):
        key = path.stem
        if key in images:
            continue
        drawing = path.read_bytes()
        found = TITLE.search(drawing.decode("utf-8"))
        image = model(
            title=key,
            file=ImageFile(ContentFile(drawing), name=path.name),
            file_size=len(drawing),
            collection=collection,
            credit=CREDIT,
            alt_zh_hans=chinese.get(key, ""),
            alt_en=found.group(1) if found else "",
        )
        image.save()
        images[key] = image
    return images


def _chinese_words() -> Iterator[tuple[str, str]]:
    """Yield (key, Chinese words) for every drawing that the data shows somewhere."""
    for guide in guides():
        for block in guide["body"]:
            for step in block.get("steps", []):
                yield step["image"], step["title"][0]
    catalogue = read("catalogue")
    for model in catalogue["models"]:
        yield model["art"], model["name"][0]
    for family in catalogue["families"]:
        yield family["art"], family["name"][0]
        yield family["label_art"], f"{family['name'][0]}：标签的位置"
