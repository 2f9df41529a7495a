#!/bin/sh
# Makes the root that the client tests run in: a minimal Debian 12 with the programs that log people in through LDAP. Their packages
# rewrite NSS and PAM, so none of them is installed on this machine. Prints the directory of the root. --find only looks for one that is
# there.
#
# The root is made once and kept below TEST_HOSTS_CACHE (default /var/cache/gatehouse-hosts) under a name that follows from this
# script; hosts see it through an overlay and never write to it. Several callers may run at once: one builds, the others wait. A root
# gets its name when it is complete, so that what an interrupted run leaves is never used.
#
# Packages come from where apt of this machine takes those of Debian 12; TEST_HOSTS_MIRROR names another place.
# Ends with 77 where it cannot work at all: not as root, no namespaces, no Debian 12 archive.
set -eu

packages="
	eatmydata libeatmydata1 ca-certificates iproute2 procps strace curl pamtester ldap-utils openssl netcat-openbsd
	openssh-server openssh-client libpam-pwquality cracklib-runtime sssd-common sssd-ldap sssd-tools libnss-sss libpam-sss libsss-sudo
	nslcd nslcd-utils libnss-ldapd libpam-ldapd sudo-ldap autofs autofs-ldap ldapscripts
	apache2 nginx-light lighttpd lighttpd-modules-ldap squid php-cli php-ldap
	postgresql-15 mariadb-server dovecot-imapd dovecot-ldap postfix postfix-ldap
	freeradius freeradius-ldap freeradius-utils sasl2-bin proftpd-core proftpd-mod-ldap
	python3-ldap python3-ldap3 libnet-ldap-perl libio-socket-ssl-perl ruby-net-ldap
	default-jre-headless ecj
"

cache=${TEST_HOSTS_CACHE:-/var/cache/gatehouse-hosts}
name=bookworm-$(dpkg --print-architecture 2>/dev/null || uname -m)-$(sha256sum <"$0" | cut -c1-16)
root=$cache/$name

cannot() { echo "no root for the client tests: $*" >&2; exit 77; }

if [ "${1:-}" = --inside ]; then # in namespaces of its own; see the end
	root=$2.making
	build() {
		mount --make-rprivate /
		debootstrap --variant=minbase --include=eatmydata,libeatmydata1,ca-certificates ${keyring:+--keyring="$keyring"} \
			bookworm "$root" "$mirror" >&2 || return 77
		sources
		prepare
		mount -t proc proc "$root/proc"
		inside="chroot $root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive"
		inside="$inside $(env | grep -E '^(http|https|no)_proxy=' | tr '\n' ' ')"
		$inside apt-get update -qq >&2
		# shellcheck disable=SC2086
		$inside eatmydata apt-get install -y -qq $packages >&2
		settle
	}
	# sources are those of the archive, and of its updates where this machine has them too.
	sources() {
		{
			echo "deb $mirror bookworm main"
			[ -n "${TEST_HOSTS_MIRROR:-}" ] || targets 'bookworm-updates|bookworm-security' | sed 's/^/deb /; s/$/ main/'
		} >"$root/etc/apt/sources.list"
		apt-config dump 2>/dev/null | grep -iE '^Acquire::(https?|ftp)::Proxy' >"$root/etc/apt/apt.conf.d/01proxy" || true
		# An archive behind TLS is trusted as this machine trusts it.
		mount --bind /etc/ssl/certs "$root/etc/ssl/certs" 2>/dev/null || true
	}
	# prepare says that no service starts, that nobody reads manuals here, and that a crash of the machine is no concern.
	prepare() {
		printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
		chmod 755 "$root/usr/sbin/policy-rc.d"
		cat >"$root/etc/apt/apt.conf.d/02small" <<-END
			APT::Install-Recommends "false";
			Acquire::Languages "none";
			Acquire::Retries "3";
		END
		cat >"$root/etc/dpkg/dpkg.cfg.d/small" <<-END
			force-unsafe-io
			force-confdef
			path-exclude=/usr/share/doc/*
			path-include=/usr/share/doc/*/copyright
			path-exclude=/usr/share/man/*
			path-exclude=/usr/share/info/*
			path-exclude=/usr/share/locale/*
			path-exclude=/usr/share/lintian/*
		END
		cat >"$root/tmp/answers" <<-END
			postfix postfix/main_mailer_type select No configuration
			nslcd nslcd/ldap-uris string ldap://localhost/
			nslcd nslcd/ldap-base string dc=example,dc=com
			libnss-ldapd libnss-ldapd/nsswitch multiselect
			proftpd-basic shared/proftpd/inetd_or_standalone select standalone
		END
		chroot "$root" debconf-set-selections <"$root/tmp/answers"
		rm "$root/tmp/answers"
	}
	# settle leaves name service and PAM as they are on a host without a directory: a test switches on what it is about.
	settle() {
		chroot "$root" env DEBIAN_FRONTEND=noninteractive pam-auth-update --disable sss ldap >&2
		printf '%s\n' 'passwd: files' 'group: files' 'shadow: files' 'gshadow: files' 'hosts: files' 'networks: files' \
			'protocols: files' 'services: files' 'ethers: files' 'rpc: files' 'netgroup: files' 'automount: files' \
			'sudoers: files' >"$root/etc/nsswitch.conf"
		umount "$root/proc"
		umount "$root/etc/ssl/certs" 2>/dev/null || true
		chroot "$root" apt-get clean
		rm -rf "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root/etc/resolv.conf" "$root/etc/apt/apt.conf.d/01proxy"
	}
	targets() {
		apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
			awk -v want="^($1)\$" '$3 ~ want && $4 == "Debian" && $5 == "main" {print $1, $3}' | sort -u
	}
	mirror=${TEST_HOSTS_MIRROR:-$(targets bookworm | awk '{print $1; exit}')}
	[ -n "$mirror" ] || cannot "apt of this machine has no source of Debian 12; set TEST_HOSTS_MIRROR"
	proxy=$(apt-config dump 2>/dev/null | sed -n 's/^Acquire::http::Proxy "\(.*\)";/\1/p')
	[ -z "$proxy" ] || export http_proxy="${http_proxy:-$proxy}"
	keyring=
	[ ! -r /usr/share/keyrings/debian-archive-keyring.gpg ] || keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	build
	mv "$root" "$2"
	exit
fi

[ "$(id -u)" = 0 ] || cannot "it takes root"
unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null || cannot "this machine makes no namespaces"
if [ -d "$root" ]; then
	echo "$root"
	exit
fi
[ "${1:-}" != --find ] || cannot "none was made yet"
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -d "$root" ]; then
	command -v debootstrap >/dev/null || cannot "debootstrap is not installed"
	rm -rf --one-file-system "$cache"/*.making # the lock is held: nobody is at work on these
	log=$cache/$name.log
	echo "making the root for the client tests, once, in $root; this takes a few minutes" >&2
	status=0
	# Mounts and processes of the build end with it. It has the lock too: should this shell be killed, the others wait for the build.
	unshare --mount --pid --fork --kill-child "$0" --inside "$root" >"$log" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		tail -n 40 "$log" >&2
		rm -rf --one-file-system "$root.making"
		[ "$status" != 77 ] || cannot "the Debian 12 archive cannot be read; $log has all of it"
		exit 1
	fi
fi
echo "$root"
