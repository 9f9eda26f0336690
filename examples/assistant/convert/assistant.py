#!/usr/bin/env python3
"""Turns recorded runs of an assistant into a stream of requests for `ordain replay`.

    python3 assistant.py DATA > requests.jsonl

DATA is the folder with `traces.jsonl.gz`: a line a case, with the user's words (`prompt`) and the calls
that the agent made (`tool`, `args`, `result`, `error`). Nothing else of a case is read.

Each call becomes a request, and each answer of a tool that reads, or makes a file, a `result` line. Other
answers are left out: whether the act happens at all is for the policy to say. A case is a session, and
has a day to itself. The request `c017-03` is the third call of the seventeenth case.

Where a value came from. For each leaf of the arguments the stream names the places where that value
was seen before the call was made:

    "the user"     it occurs in the user's words
    "TOOL.field"   an earlier answer of TOOL in this session has a field that is that value, or a list with it;
                   only fields that the policy declares
    "TOOL"         it occurs somewhere else in an earlier answer of TOOL in this session

- A text occurs where it stands whole, letter for letter, any run of white space counting as one blank,
  and is not part of a longer word, number, address or path: "ann@corp.example" does not occur in
  "joann@corp.example", nor "ann@corp.example" in "ann@corp.example.org". A full stop that ends a
  sentence is no part of a word.
- A number occurs where a number of the same value stands: 2200 in "2,200.00".
- The empty text, true, false and an absent value come from nowhere.

Fields are told apart by the indentation that the tools' own writer gives them, so a text that has been
made to look like a field, inside a mail or a file, is still part of that mail or file.
"""

import gzip
import json
import re
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path


def main(folder):
    with gzip.open(Path(folder) / "traces.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            case = json.loads(line)
            for out in stream(number, case["prompt"], case["calls"]):
                print(json.dumps(out, ensure_ascii=False))


def stream(number, prompt, calls):
    """The lines of one case."""
    morning = datetime(2026, 1, 1, 9) + timedelta(days=number)
    seen = []  # (tool, whole answer, [(field, value)])
    for count, call in enumerate(calls, 1):
        name, tool = f"c{number:03}-{count:02}", call["tool"]
        time = (morning + timedelta(minutes=count)).isoformat() + "Z"
        arguments = {k: v for k, v in call["args"].items() if v is not None}
        origins = {p: places(v, prompt, seen) for p, v in leaves(arguments)}
        yield {
            "subject": {"type": "Assistant", "id": "assistant"},
            "action": {"name": tool, "properties": arguments},
            "context": {"id": name, "session": f"case-{number:03}", "time": time, "origins": origins},
        }
        if call.get("error"):
            yield {"failed": name}
            continue
        answer = call["result"]
        kind = RECORDS.get(tool, {})
        entries = records(answer) if kind else []
        fields = [(f, item) for e in entries for f in kind for item in listed(e.get(f))]
        seen.append((tool, answer, fields))
        if kind:
            rows = whole(kind, entries)
            yield {"result": name, "returns": rows[0] if tool in SINGLE else rows}
        elif tool in TEXTS:
            yield {"result": name, "returns": answer}


# Where a value was seen

def leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    elif value is not None:
        yield path, value


def places(value, prompt, seen):
    found = ["the user"] if occurs(value, prompt) else []
    for tool, answer, fields in seen:
        names = {f"{tool}.{field}" for field, text in fields if same(value, text)}
        if not names and occurs(value, answer):
            names = {tool}
        found += sorted(names - set(found))
    return found


def occurs(value, text):
    text = one_line(text)
    if isinstance(value, bool) or value == "":
        return False
    if isinstance(value, (int, float)):
        return any(Decimal(str(value)) == Decimal(n.replace(",", "")) for n in NUMBER.findall(text))
    whole = re.escape(one_line(value))
    return re.search(rf"(?<![\w@+/\-])(?<!\w\.){whole}(?![\w@+/\-])(?!\.\w)", text) is not None


def same(value, text):
    if isinstance(value, bool) or value == "":
        return False
    if isinstance(value, (int, float)):
        return NUMBER.fullmatch(text) is not None and Decimal(str(value)) == Decimal(text.replace(",", ""))
    return one_line(value) == one_line(text)


def one_line(text):
    return " ".join(str(text).split())


NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:,\d{3})*(?:\.\d+)?(?!\w|\.\d|,\d)")


# What a tool answered, as records

def records(answer):
    """The records of an answer: fields of text, or lists of text. One that is cut short keeps what is there."""
    out, field = [], None
    deep = "  " if re.search(r"^- \w+:", answer, re.M) else ""
    for line in answer.split("\n"):
        first = re.match(r"- (\w+):(?: (.*))?$", line) if deep else None
        key = first or re.match(deep + r"(\w+):(?: (.*))?$", line)
        if key:
            if first or not out:
                out.append({})
            field = [key[1], [key[2] or ""]]
            out[-1].setdefault(field[0], field[1])
        elif field:
            field[1].append(line)
    return [{name: scalar_or_list(lines, deep) for name, lines in record.items()} for record in out]


def scalar_or_list(lines, deep):
    head, rest = lines[0], lines[1:]
    if head == "" and rest and rest[0].startswith(deep + "- "):
        return [scalar([line[len(deep) + 2:]]) for line in rest if line.startswith(deep + "- ")]
    if head == "" and rest:  # names with a value each: the names
        return [line.strip().rsplit(":", 1)[0] for line in rest if ":" in line]
    return [] if head in ("[]", "{}") else scalar(lines)


def scalar(lines):
    text = lines[0] + "".join("\n" if line == "" else " " + line.strip() for line in lines[1:])
    if text.startswith("'"):
        return text[1:].removesuffix("'").replace("''", "'")
    if text.startswith('"'):
        text = re.sub(r"\\ (\\ )?", "", text[1:].removesuffix('"'))
        return text.replace('\\n', "\n").replace('\\"', '"').replace("\\t", "\t")
    return text


def whole(kind, entries):
    """The declared fields of every record that has them all."""
    rows = [{field: make(entry.get(field)) for field, make in kind.items()} for entry in entries]
    return [row for row in rows if None not in row.values()]


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def text(value):
    return value if isinstance(value, str) else None


def texts(value):
    return value if isinstance(value, list) else None


def number(value):
    return value if isinstance(value, str) and NUMBER.fullmatch(value) else None


# The fields that bank_tools.ord and office_tools.ord declare

MAIL = {"id_": text, "sender": text, "recipients": texts, "status": text, "subject": text, "body": text}
EVENT = {"id_": text, "title": text, "participants": texts}
FILE = {"id_": text, "filename": text, "owner": text, "shared_with": texts}
CONTACT = {"name": text, "email": text}
TRANSACTION = {"id": number, "sender": text, "recipient": text, "amount": number}

RECORDS = {
    **dict.fromkeys(["search_emails", "get_unread_emails", "get_sent_emails", "get_received_emails", "get_draft_emails"], MAIL),
    **dict.fromkeys(["search_contacts_by_name", "search_contacts_by_email"], CONTACT),
    **dict.fromkeys(["search_calendar_events", "get_day_calendar_events"], EVENT),
    **dict.fromkeys(["list_files", "search_files", "search_files_by_filename", "get_file_by_id", "create_file"], FILE),
    **dict.fromkeys(["get_most_recent_transactions", "get_scheduled_transactions"], TRANSACTION),
}
SINGLE = {"get_file_by_id", "create_file"}
TEXTS = {"get_current_day", "get_iban", "get_balance", "get_user_info", "read_file"}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: assistant.py DATA > requests.jsonl")
    main(sys.argv[1])
