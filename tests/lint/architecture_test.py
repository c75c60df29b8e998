#!/usr/bin/env python3
"""Checks that the C++ keeps to the arrows between the rooms (docs/architecture.md).

Prints each line that does not, and exits with 1 if there is one.
"""

import pathlib
import re
import subprocess
import sys

# What each room may include besides itself. The longest matching path counts.
PLATFORM = {
    "check": "",
    "host": "check",
    "types": "check host",
    "clock": "",
    "config": "",
    "observability": "",
    # A Service; a library of its own in that folder.
    "observability/metrics_server": "lifecycle observability",
    "failpoint": "observability",
    "lifecycle": "host observability",
    "pg": "check failpoint host types lifecycle observability",
    "amqp": "check host types observability",
    "messaging": "check failpoint host types lifecycle observability pg amqp",
    "rpc": "check types lifecycle observability",
    "process": "amqp config failpoint lifecycle messaging observability observability/metrics_server pg rpc",
}
SERVICE = {
    "domain": "platform/check platform/types",
    "store": "domain platform/check platform/types platform/pg platform/messaging",
    "events": "domain platform/check platform/types platform/messaging",
    "app": "domain store events platform/check platform/types platform/pg platform/messaging",
    "api": "app domain platform/check platform/clock platform/types platform/pg platform/rpc",
    "consumers": "app domain events platform/check platform/types platform/pg"
    " platform/messaging platform/observability",
    "jobs": "app domain platform/check platform/host platform/types platform/pg platform/messaging"
    " platform/config platform/lifecycle platform/observability",
}
SERVICES = ("orders", "payments")

# Libraries that one place alone may know of. Tests may use them as they need.
ONLY_USERS = {
    r"pqxx/|libpq": ("platform/pg/",),
    r"rabbitmq-c/|amqp": ("platform/amqp/",),
    r"spdlog/|prometheus/": ("platform/observability/",),
    r"grpc(pp)?/": ("platform/rpc/", "orders/api/", "payments/api/"),
}
# Generated code of the wire contracts: proto/ is not a room of either service.
CONTRACT_USERS = re.compile(r"(orders|payments)/(api|events)/|platform/(rpc|messaging)/|tests/")


def allowed_rooms():
    """Maps each room's path to the paths that it may include from."""
    rooms = {}
    for room, others in PLATFORM.items():
        rooms[f"platform/{room}"] = [f"platform/{other}" for other in others.split()]
    for service in SERVICES:
        for room, others in SERVICE.items():
            rooms[f"{service}/{room}"] = [
                other if other.startswith("platform/") else f"{service}/{other}"
                for other in others.split()
            ]
    return rooms


ROOMS = allowed_rooms()


def room_of(path):
    """The room that a file belongs to; None for main.cc and tests/."""
    fitting = [room for room in ROOMS if re.match(f"{room}(_test)?[/.]", path)]
    return max(fitting, key=len, default=None)


def include_fault(path, included):
    """Why a file may not include another; None if it may."""
    for library, users in ONLY_USERS.items():
        if re.match(library, included) and not path.startswith((*users, "tests/")):
            return f"only {', '.join(users)} may know of this library"
    if included.endswith(".pb.h"):
        if not CONTRACT_USERS.match(path):
            return "only api and events rooms, platform/rpc and messaging know the wire contracts"
        return None
    owner = path.split("/")[0]
    target = included.split("/")[0]
    if owner in SERVICES and target in SERVICES and owner != target:
        return "the services share only proto/ and platform/"
    if owner == "platform" and target in (*SERVICES, "tests"):
        return "platform/ knows no business"
    room, other = room_of(path), room_of(included)
    if room is None or other is None or other in (room, *ROOMS[room]):
        return None
    return f"no arrow from {room} to {other}"


def faults_of(path, text):
    """Yields (line number, reason) for each line that breaks a rule."""
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'#include [<"]([^>"]+)[>"]', line)
        if include and (fault := include_fault(path, include.group(1))):
            yield number, fault
        code = line.split("//")[0]
        if not path.startswith(("platform/", "tests/")) and re.search(
            r"\bthrow\b|\bcatch \(", code
        ):
            yield number, "exceptions stay inside platform/"
        if path.startswith("platform/") and re.search(r"\bthrow\b", re.sub(r'".*?"', "", code)):
            yield number, "our code does not throw"


def main():
    """Checks every C++ file that git knows of."""
    root = pathlib.Path(__file__).resolve().parents[2]
    paths = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split()
    faults = 0
    for path in paths:
        if not (root / path).exists():
            continue
        for number, fault in faults_of(path, (root / path).read_text(encoding="utf-8")):
            print(f"{path}:{number}: {fault}")
            faults += 1
    if not paths:
        print("no C++ found")
    return 1 if faults or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
