#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing, without starting or enabling
# any service, and the tools that no package holds (a newer Go, Flyway) into TOOLS_DIR.
# Does nothing, and asks nothing of the network, when nothing is missing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Some programs may well be there without their package, nginx by another one.
provided_otherwise() {
    case $1 in
    golang-go) command -v go ;;
    maven) [[ -e $TOOLS_DIR/flyway/.complete ]] || command -v mvn ;;
    default-jre-headless) command -v java ;;
    nginx) command -v nginx || [[ -x /usr/sbin/nginx ]] ;;
    *) false ;;
    esac >/dev/null
}

missing_packages() {
    local installed package
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    while read -r package; do
        grep -qxF "$package" <<<"$installed" || provided_otherwise "$package" || echo "$package"
    done <"$LIB_DIR/packages.txt"
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || die "needs apt-get (Debian 12, 13 or Ubuntu 24.04)"
    say "installing: ${missing[*]}"
    as_root bash "$LIB_DIR/apt-install.sh" "${missing[@]}"
}

# The Go that go.mod asks for. Go 1.21 and newer fetches it by itself; an older one is told
# to fetch it as the module it is published as, from its own configured proxy.
install_go() {
    local version wanted modules toolchain
    version=$(go env GOVERSION)
    if printf '%s\n' go1.21 "$version" | sort -CV || [[ -x $TOOLS_DIR/go/bin/go ]]; then
        return 0
    fi
    wanted=$(awk '$1 == "toolchain" { t = $2 } $1 == "go" { g = "go" $2 } END { print t ? t : g }' \
        "$ROOT_DIR/go.mod")
    [[ $wanted == go*.*.* ]] || wanted+=.0
    say "fetching $wanted ($version is too old)"
    mkdir -p "$TOOLS_DIR"
    modules=$(mktemp -d "$TOOLS_DIR/go-download.XXXXXX")
    toolchain=golang.org/toolchain@v0.0.1-$wanted.$(go env GOOS)-$(go env GOARCH)
    # Outside the checkout, whose go.mod the old Go cannot read.
    (cd / && GOPATH=$modules GOFLAGS=-modcacherw go mod download "$toolchain")
    # A module cannot hold the executable bit.
    find "$modules/pkg/mod/$toolchain"/{bin,pkg/tool} -type f -exec chmod +x {} +
    mv "$modules/pkg/mod/$toolchain" "$TOOLS_DIR/go"
    rm -rf "$modules"
}

install_flyway() {
    [[ -e $TOOLS_DIR/flyway/.complete ]] && return 0
    say "fetching Flyway"
    rm -rf "$TOOLS_DIR/flyway"
    mvn -q -B -f "$LIB_DIR/flyway/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$TOOLS_DIR/flyway"
    touch "$TOOLS_DIR/flyway/.complete"
}

install_packages
# What only the build needs is left out for the infrastructure alone.
[[ ${1:-all} == infra ]] || install_go
install_flyway
