#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage, help, version and exit statuses of wg's command line.
# not in a machine: it asks nothing of the kernel
set -u
WG=${WG:-build/wg/wg}
failures=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
# check NAME STATUS out|err PATTERN ARGUMENT...: the stream named has the pattern, the other is empty
check() {
	name=$1 status=$2 stream=$3 pattern=$4
	shift 4
	"$WG" "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	other=err
	[ "$stream" = err ] && other=out
	if [ $got = "$status" ] && grep -q -e "$pattern" "$T/$stream" && ! [ -s "$T/$other" ]; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/# /' "$T/out" "$T/err"
		failures=$((failures + 1))
	fi
}

for h in --help -h help; do
	check "wg $h" 0 out '^Usage: .* <cmd> \[<args>\]$' $h
done
for v in --version -v version; do
	check "wg $v" 0 out \
		'^wirekit v[0-9.]* (compatible with wireguard-tools v1\.0\.20260223)$' $v
done
for verb in show showconf set setconf addconf syncconf genkey genpsk pubkey; do
	check "$verb --help" 0 out "^Usage: .* $verb" $verb --help
	check "$verb -h" 0 out "^Usage: .* $verb" $verb -h
done
check 'show help' 0 out '^Usage: .* show' show help
check 'unknown verb' 1 err "^Invalid subcommand: .nope': expected show, showconf, .*, or --help\$" nope
check 'verbs are not abbreviated' 1 err "^Invalid subcommand: .sho': did you mean .show'?\$" sho
check 'misspelt verb' 1 err "^Invalid subcommand: .synccnof': did you mean .syncconf'?\$" synccnof
check 'misspelt option' 1 err "^Invalid subcommand: .--hlep': did you mean .--help'?\$" --hlep
check 'verb behind the name' 1 err "^Invalid subcommand: .wg0': did you mean .[^ ]* show wg0'?\$" wg0 show
check 'version takes no argument' 1 err \
	"^Invalid subcommand: .--version': expected .* or --version alone\$" --version x
check 'show: too many' 1 err "^Invalid argument: .x': expected nothing after .dump'\$" show a dump x
check 'show: bad parameter' 1 err "^Invalid parameter: .bogus': expected one that .* lists\$" show all bogus
check 'show: misspelt parameter' 1 err "^Invalid parameter: .peer': did you mean .peers'?\$" show all peer
check 'show: parameter before the name' 1 err "^Invalid parameter: .x0': did you mean .[^ ]* show x0 peers'?\$" \
	show peers x0
check 'show interfaces x' 1 err "^Invalid argument: .x': expected nothing after .interfaces'\$" show interfaces x
check 'show: misspelt word for an interface' 1 err \
	"^Unable to access interface interfacse: .*: did you mean .interfaces'?\$" show interfacse
check 'show: misspelt option' 1 err "^Unable to access interface --hlep: .*: did you mean .--help'?\$" show --hlep
check 'a misspelt option where no operand can stand' 1 err "^show has no option .--hlep': did you mean .--help'?\$" \
	show all dump --hlep
# As with wireguard-tools, a script that shows what it was given does not take the usage for a device.
check 'show: -h behind a name' 1 err "^Invalid parameter: .-h'" show wg0 -h
check 'show: -h before a parameter' 1 err '^Unable to access interface -h: ' show -h dump
check 'setconf: -h as a file' 1 err '^cannot open -h: No such file' setconf wg0 -h
check 'control characters' 1 err "^Invalid subcommand: .a?\[2J': did you mean .[^ ]* show a?\[2J'?\$" \
	"$(printf 'a\033[2J')" show
check 'set: control characters' 1 err '^Invalid argument: a?b: expected ' set wg0 "$(printf 'a\rb')" x
check 'set: control characters in a value' 1 err "^Invalid listen-port .a?b': " set wg0 listen-port "$(printf 'a\rb')"
check 'show: control characters' 1 err '^Unable to access interface a?b: ' show "$(printf 'a\rb')"
check 'genkey: an option that nothing has' 1 err "^genkey has no option .--x': expected --help\$" genkey --x
check 'showconf without name' 1 err "^Missing argument: expected <interface> after .showconf'\$" showconf
check 'showconf: too many' 1 err "^Invalid argument: .y': expected nothing after .x'\$" showconf x y
check 'set without name' 1 err "^Missing argument: expected <interface> after .set'\$" set
check 'set without settings' 1 err \
	"^Missing argument: expected listen-port, fwmark, private-key, or peer after .x'\$" set x
for verb in setconf addconf syncconf; do
	check "$verb without name" 1 err "^Missing argument: expected <interface> after .$verb'\$" $verb
	check "$verb without file" 1 err \
		"^Missing argument: expected <configuration filename> after .x'\$" $verb x
	check "$verb: too many" 1 err "^Invalid argument: .z': expected nothing after .y'\$" $verb x y z
done
check 'genkey x' 1 err "^Invalid argument: .x': genkey takes none: it prints a fresh private key\$" genkey x
check 'pubkey x' 1 err "^Invalid argument: .x': pubkey takes none: it turns the private key on standard input" \
	pubkey x
for verb in show showconf; do
	check "$verb: long name" 1 err \
		'^Unable to access interface a234567890123456: expected a name of at most 15' \
		$verb a234567890123456
done
check 'set: long name' 1 err 'expected a name of 1 to 15' set a234567890123456 fwmark 1
for verb in setconf addconf syncconf; do
	check "$verb: long name" 1 err 'expected a name of 1 to 15' $verb a234567890123456 /dev/null
done
# A wrong word costs one line, and the usage is not among it.
for line in nope 'show wg0 nope' 'set wg0 nope' 'genkey x' 'set wg0' set setconf 'show a b c' 'show --x'; do
	# shellcheck disable=SC2086
	if [ "$("$WG" $line 2>&1 | wc -l)" = 1 ]; then
		echo "ok one sentence: $line"
	else
		echo "not ok one sentence: $line"
		failures=$((failures + 1))
	fi
done

# A key that stands in the wrong place must not end up in a log.
key=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
for line in "$key" "show $key" "show wg0 $key" "show interfaces $key" "show peers $key" "genkey $key" \
	"pubkey $key" "showconf $key" "showconf $key x" "set $key" "set $key x" "set $key fwmark 1" \
	"setconf $key" "setconf wg0 /dev/null $key" "syncconf $key /dev/null" \
	"setconf wg0 $key" "addconf wg0 $key" "syncconf wg0 $key" "setconf wg0 ${key%?}" \
	"$key show" "$key showconf" "$key set" "$key setconf" "$key addconf" "$key syncconf" "$key genkey" \
	"$key genpsk" "$key pubkey"; do
	# shellcheck disable=SC2086
	"$WG" $line </dev/null >"$T/out" 2>&1
	if [ $? = 1 ] && [ -s "$T/out" ] && ! grep -q wPjzmyp "$T/out"; then
		echo "ok key hidden: $line"
	else
		echo "not ok key hidden: $line"
		failures=$((failures + 1))
	fi
done

# Scripts read the verbs from lines "  NAME: ...", and look for the last line.
"$WG" --help | sed -n 's/^  \([a-z]*\): [A-Z].*[a-z]$/\1/p' | tr '\n' ' ' >"$T/verbs"
if [ "$(cat "$T/verbs")" = 'show showconf set setconf addconf syncconf genkey genpsk pubkey ' ] &&
	[ "$("$WG" --help | sed -n 3p)" = 'Available subcommands:' ] &&
	[ "$("$WG" --help | tail -n 1)" = \
		"You may pass \`--help' to any of these subcommands to view usage." ]; then
	echo 'ok help text'
else
	echo 'not ok help text'
	failures=$((failures + 1))
fi
if "$WG" --help >/dev/full 2>/dev/null; then
	echo 'not ok write error'
	failures=$((failures + 1))
else
	echo 'ok write error'
fi
exit $((failures > 0))
