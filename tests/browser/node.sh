#!/bin/sh
# Runs the Node.js that package.json pins, whatever the system's version is; the system's
# own where no pinned one exists for the machine.
pinned=$(dirname "$0")/node_modules/node-linux-$(node -p process.arch)/bin/node
[ -x "$pinned" ] || pinned=node
exec "$pinned" "$@"
