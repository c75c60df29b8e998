# shellcheck shell=sh
# Sourced by the starts of the images: check_passwords NAME... ends one, and names the variable,
# unless the value needs no escaping in URLs, SQL, JSON and sed, as deploy/local/settings.sh has it.
check_passwords() {
    for name in "$@"; do
        case $(printenv "$name") in
        '' | *[!A-Za-z0-9._~-]*)
            echo "error: $name must consist of letters, digits and . _ ~ -" >&2
            exit 1
            ;;
        esac
    done
}
