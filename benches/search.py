#!/usr/bin/env python3
"""What an index for full-text search takes, by how it is made: `benches/search.py ARCHIVE [EVENTS]`.

ARCHIVE is one that `trailkeep demo` made. Its names and ids recur more than real ones do, so each
fourth file is given a name of its own and each CloudTrail event ids of its own. migrations/
0008_search.sql has the figures.
"""
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
import time

FEEDS = {"SendSafely": "('api', 's3')", "SAFE": "('reports')", "CloudTrail": "('cloudtrail')"}
PAGE = 10_000


def texts(archive, feeds, count):
    """File names and details of so many events, in order of time, folded."""
    rows = archive.execute(f"select details from events where feed in {feeds} order by key")
    base = [row[0] or "" for row in rows]
    pool = []
    for number in range(count if base else 0):
        text = base[number % len(base)]
        details = json.loads(text or "{}")
        if "fileName" in details:
            if not pool or random.random() < 0.25:
                stem, end = os.path.splitext(details["fileName"])
                pool.append(f"{stem} {random.randrange(10**5)}{end}")
            details["fileName"] = random.choice(pool[-2_000:])
            details["fileSize"] = random.randrange(10**8)
            text = details["fileName"] + "\n" + json.dumps(details, ensure_ascii=False)
        new = lambda _: "%08x-%04x" % (random.getrandbits(32), random.getrandbits(16))
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}(?=-)", new, text) if "eventSource" in text else text
        yield text.lower()


def trigrams(text):
    found = {text[at : at + 3] for at in range(len(text) - 2)}
    words = (three.encode().hex() for three in sorted(found) if '"' not in three)
    return " ".join(words)


def cost(entries, count, tokenizer, detail, table=""):
    """Bytes and microseconds an event of an index of these entries; `table` is kept beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "index.db")
        db = sqlite3.connect(path, isolation_level=None)
        db.executescript(
            "pragma page_size = 8192; pragma journal_mode = wal; pragma cache_size = -65536;"
            f"create virtual table i using fts5(t, content='', columnsize=0, detail={detail},"
            f" tokenize='{tokenizer}'); create table beside(a integer primary key, b, c, d)"
        )
        began = time.process_time()
        for start in range(0, len(entries), max(1, PAGE * len(entries) // count)):
            chunk = entries[start : start + max(1, PAGE * len(entries) // count)]
            db.execute("begin")
            db.executemany("insert into i (rowid, t) values (?, ?)", enumerate(chunk, start))
            beside = range(len(chunk)) if table else []
            db.executemany(
                "insert into beside (b, c, d) values (1, ?, ?)",
                [((start + n) << 40, (start + n) << 40) for n in beside],
            )
            db.execute("commit")
        took = time.process_time() - began
        db.execute("pragma wal_checkpoint(truncate)")
        return os.path.getsize(path) / count, took / count * 1e6


def main():
    archive = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 30_000
    random.seed(5)
    for name, feeds in FEEDS.items():
        of = list(texts(archive, feeds, count if name != "CloudTrail" else count // 5))
        if not of:
            continue
        print(f"{name}: {len(of)} events, {sum(map(len, of)) / len(of):.0f} letters each")
        own = "trigram case_sensitive 1"
        show = lambda what, found: print(f"  {what:28}{found[0]:8.1f} B {found[1]:6.1f} us")
        for detail in ("full", "none"):
            show(f"event, detail={detail}", cost(of, len(of), own, detail))
        for size in (32, 64, 128, 256):
            parts = ["\n".join(set(of[at : at + size])) for at in range(0, len(of), size)]
            if size == 128:
                show("parts of 128, as they come", cost(parts, len(of), own, "none", "beside"))
            parts = [trigrams(part) for part in parts]
            show(f"parts of {size}", cost(parts, len(of), "ascii", "none", "beside"))


main()
