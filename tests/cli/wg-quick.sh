#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What wg-quick says to a wrong word on its command line: one sentence, with the word that was meant.
# not in a machine: it asks nothing of the kernel
. "$(dirname "$0")/../tool.sh"
alone "$@"
log=/run/log

# says SENTENCE ARGUMENT...: exit status 1, and this one line.
says()
{
	says_pattern=$1
	shift
	"$WG_QUICK" "$@" >$log 2>&1
	says_status=$?
	cat $log
	[ $says_status = 1 ] && [ "$(wc -l <$log)" = 1 ] && grep -q -e "^wg-quick: $says_pattern\$" $log
}

check "a misspelt verb" says "unknown verb \`stirp': did you mean \`strip'?" stirp wg0
check "a verb in capitals" says "unknown verb \`UP': did you mean \`up'?" UP wg0
check "another verb" says "unknown verb \`restart': expected up, down, .*, or --help" restart wg0
check "the verb behind the name" says "unknown verb \`wg0': did you mean \`wg-quick up wg0'?" wg0 up
check "a misspelt option of no verb" says "unknown verb \`--hlep': did you mean \`--help'?" --hlep
check "an option that stands alone" says "unknown verb \`-v': .* or --version alone" -v x
check "a misspelt option" says "up has no option \`--dryrun': did you mean \`--dry-run'?" up --dryrun wg0
check "a misspelt option, and no name" says "up has no option \`--dry': did you mean .*" up --dry
check "an option that the verb does not have" says "strip has no option \`--color': expected --help" strip --color wg0
check "options that exclude each other" says "up takes --dry-run or --idempotent, not both" up --dry-run --idempotent wg0
check "an option with a value that it does not take" says "--force takes no value.*" down --force=yes wg0
for verb in up down reload diff repair save strip check; do
	check "$verb: no name" says "missing argument: expected NAME or FILE[.]* after \`$verb'" $verb
done
for verb in up down reload diff repair status save strip; do
	check "$verb: one name too many" says "invalid argument: \`wg1': expected nothing after \`wg0'" $verb wg0 wg1
done
check "an option behind the name is one" says "\`/etc/wireguard/wg0.conf' does not exist" down wg0 --force
touch /etc/wireguard/office.conf /etc/wireguard/-x.conf
for verb in up down reload diff repair save strip; do
	check "$verb: a misspelt name" \
		says "\`/etc/wireguard/ofice.conf' does not exist: did you mean \`office'?" $verb ofice
done
check "a name that looks like an option" "$WG_QUICK" strip -x
key=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
check "a key is not repeated" says "unknown verb (hidden, as it may be a key): .*" $key
for verb in up down reload diff repair status save strip; do
	check "$verb: a key before it" says "unknown verb (hidden, as it may be a key): expected .*" $key $verb
	check "$verb: a key" says "(hidden, as it may be a key) does not exist: expected a name or a file" $verb $key
done
check "check: a key before it" says "unknown verb (hidden, as it may be a key): expected .*" $key check
# Standard output, too.
check_key() { "$WG_QUICK" check "$1" >$log 2>&1; ! grep wPjz $log && grep -q '^(hidden, as it may be a key):1:1: error' $log; }
check "check: a key" check_key $key
check "check: a key's beginning" check_key ${key%?}
check "an option with a path" says "up has no option \`--config=/etc/x.conf': expected .*" up --config=/etc/x.conf
mkdir -p /run/--config=/etc
touch /run/--config=/etc/x.conf
dashes() { (cd /run && says "invalid argument: \`wg0': expected nothing after \`--config=/etc/x.conf'" strip "$@"); }
check "such a path that is there" dashes --config=/etc/x.conf wg0
check "control characters" says "\`./a?\[2J' does not exist" strip "$(printf './a\033[2J')"

# The file and the interface have gone; only the journal is there.
down_dash()
{
	printf '[Interface]\nTable = off\n' >/etc/wireguard/-y.conf
	WG_QUICK_USERSPACE_IMPLEMENTATION=$WG_TUN "$WG_QUICK" up -y && rm /etc/wireguard/-y.conf &&
		ip link del dev -y && "$WG_QUICK" down -y
}
if kernel_has_wireguard || [ -e /dev/net/tun ]; then
	check "down of a tunnel that begins with a dash" down_dash
else
	skip "down of a tunnel that begins with a dash" "no data path"
fi
# Whoever may not search the folder cannot know: the verb itself asks for root.
unprivileged() { setpriv --reuid 65534 --regid 65534 --clear-groups "$WG_QUICK" "$@" >$log 2>&1; cat $log; }
no_option() { unprivileged "$@"; ! grep -q 'no option' $log; }
has_no_option() { unprivileged "$@"; grep -q 'no option' $log; }
chmod 0700 /etc/wireguard
check "a name with a dash, without root" no_option down -z
check "two dashes are an option, without root" has_no_option down --nonsense

name=us1234_nordlynx_de
for verb in up down save strip; do
	check "$verb: a long name" says "\`$name' is too long for an interface's name: expected at most 15 characters" \
		$verb $name
done
touch /etc/wireguard/$name.conf
for verb in up down save strip; do
	check "$verb: a long name that is there" \
		says "\`$name' is too long .*; rename /etc/wireguard/$name.conf" $verb $name
	check "$verb: the path of such a file" \
		says "\`$name' is too long .* before .conf; rename /etc/wireguard/$name.conf" \
		$verb /etc/wireguard/$name.conf
done
odd="wg home"
cp /etc/wireguard/wg0.conf "/etc/wireguard/$odd.conf" 2>/dev/null || : >"/etc/wireguard/$odd.conf"
check "a name with a space, whose file is there" \
	says "\`$odd' is no valid interface name: .*; rename /etc/wireguard/$odd.conf" strip "$odd"
rm "/etc/wireguard/$odd.conf"
check "a name with .conf" says ".*/wg0.conf.conf' does not exist: expected a name without .conf.*" strip wg0.conf
cd /run && touch wg0.conf
check "a file of this folder" says ".*; for the file in this folder, give its path: ./wg0.conf" strip wg0.conf
finish
