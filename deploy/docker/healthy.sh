#!/bin/bash
# Usage: healthy PORT [PATH]: whether the port takes connections, or whether a GET of the
# path is answered 200. For images without curl.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
[[ -n ${2:-} ]] || exit 0
printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
read -r _ status _ <&3
[[ $status == 200 ]]
