#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `make install` puts where, file by file with modes, and that `make uninstall` takes exactly
# that away: with the default paths, and with every path given.
. "$(dirname "$0")/tool.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
		644 $7/_wg-tun
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
	"$(expected usr/bin usr/share/man usr/share/bash-completion/completions lib/systemd/system etc/wireguard \
		usr/share/fish/vendor_completions.d usr/share/zsh/vendor-completions)" \
	"$(tree "$work/a")"
check "binaries carry no test hook" sh -c '! strings "$1"/usr/bin/wg-quick | grep WG_TEST' sh "$work/a"
check "installed wg runs" "$work/a/usr/bin/wg" --help
check "installed wg-quick runs" "$work/a/usr/bin/wg-quick" --help
check "installed wg-tun runs" "$work/a/usr/bin/wg-tun" --help
check "no placeholder in the units" sh -c '! grep @BIN "$1"/lib/systemd/system/wg-*' sh "$work/a"
check "the unit starts the installed binary" \
	grep -q '^ExecStart=/usr/bin/wg-quick up --idempotent %i$' "$work/a/lib/systemd/system/wg-quick@.service"
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
	SYSTEMDUNITDIR=/opt/wk/units CONFDIR=/opt/wk/wireguard B="$work/build"
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
finish
