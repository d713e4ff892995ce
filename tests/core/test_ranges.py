"""Parts of files: what browsers ask for when they play and seek in a film."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

from core import ranges

BODY = bytes(range(256)) * 4
FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + BODY


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-1", (0, 1)),
        ("bytes=10-", (10, 99)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_one_sound_range_is_read_and_everything_else_means_the_whole(header, part):
    assert ranges.part_asked_for(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_outside_the_file_is_refused(header):
    with pytest.raises(ValueError):
        ranges.part_asked_for(header, 100)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
@settings(max_examples=60)
def test_a_part_lies_inside_the_file(start, end, size):
    try:
        part = ranges.part_asked_for(f"bytes={start}-{end}", size)
    except ValueError:
        assert start >= size
    else:
        assert part is None or (part[0] == start and start <= part[1] == min(end, size - 1))


def read(response) -> bytes:
    return b"".join(response.streaming_content)


def check_parts(client, url):
    """What Safari does first (two bytes), a seek, and past the end."""
    whole = client.get(url)
    assert (whole.status_code, whole["Accept-Ranges"], whole["Content-Length"]) == (200, "bytes", str(len(FILM)))
    assert read(whole) == FILM
    first = client.get(url, headers={"Range": "bytes=0-1"})
    assert (first.status_code, first["Content-Range"], first["Content-Length"]) == (206, f"bytes 0-1/{len(FILM)}", "2")
    assert read(first) == FILM[:2]
    seek = client.get(url, headers={"Range": "bytes=500-"})
    assert (seek.status_code, read(seek)) == (206, FILM[500:])
    past = client.get(url, headers={"Range": "bytes=99999-"})
    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{len(FILM)}")
    changed = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"another version"'})
    assert (changed.status_code, read(changed)) == (200, FILM)


@pytest.mark.django_db
def test_a_film_that_a_customer_sent_plays_and_seeks_behind_its_door():
    sender, stranger = Client(), Client()
    sent = sender.post("/uploads/", {"file": SimpleUploadedFile("leak.mp4", FILM)})
    url = f"/media/private/{sent.json()['reference']}/"
    check_parts(sender, url)
    assert stranger.get(url, headers={"Range": "bytes=0-1"}).status_code == 404


@pytest.mark.django_db
def test_a_film_of_a_guide_plays_seeks_and_has_captions(client):
    documents = get_document_model()
    film = documents.objects.create(title="film", file=ContentFile(FILM, "drain.mp4"))
    words = documents.objects.create(title="words", file=ContentFile(b"WEBVTT\n", "drain.vtt"))
    check_parts(client, film.url)
    assert client.get(film.url)["Content-Type"] == "video/mp4"
    assert client.get(words.url)["Content-Type"].startswith("text/vtt")
    sheet = documents.objects.create(title="sheet", file=ContentFile(b"%PDF-1.7", "sheet.pdf"))
    assert client.get(sheet.url).status_code == 200
    assert client.get(film.url.replace("drain", "other")).status_code == 404


@pytest.mark.django_db
def test_a_film_of_a_private_collection_is_refused_in_parts_too(client):
    collection = Collection.get_first_root_node().add_child(name="staff")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    film = get_document_model().objects.create(title="film", file=ContentFile(FILM, "staff.mp4"), collection=collection)
    assert client.get(film.url, headers={"Range": "bytes=0-1"}).status_code == 302


@pytest.mark.django_db
def test_public_pictures_come_in_parts(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "film.mp4").write_bytes(FILM)
    check_parts(client, "/media/public/film.mp4")
