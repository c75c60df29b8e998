#!/usr/bin/env bash
# Usage (root): apt-install.sh PACKAGE...
# Installs packages so that what they bring neither starts nor is enabled, and what was
# there before stays as it was. Its temporary settings are taken back even on failure, and by the
# next run where this one is killed.
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d
CLUSTERS=/etc/postgresql-common/createcluster.conf
CLUSTERS_SAVED=$CLUSTERS.orders-payments
MARK='# orders-payments, while it installs packages'
undo=()

# shellcheck disable=SC2317 # called by the trap
take_back() {
    local step
    for step in "${undo[@]}"; do "$step" || true; done
}
trap take_back EXIT

# shellcheck disable=SC2317
allow_starts() { rm -f "$POLICY"; }
forbid_starts() {
    [[ -e $POLICY ]] && return
    undo+=(allow_starts)
    printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
    chmod 755 "$POLICY"
}

# Links by which units and boot scripts are enabled.
enabled() {
    {
        find /etc/systemd/system -path '*.wants/*' -type l 2>/dev/null
        find /etc/rc[2-5].d -name 'S*' 2>/dev/null
    } | LC_ALL=C sort
}

# With or without systemd; boot scripts are disabled by name, S01nginx being nginx's.
# shellcheck disable=SC2317
disable_new() {
    local link name
    for link in $(LC_ALL=C comm -13 <(echo "$ENABLED_BEFORE") <(enabled)); do
        name=${link##*/}
        case $link in
        /etc/systemd/*) rm -f "$link" ;;
        *) [[ ! -e $link ]] || update-rc.d "${name:3}" disable ;;
        esac
    done
    [[ ! -d /run/systemd/system ]] || systemctl daemon-reload
}

# Where the file was absent, the package's own version takes the place of ours.
# shellcheck disable=SC2317
allow_cluster() {
    local packaged=/usr/share/postgresql-common/createcluster.conf
    if [[ -e $CLUSTERS_SAVED ]]; then
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
    undo+=(allow_cluster)
    [[ ! -e $CLUSTERS ]] || cp -p "$CLUSTERS" "$CLUSTERS_SAVED"
    printf '%s\ncreate_main_cluster = false\n' "$MARK" >>"$CLUSTERS"
}

left_behind() { grep -qsxF -- "$MARK" "$1"; }

! left_behind "$POLICY" || allow_starts
! left_behind "$CLUSTERS" || allow_cluster
ENABLED_BEFORE=$(enabled)
forbid_starts
forbid_cluster
undo+=(disable_new)
export DEBIAN_FRONTEND=noninteractive
# Minimal images are without it, and Java's setup then fails.
mkdir -p /usr/share/man/man1
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
