#!/usr/bin/env python3
"""Recorded runs of a service desk agent -> a stream of requests and records for `ordain replay`.

    python3 examples/airline/convert/airline.py DATA > requests.jsonl

DATA is a folder with flights.json.gz, reservations.json.gz, users.json.gz and runs.jsonl.gz, in the form of the
airline domain of tau-bench. Each run is a session that starts from the whole database. A tool call becomes a request
with the entities that it concerns as the database shows them at that moment; what a tool answers changes the database
of that run. A call that the tool refused is recorded as failed, one that it carried out as performed, whatever a
policy says of it: the runs have happened.

The facts that the gateway adds to a call:
- words:   all that the user has said before the call;
- calls:   how many tools the agent calls in the same message;
- speaks:  whether that message also has text for the user;
- flights: those that the call names, as the database shows them; one that it does not know is left out.

The clock stands at 2024-05-15 15:00 EST, as the policy's does. Rewards and expected actions are not read.
"""

import gzip
import json
import sys
from pathlib import Path

NOW = "2024-05-15T15:00:00-05:00"
READING = {"get_user_details", "get_reservation_details"}
ON_USER = {"get_user_details", "book_reservation", "send_certificate"}
ON_RESERVATION = {
    "get_reservation_details", "cancel_reservation", "update_reservation_flights",
    "update_reservation_baggages", "update_reservation_passengers",
}
AGENT = {"type": "DeskAgent", "id": "desk"}


def load(folder, name):
    with gzip.open(Path(folder) / name, "rt", encoding="utf-8") as file:
        return json.load(file)


class Run:
    """One conversation, with a database of its own."""

    def __init__(self, database, session, messages):
        self.flights, reservations, self.users = database
        self.reservations = dict(reservations)
        self.session = session
        self.messages = messages
        self.words = []
        self.asked = 0

    def lines(self):
        calls = {}
        for message in self.messages:
            if message["role"] == "user":
                self.words.append(message["content"])
            elif message["role"] == "assistant":
                made = message.get("tool_calls") or []
                for call in made:
                    request = self.request(call, len(made), bool((message.get("content") or "").strip()))
                    calls[call["id"]] = request
                    yield request
            elif message["role"] == "tool":
                yield from self.outcome(calls[message["tool_call_id"]], message["content"])

    def request(self, call, calls, speaks):
        self.asked += 1
        name = call["function"]["name"]
        arguments = json.loads(call["function"]["arguments"])
        request = {
            "subject": AGENT,
            "action": {"name": name, "properties": arguments},
            "context": {
                "id": f"{self.session}-{self.asked}", "session": self.session, "time": NOW,
                "words": self.words[:], "calls": calls, "speaks": speaks,
            },
        }
        if "flights" in arguments:
            shown = [self.flight(leg["flight_number"], leg["date"]) for leg in arguments["flights"]]
            request["context"]["flights"] = [flight for flight in shown if flight]
        if name in ON_USER:
            request["resource"] = self.user(arguments["user_id"])
        elif name in ON_RESERVATION:
            request["resource"] = self.reservation(arguments["reservation_id"])
        return request

    def flight(self, number, date):
        flight = self.flights.get(number)
        day = flight and flight["dates"].get(date)
        if not day:
            return None
        return {
            "flight_number": number, "date": date, "origin": flight["origin"],
            "destination": flight["destination"], "status": day["status"],
        }

    def user(self, id_):
        user = self.users.get(id_)
        if user is None:
            return {"type": "User", "id": id_, "properties": {"membership": "regular", "payment_methods": []}}
        methods = [{"id": m["id"], "source": m["source"]} for m in user["payment_methods"].values()]
        return {"type": "User", "id": id_, "properties": {"membership": user["membership"], "payment_methods": methods}}

    def reservation(self, id_):
        # A reservation that the database does not know has nobody, and nothing.
        known = self.reservations.get(id_) or {
            "user_id": "", "flight_type": "one_way", "cabin": "basic_economy", "origin": "", "destination": "",
            "flights": [], "passengers": [], "created_at": "1970-01-01T00:00:00", "total_baggages": 0, "insurance": "no",
        }
        flights = []
        for leg in known["flights"]:
            shown = self.flight(leg["flight_number"], leg["date"])
            if shown:
                flights.append(shown)
        return {"type": "Reservation", "id": id_, "properties": {
            "user": self.user(known["user_id"]), "trip": known["flight_type"], "cabin": known["cabin"],
            "origin": known["origin"], "destination": known["destination"], "flights": flights,
            "passengers": [{k: p[k] for k in ("first_name", "last_name", "dob")} for p in known["passengers"]],
            "created": known["created_at"] + "-05:00", "bags": known["total_baggages"],
            "insured": known["insurance"] == "yes",
        }}

    def outcome(self, request, content):
        """What the tool answered: a record for the history, and what it changed in the database."""
        id_, name = request["context"]["id"], request["action"]["name"]
        if content.startswith("Error"):
            yield {"failed": id_}
            return
        yield {"performed": request}
        try:
            answer = json.loads(content)
        except json.JSONDecodeError:
            return
        if name == "get_user_details":
            returned = {"user_id": request["resource"]["id"], "reservations": answer["reservations"]}
            yield {"result": id_, "returns": returned}
        elif name == "get_reservation_details":
            yield {"result": id_, "returns": {k: answer[k] for k in ("reservation_id", "user_id")}}
        if name in ON_RESERVATION and isinstance(answer, dict) and "reservation_id" in answer:
            if name == "update_reservation_flights":
                # The tool charges for the new cabin and leaves the old one in its answer.
                answer["cabin"] = request["action"]["properties"]["cabin"]
            self.reservations[answer["reservation_id"]] = answer


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    database = load(folder, "flights.json.gz"), load(folder, "reservations.json.gz"), load(folder, "users.json.gz")
    with gzip.open(Path(folder) / "runs.jsonl.gz", "rt", encoding="utf-8") as runs:
        for number, line in enumerate(runs):
            run = json.loads(line)
            for out in Run(database, f"run-{number}", run["messages"]).lines():
                print(json.dumps(out, separators=(",", ":")))


if __name__ == "__main__":
    main()
