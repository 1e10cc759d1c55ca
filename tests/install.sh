#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `make install` puts where, file by file with modes, and that `make uninstall` takes exactly
# that away: with the default paths, with every path given, and without DESTDIR on this system, whose own
# files have memory laid over them.
# Mounts are to be seen here alone.
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] || exec unshare -m sh "$0" "$@"
. "$(dirname "$0")/tool.sh"
work=$(mktemp -d)
# Memory that lies over a system's folders goes with the namespace, not by rm.
trap 'umount -l "$work/memory" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
run_make()
{
	make -C "$top" -s "$@" </dev/null
}

# Files with mode and path; folders only where `make install` gives them a mode of its own.
tree()
{
	(cd "$1" && find . \( -type f -printf '%m %P\n' \) -o \( -type d -name wireguard -printf '%m %P/\n' \) |
		sort -k 2)
}

# expected BIN MAN COMPLETION UNITS CONF FISH ZSH, without the first slash
expected()
{
	cat <<-END | sort -k 2
		700 $5/
		644 $4/wg-quick.target
		644 $4/wg-quick-watch.service
		644 $4/wg-quick-watch@.service
		644 $4/wg-quick@.service
		644 $4/wg-quick-killswitch@.service
		644 $4/wg-tun@.service
		755 $1/wg
		755 $1/wg-quick
		755 $1/wg-tun
		644 $3/wg
		644 $3/wg-quick
		644 $3/wg-tun
		644 $6/wg-quick.fish
		644 $6/wg-tun.fish
		644 $6/wg.fish
		644 $7/_wg-quick
		644 $2/man7/wirekit.7
		644 $2/man8/wg-quick.8
		644 $2/man8/wg-tun.8
		644 $2/man8/wg.8
	END
}

# The umask of whoever installs must not decide.
umask 077
check "make install" run_make DESTDIR="$work/a" install
check "default paths and modes" same \
	"$(expected usr/bin usr/share/man usr/share/bash-completion/completions usr/lib/systemd/system etc/wireguard \
		usr/share/fish/vendor_completions.d usr/share/zsh/vendor-completions)" \
	"$(tree "$work/a")"
check "binaries carry no test hook" sh -c '! strings "$1"/usr/bin/wg-quick | grep WG_TEST' sh "$work/a"
check "installed wg runs" "$work/a/usr/bin/wg" --help
check "installed wg-quick runs" "$work/a/usr/bin/wg-quick" --help
check "installed wg-tun runs" "$work/a/usr/bin/wg-tun" --help
check "no placeholder in the units" sh -c '! grep @BIN "$1"/usr/lib/systemd/system/wg-*' sh "$work/a"
check "the unit starts the installed binary" \
	grep -q '^ExecStart=/usr/bin/wg-quick up --idempotent %i$' "$work/a/usr/lib/systemd/system/wg-quick@.service"
check "installing twice is the same" run_make DESTDIR="$work/a" install

touch "$work/a/etc/wireguard/keep.conf" "$work/a/usr/bin/other"
check "make uninstall" run_make DESTDIR="$work/a" uninstall
check "uninstall takes only what was installed" same "700 etc/wireguard/
600 etc/wireguard/keep.conf
600 usr/bin/other" "$(tree "$work/a")"
rm "$work/a/etc/wireguard/keep.conf" "$work/a/usr/bin/other"
check "make uninstall again" run_make DESTDIR="$work/a" uninstall
check "an empty configuration folder goes" same "" "$(tree "$work/a")"

set -- DESTDIR="$work/b" PREFIX=/opt/wk BINDIR=/opt/wk/sbin MANDIR=/opt/wk/man BASHCOMPDIR=/opt/wk/comp \
	FISHCOMPDIR=/opt/wk/fish ZSHCOMPDIR=/opt/wk/zsh \
	SYSTEMDUNITDIR=/opt/wk/units CONFDIR=/opt/wk/wireguard B="$work/build" CFLAGS=-O0
check "make install, every path given" run_make "$@" install
check "paths as given" same "$(expected opt/wk/sbin opt/wk/man opt/wk/comp opt/wk/units opt/wk/wireguard \
	opt/wk/fish opt/wk/zsh)" \
	"$(tree "$work/b")"
check "the unit follows BINDIR" \
	grep -q '^ExecStart=/opt/wk/sbin/wg-quick up --idempotent %i$' "$work/b/opt/wk/units/wg-quick@.service"
check "make uninstall, every path given" run_make "$@" uninstall
check "nothing is left" same "" "$(tree "$work/b")"
check "test builds are refused" sh -c '! make -C "$1" -s B="$2/t" DESTDIR="$2/t" TESTHOOKS=1 -n install' \
	sh "$top" "$work"

### Without DESTDIR
upper=$work/memory
lay_over() # FOLDER...
{
	for folder; do
		name=$(echo "$folder" | tr -d /)
		mkdir -p "$upper/$name" "$upper/$name.work" &&
			mount -t overlay -o "lowerdir=$folder,upperdir=$upper/$name,workdir=$upper/$name.work" "$folder" "$folder" ||
			return
	done
	mount -t tmpfs -o mode=0755 run /run
}

mkdir "$upper"
mount -t tmpfs memory "$upper"
if ! lay_over /usr /etc /var /opt; then
	not_ok "memory lies over this system"
	finish
fi
rm -rf /usr/bin/wg /usr/bin/wg-quick /usr/bin/wg-tun /etc/wireguard
# All that differs from this system, with sums; dpkg's own files change by themselves.
changes()
{
	(cd "$upper" && find usr etc opt -type f -printf '%m %p\n' -exec cksum {} +
		find /usr/local /usr/share/wirekit /etc/wireguard -type d 2>/dev/null) | sort
}
quiet_make()
{
	run_make "$@" >"$work/said" 2>&1
}
refused() { ! quiet_make "$@" && cat "$work/said"; }
said() { grep -qF -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
silent() { quiet_make "$@" && same "" "$(grep -v '^  INSTALL ' "$work/said")"; }

package() # NAME FILE...: installs a package that owns the files, with the content they have or their names as text
{
	pkg=$work/package
	rm -rf "$pkg" && mkdir -p "$pkg/DEBIAN" && chmod 755 "$pkg" "$pkg/DEBIAN" || return
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: test\n' \
		"$1" >"$pkg/DEBIAN/control"
	shift
	for file; do
		mkdir -p "$pkg/${file%/*}"
		if [ -e "$file" ]; then cp "$file" "$pkg/$file"; else echo "$file" >"$pkg/$file"; fi
	done
	dpkg-deb --root-owner-group -b "$pkg" "$work/package.deb" && dpkg -i "$work/package.deb"
}

unit=/lib/systemd/system/wg-quick@.service
check "a package owns wg and a unit" package wireguard-tools /usr/bin/wg $unit
before=$(changes)
check "make install refuses to replace a package's files" refused install
check "it names each file and the package" said "    /usr/bin/wg (wireguard-tools)"
check "... also where its folder is a link" said "    /usr$unit (wireguard-tools)"
check "it names the ways out" sh -c 'grep -q "apt-get remove wireguard-tools" "$1" && grep -q "make deb" "$1" &&
	grep -q PREFIX=/usr/local "$1"' sh "$work/said"
check "nothing was written" same "$before" "$(changes)"
check "make uninstall leaves the package's files" refused uninstall
check "... and says that they are not ours" said "is not ours"
check "nothing was removed" same "$before" "$(changes)"

check "another PREFIX is free" silent PREFIX=/usr/local install
check "the unit starts what is installed there" \
	grep -q '^ExecStart=/usr/local/bin/wg-quick up --idempotent %i$' /usr/local/lib/systemd/system/wg-quick@.service
check "zsh looks where its completion is" test -f /usr/local/share/zsh/site-functions/_wg-quick
check "modes are as in a package" same "755 644 644" \
	"$(stat -c %a /usr/local/bin/wg /usr/local/share/man/man8/wg.8 /usr/local/share/wirekit/manifest | xargs)"
check "it goes again" silent PREFIX=/usr/local uninstall
check "nothing is left there" same "$before" "$(changes)"

check "the package's files are diverted" sh -c 'for f in /usr/bin/wg /lib/systemd/system/wg-quick@.service; do
	dpkg-divert --local --rename --add $f || exit; done'
before=$(changes)
check "diverted files are free" silent install
check "ours is in the place" /usr/bin/wg --help
check "the package's is where it was diverted to" same /usr/bin/wg "$(cat /usr/bin/wg.distrib)"
check "ours goes again" silent uninstall
check "the package's is left" same "$before" "$(changes)"
check "the package goes" sh -c 'dpkg -r wireguard-tools && dpkg-divert --local --rename --remove /usr/bin/wg &&
	dpkg-divert --local --rename --remove /lib/systemd/system/wg-quick@.service'

before=$(changes)
check "make install" silent install
first=$(changes)
check "make install over it" silent install
check "changes nothing" same "$first" "$(changes)"
check "a file of ours that was changed" sh -c 'echo "# mine" >>/usr/lib/systemd/system/wg-tun@.service'
echo was-ours >/usr/share/old-file
printf '%s  /usr/share/old-file\n%s  /usr/share/man/man8/gone.8\n' "$(sha256sum </usr/share/old-file | cut -d ' ' -f 1)" \
	"$(sha256sum </usr/share/old-file | cut -d ' ' -f 1)" >>/usr/share/wirekit/manifest
check "a new version removes what it does not have any more" silent install
check "... that file" test ! -e /usr/share/old-file
echo "# mine" >>/usr/lib/systemd/system/wg-tun@.service
touch /etc/wireguard/keep.conf

mkdir -m 0700 /run/wireguard-quick
echo "world $(cat /proc/sys/kernel/random/boot_id) 1" >/run/wireguard-quick/wg7.state
echo "world $(cat /proc/sys/kernel/random/boot_id) 1" >"/run/wireguard-quick/wg8@$(stat -L -c %i /proc/self/ns/net).state"
echo "world $(cat /proc/sys/kernel/random/boot_id) 1" >/run/wireguard-quick/wg9@4026.state
up=$(changes)
check "make uninstall refuses while tunnels are up" refused uninstall
check "it names the way out" said "    wg-quick down wg7"
check "... and the network namespace" said "    wg-quick down wg8, in the network namespace $(stat -L -c %i /proc/self/ns/net)"
check "... but not one that is gone" sh -c '! grep wg9 "$1"' sh "$work/said"
check "nothing was removed while they are up" same "$up" "$(changes)"
rm /run/wireguard-quick/wg8@*.state /run/wireguard-quick/wg9@*.state
echo "world 00000000-0000-0000-0000-000000000000 1" >/run/wireguard-quick/wg7.state
check "a package takes a file as it is" package wirekit-part /usr/bin/wg-quick
check "a journal of another boot is none, and make uninstall works" quiet_make uninstall
check "a changed file is left, with a sentence" said "/usr/lib/systemd/system/wg-tun@.service has changed"
check "a file that a package owns now is left, with a sentence" said "/usr/bin/wg-quick belongs to a package now"
check "the configuration is left" test -e /etc/wireguard/keep.conf
rm -f /etc/wireguard/keep.conf /usr/lib/systemd/system/wg-tun@.service
dpkg -r wirekit-part >/dev/null
rmdir /etc/wireguard
check "nothing else is left" same "$before" "$(changes)"

check "an install of before there was a manifest" sh -c 'make -C "$1" -s install && rm /usr/share/wirekit/manifest' sh "$top"
check "a new one over it" silent install
rm -r /usr/share/wirekit
check "a package takes a file of it" package wirekit-part /usr/bin/wg-quick
check "it is removed without a manifest, too" quiet_make uninstall
check "... but what a package owns" said "/usr/bin/wg-quick belongs to a package"
dpkg -r wirekit-part >/dev/null
check "and nothing is left of it" same "$before" "$(changes)"

version=$(sed -n 's/^.define WIREKIT_VERSION "\(.*\)"/\1/p' "$top/src/version.h")
check "a package has the module's source" package wirekit-dkms "/usr/src/wirekit-$version/dkms.conf"
check "make dkms-install refuses to replace it" refused dkms-install
check "it names the package" said "/usr/src/wirekit-$version (wirekit-dkms)"
check "the source is left" test -e "/usr/src/wirekit-$version/dkms.conf"
finish
