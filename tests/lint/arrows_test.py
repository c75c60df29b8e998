#!/usr/bin/env python3
"""Checks that each arrow of the flow has one name everywhere.

The names of the table in docs/protocol.md are those of the failpoints in the C++, of the
steps of the model in tests/model and of the tests in tests/fault; what is beside the flow
need not have one there. Prints each name that is missing or too many somewhere, and exits
with 1 if there is one.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = r"[a-z_]+_(?:before|after)_[a-z]+"


def read(path):
    """The text of a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def table():
    """Maps the names in docs/protocol.md to their arrows."""
    rows = re.findall(rf"^\| ([^|]+) \| `({NAME})` \|", read("docs/protocol.md"), re.MULTILINE)
    return {name: arrow for arrow, name in rows}


def failpoints():
    """The names that the services ask for: the stem is theirs, the rest the platform's."""
    platform = read("platform/process/process.cc")
    ends = {}
    for stem, end in re.findall(r"failpoints\.At\(([\w.]+) \+ \"(_\w+)\"\)", platform):
        ends.setdefault(stem.removeprefix("identity."), []).append(end)
    names = set()
    for service in ("orders", "payments"):
        main = read(f"{service}/main.cc")
        stems = re.findall(r"\.(publishes|applies) = \"(\w+)\"", main)
        stems += [("deed", deed) for deed in re.findall(r"CommitOptions\(\"\w+\", \"(\w+)\"", main)]
        names |= {deed + end for kind, deed in stems for end in ends[kind]}
    return names


def steps():
    """The steps of the model."""
    return set(re.findall(rf"STEP\(({NAME}),", read("tests/model/protocol.pml")))


def tests():
    """The names that the fault tests strike at."""
    paths = (ROOT / "tests/fault").glob("*_test.go")
    return {
        name
        for path in paths
        for name in re.findall(rf"\"({NAME})\"", path.read_text(encoding="utf-8"))
    }


def main():
    """Compares every place with the table."""
    arrows = table()
    names = set(arrows)
    flow = {name for name, arrow in arrows.items() if arrow != "beside"}
    faults = [] if flow else ["docs/protocol.md: no arrows in its table"]
    for place, found, wanted in (
        ("the failpoints of the C++", failpoints(), names),
        ("tests/model/protocol.pml", steps(), names),
        ("tests/fault", tests(), flow),
    ):
        faults += [f"{place}: {name} is missing" for name in sorted(wanted - found)]
        faults += [f"{place}: {name} is no arrow" for name in sorted(found - names)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
