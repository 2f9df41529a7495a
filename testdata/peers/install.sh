#!/bin/sh
# Installs what the tests need from Debian: the OpenLDAP tools, slapd as a peer that never runs as a service, and debootstrap, which makes
# the root of the client tests.
# Idempotent; uses sudo where it is not root.
set -eu
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=
for p in ldap-utils slapd debootstrap; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

# slapd's package would start a server on port 389. Say no while it is installed, and leave no such word behind.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
	made=yes
fi
trap '[ -z "$made" ] || as_root rm -f "$policy"' EXIT

echo "slapd slapd/no_configuration boolean true" | as_root debconf-set-selections
as_root apt-get update -qq || echo "apt-get update did not succeed; trying with the lists at hand" >&2
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
