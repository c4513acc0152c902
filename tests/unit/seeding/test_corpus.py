import json
import os
from pathlib import Path
from typing import Any

import pytest

from wirewatch.seeding import SeedArticle, SeedError, read_corpus
from wirewatch.seeding.documents import MAX_ARTICLE_BYTES


def bodies(*paths: Path) -> list[dict[str, Any]]:
    found = list(read_corpus(paths))
    assert [item for item in found if isinstance(item, SeedError)] == []
    return [item.body for item in found if isinstance(item, SeedArticle)]


def errors(*paths: Path) -> list[str]:
    return [item.detail for item in read_corpus(paths) if isinstance(item, SeedError)]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_text_file_keeps_its_text_and_gets_title_and_id(tmp_path: Path) -> None:
    text = "Harbour reopens\r\n\r\nThe port opened on Monday.\n"
    write(tmp_path / "gazette" / "one.txt", text)
    assert bodies(tmp_path) == [
        {"title": "Harbour reopens", "text": text, "external_id": f"file:{tmp_path}/gazette/one.txt"}
    ]


def test_front_matter_gives_every_field_and_is_no_part_of_the_text(tmp_path: Path) -> None:
    page = """---
title: 'No'
url: https://www.gazette.example/no
source: {name: The Gazette, domain: gazette.example}
published_at: 2023-09-16T21:40:00+09:00
lang: en
tags: [ports, weather]
---

The port stayed shut.

---
It may open later.
"""
    assert bodies(write(tmp_path / "no.md", page)) == [
        {
            "title": "No",
            "url": "https://www.gazette.example/no",
            "source": {"name": "The Gazette", "domain": "gazette.example"},
            "published_at": "2023-09-16T21:40:00+09:00",
            "lang": "en",
            "text": "The port stayed shut.\n\n---\nIt may open later.",
        }
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2023-09-16", "2023-09-16T00:00:00+00:00"),
        ("2023-09-16 08:30:00", "2023-09-16T08:30:00+00:00"),
        ("2023-09-16T08:30:00Z", "2023-09-16T08:30:00+00:00"),
        ("last Saturday", None),
    ],
)
def test_a_date_is_read_as_utc_and_an_unreadable_one_is_none(tmp_path: Path, written: str, read: str | None) -> None:
    page = f"---\ntitle: T\nsource: Gazette\ndate: {written}\n---\nText.\n"
    (body,) = bodies(write(tmp_path / "page.md", page))
    assert body.get("published_at") == read
    assert body["source"] == {"name": "Gazette"}


def test_a_page_is_sent_as_html_with_its_title(tmp_path: Path) -> None:
    page = "<html><head><title>Été</title></head><body><p>Il fait déjà chaud à Orléans.</p></body></html>"
    (body,) = bodies(write(tmp_path / "page.html", page.encode("latin-1")))
    assert (body["title"], body["html"]) == ("Été", page)


def test_json_holds_one_article_or_many(tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", json.dumps({"text": "One.", "url": "https://a.example/1"}))
    many = write(
        tmp_path / "b.json", "\ufeff" + json.dumps([{"text": "Two.", "source": {"name": "S"}}, {"text": "Three."}])
    )
    found = bodies(one, many)
    assert [body["text"] for body in found] == ["One.", "Two.", "Three."]
    assert [body.get("external_id") for body in found] == [
        None,
        f"file:{tmp_path}/b.json#1",
        f"file:{tmp_path}/b.json#2",
    ]
    assert [body.get("source") for body in found] == [None, {"name": "S"}, None]


def test_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    lines = ['{"text": "One."}', "", "{bad", '{"text": "Two.", "colour": "red"}', '{"text": NaN}', '{"text": "Three."}']
    found = list(read_corpus([write(tmp_path / "many.jsonl", "\n".join(lines))]))
    assert [item.body["external_id"] for item in found if isinstance(item, SeedArticle)] == [
        f"file:{tmp_path}/many.jsonl#1",
        f"file:{tmp_path}/many.jsonl#6",
    ]
    assert [item.detail.partition(":")[0] for item in found if isinstance(item, SeedError)] == [
        "#3",
        "#4",
        "#5",
    ]
    assert any("colour" in item.detail for item in found if isinstance(item, SeedError))


def test_a_line_far_larger_than_an_article_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "huge.jsonl", b'{"text": "' + b"x" * MAX_ARTICLE_BYTES + b'"}\n')
    assert errors(path) == ["line 1: larger than 5 MB"]


@pytest.mark.parametrize(
    ("name", "content", "detail"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\n", "empty"),
        ("mark.txt", b"\xef\xbb\xbf", "empty"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary data, not text"),
        ("large.txt", b"x" * (MAX_ARTICLE_BYTES + 1), "larger than 5 MB"),
        ("no_text.md", b"---\nlang: en\n---\n", "neither text nor title"),
        ("no_text.json", b'{"text": " "}', "neither text nor title"),
        ("broken.md", b"---\ntitle: [\n---\nText.\n", "front matter: "),
        ("list.md", b"---\n- a\n---\nText.\n", "front matter: "),
        ("broken.json", b'[{"text": ', "Input data was truncated"),
        ("number.json", b"7", "Expected `object`, got `int`"),
        ("deep.json", b"[" * 100_000, "maximum recursion depth"),
        ("surrogate.json", b'{"text": "\\ud800"}', "Input data was truncated"),
        ("notes.pdf", b"%PDF", "not one of .txt, .md"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, name: str, content: bytes, detail: str) -> None:
    (told,) = errors(write(tmp_path / name, content))
    assert told.startswith(detail)


def test_a_folder_without_articles_is_told(tmp_path: Path) -> None:
    write(tmp_path / "notes.pdf", b"%PDF")
    (told,) = errors(tmp_path)
    assert told.startswith("no file in it is one of .txt")


def test_a_missing_path_is_told() -> None:
    assert errors(Path("nowhere")) == ["No such file or directory"]


def test_a_bad_file_does_not_stop_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "b" / "two.txt", "Two.")
    write(tmp_path / "a" / "one.txt", b"\x00\x01")
    write(tmp_path / "c.txt", "Three.")
    write(tmp_path / ".git" / "four.txt", "Four.")
    write(tmp_path / "picture.png", b"\x89PNG")
    found = list(read_corpus([tmp_path]))
    assert [(type(item), item.path.name) for item in found] == [
        (SeedArticle, "c.txt"),
        (SeedError, "one.txt"),
        (SeedArticle, "two.txt"),
    ]


def test_a_file_name_that_is_not_utf_8_gives_an_id_that_json_can_hold(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    (body,) = bodies(write(path, "Text."))
    assert json.dumps(body, ensure_ascii=False).encode()
    assert body["external_id"] == f"file:{tmp_path}/caf?.txt"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert errors(tmp_path) == ["not a regular file"]
