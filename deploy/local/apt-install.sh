#!/usr/bin/env bash
# Usage (root): apt-install.sh PACKAGE...
# Installs packages so that what they bring neither starts nor is enabled, and what was
# there before stays as it was. Its temporary settings are taken back even on failure.
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d
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

# Names of enabled units and boot scripts.
enabled() {
    {
        find /etc/systemd/system -path '*.wants/*' -type l -printf '%f\n' 2>/dev/null
        find /etc/rc[2-5].d -name 'S*' -printf '%f\n' 2>/dev/null | cut -c 4-
    } | LC_ALL=C sort -u
}

# shellcheck disable=SC2317
disable_new() {
    local name
    for name in $(LC_ALL=C comm -13 <(echo "$ENABLED_BEFORE") <(enabled)); do
        case $name in
        *.*) deb-systemd-helper disable "$name" >/dev/null ;;
        *) update-rc.d "$name" disable ;;
        esac
    done
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

ENABLED_BEFORE=$(enabled)
undo+=(disable_new)
forbid_starts
forbid_cluster
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
