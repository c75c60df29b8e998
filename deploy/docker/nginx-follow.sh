#!/bin/sh
# nginx resolves its upstreams when it starts. A gateway's container that was started anew
# may have another address; this reloads nginx then. Run by the image before nginx starts.
set -eu
FOLLOW_SECONDS=2

addresses() { getent hosts orders && getent hosts payments; }

follow() {
    known=$(addresses || true)
    while sleep "$FOLLOW_SECONDS"; do
        now=$(addresses) || continue
        [ "$now" != "$known" ] || continue
        # Refused where a name is gone just now: then it is tried again.
        if nginx -s reload; then known=$now; fi
    done
}
follow &
