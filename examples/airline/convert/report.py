#!/usr/bin/env python3
"""What a policy did to the writing calls of recorded runs, by tool, by rule, in rewarded and unrewarded runs.

    python3 examples/airline/convert/report.py DATA requests.jsonl decisions.jsonl

Line N of decisions.jsonl answers line N of requests.jsonl. Rewards are read here, and nowhere else.
"""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

WRITING = [
    "book_reservation", "update_reservation_flights", "update_reservation_baggages",
    "update_reservation_passengers", "cancel_reservation", "send_certificate",
]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder, requests, decisions = sys.argv[1:]
    with gzip.open(Path(folder) / "runs.jsonl.gz", "rt", encoding="utf-8") as runs:
        rewards = [json.loads(line)["reward"] == 1.0 for line in runs]
    calls, rules, refused, failed = Counter(), Counter(), [], set()
    with open(requests, encoding="utf-8") as asked, open(decisions, encoding="utf-8") as answered:
        pairs = list(zip(asked, answered, strict=True))
    for line, _ in pairs:
        line = json.loads(line)
        if "failed" in line:
            failed.add(line["failed"])
    for line, answer in pairs:
        request, answer = json.loads(line), json.loads(answer)
        name = request.get("action", {}).get("name")
        if name not in WRITING:
            continue
        rewarded = rewards[int(request["context"]["session"].split("-")[1])]
        verdict = answer["context"]["verdict"]
        by_tool = "refused by the tool, too" if request["context"]["id"] in failed else "carried out"
        calls[name, verdict, rewarded, by_tool] += 1
        if verdict != "permit":
            found = [rule["rule"] for rule in answer["context"]["rules"]]
            for rule in found:
                rules[rule, rewarded] += 1
            if rewarded:
                refused.append((request, answer))
    print("| tool | verdict | the tool itself | rewarded runs | unrewarded runs |\n| --- | --- | --- | ---: | ---: |")
    for name in WRITING:
        kinds = sorted({(v, t) for (n, v, _, t) in calls if n == name})
        for verdict, tool in kinds:
            yes, no = calls[name, verdict, True, tool], calls[name, verdict, False, tool]
            print(f"| `{name}` | {verdict} | {tool} | {yes} | {no} |")
    print("\n| rule | refusals in rewarded runs | in unrewarded runs |\n| --- | ---: | ---: |")
    for rule in sorted({rule for rule, _ in rules}):
        print(f"| `{rule}` | {rules[rule, True]} | {rules[rule, False]} |")
    print("\nRefused in rewarded runs:\n")
    for request, answer in refused:
        print("-", request["context"]["id"], request["action"]["name"])
        for rule in answer["context"]["rules"]:
            print("   ", rule["rule"], "-", rule["because"])
        for missing in answer["context"]["missing"]:
            print("   ", "missing:", missing["text"])
        for error in answer["context"]["errors"]:
            print("   ", error["code"], error["message"])
        print("    the user said last:", json.dumps(request["context"]["words"][-1][:300]))


if __name__ == "__main__":
    main()
