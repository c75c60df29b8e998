#!/usr/bin/env bash
# Usage (root): apt-install.sh PACKAGE...
# Installs packages so that what they bring neither starts nor is enabled, and what was
# there before stays as it was. Its temporary settings are taken back even on failure.
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d
PRESETS=/run/systemd/system-preset/00-orders-payments.preset
CLUSTERS=/etc/postgresql-common/createcluster.conf
CLUSTERS_SAVED=
undo=()

# shellcheck disable=SC2317 # called by the trap
take_back() {
    local step
    for step in "${undo[@]}"; do "$step"; done
}
trap take_back EXIT

# shellcheck disable=SC2317
allow_starts() { rm -f "$POLICY"; }
forbid_starts() {
    [[ -e $POLICY ]] && return
    undo+=(allow_starts)
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
}

# Presets are asked before a new unit is enabled.
# shellcheck disable=SC2317
allow_enabling() { rm -f "$PRESETS"; }
forbid_enabling() {
    undo+=(allow_enabling)
    mkdir -p "${PRESETS%/*}"
    echo 'disable *' >"$PRESETS"
}

# Where the file was absent, the package's own version takes the place of ours.
# shellcheck disable=SC2317
allow_cluster() {
    local packaged=/usr/share/postgresql-common/createcluster.conf
    if [[ -n $CLUSTERS_SAVED ]]; then
        mv "$CLUSTERS_SAVED" "$CLUSTERS"
    elif [[ -e $packaged ]]; then
        cp "$packaged" "$CLUSTERS"
    else
        rm -f "$CLUSTERS"
    fi
}
# Where there is no Postgres server yet, its package creates a cluster unless told not to.
forbid_cluster() {
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return
    mkdir -p "${CLUSTERS%/*}"
    if [[ -e $CLUSTERS ]]; then
        CLUSTERS_SAVED=$CLUSTERS.orders-payments
        cp -p "$CLUSTERS" "$CLUSTERS_SAVED"
    fi
    undo+=(allow_cluster)
    echo 'create_main_cluster = false' >>"$CLUSTERS"
}

forbid_starts
forbid_enabling
forbid_cluster
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
