#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# genkey, genpsk and pubkey as they are typed. WG is the program; where ORACLE_WG is set, it must
# say and print the same.
# not in a machine: it asks nothing of the kernel but random bytes
wg=${WG:-$(cd "$(dirname "$0")/../.." && pwd)/build/wg/wg}
private=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
public=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
warning="Warning: writing to world accessible file.
Consider setting the umask to 077 and trying again."
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0
umask 077

verdict() # NAME: of the command before
{
	if [ "$?" = 0 ]; then
		printf 'ok %s\n' "$1"
	else
		printf 'not ok %s\n' "$1"
		failed=1
	fi
}

# Leaves the exit status in $status, and out and err.
run() # SHELL-COMMAND, where $1 is wg
{
	sh -c "$1" sh "$wg" >out 2>err
	status=$?
}

ends() # STATUS OUT ERR
{
	[ "$status" = "$1" ] && [ "$(cat out)" = "$2" ] && [ "$(cat err)" = "$3" ]
}

fails_with() # ERR
{
	ends 1 "" "$1"
}

refuses() # VERB: its argument, in one sentence
{
	[ "$status" = 1 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -q -e "^Invalid argument: .*: $1 takes none" -e "^$1 has no option" err
}

is_key() # FILE
{
	[ "$(wc -c <"$1")" = 45 ] && grep -q '^[A-Za-z0-9+/]\{42\}[AEIMQUYcgkosw048]=$' "$1"
}

bytes() # FILE: of a key, in decimal
{
	base64 -d <"$1" | od -An -v -tu1 | tr -s ' \n' ' '
}

# Eight of a kind: what a generator that clamps where it should not gets right by luck is rare.
for verb in genkey genpsk; do
	run "\"\$1\" $verb"
	[ $status = 0 ] && [ ! -s err ] && is_key out
	verdict "$verb prints a key and a newline"

	for i in 1 2 3 4 5 6 7 8; do
		"$wg" $verb
	done >keys
	[ "$(sort -u keys | wc -l)" = 8 ]
	verdict "$verb prints another key each time"

	clamped=0
	while read -r key; do
		echo "$key" >key
		# shellcheck disable=SC2046
		set -- $(bytes key)
		[ $(($1 % 8)) != 0 ] || [ $((${32} / 64)) != 1 ] || clamped=$((clamped + 1))
	done <keys
	[ $verb = genkey ] && [ $clamped = 8 ] || { [ $verb = genpsk ] && [ $clamped -lt 4 ]; }
	verdict "of 8 keys $verb clamps $clamped"

	for arguments in x "-- x" "x y"; do
		run "\"\$1\" $verb $arguments"
		refuses $verb
		verdict "$verb $arguments is refused"
	done

	run "umask 022; \"\$1\" $verb >file; rc=\$?; cat file; exit \$rc"
	[ $status = 0 ] && is_key out && [ "$(cat err)" = "$warning" ]
	verdict "$verb warns of a file that others can read, and writes it"

	rm -f file
	run "umask 077; \"\$1\" $verb >file"
	[ $status = 0 ] && is_key file && [ ! -s err ]
	verdict "$verb does not warn of a file of one's own"

	rm -f file
	run "umask 027; \"\$1\" $verb >file"
	[ $status = 0 ] && [ ! -s err ]
	verdict "$verb does not warn of a file of the group's"

	rm -f file
	run "umask 077; touch file; chmod o+x file; \"\$1\" $verb >file"
	[ $status = 0 ] && [ "$(cat err)" = "$warning" ]
	verdict "$verb warns of any right of others"

	run "\"\$1\" $verb >/dev/full"
	fails_with "Unable to write to standard output: No space left on device"
	verdict "$verb fails on a full disk"

	run "\"\$1\" $verb >&-"
	fails_with "Unable to write to standard output: Bad file descriptor"
	verdict "$verb fails without standard output"
done

run "echo $private | \"\$1\" pubkey"
ends 0 "$public" ""
verdict "pubkey prints the public key"

run "\"\$1\" genkey | \"\$1\" pubkey"
[ $status = 0 ] && is_key out
verdict "genkey | pubkey"

for space in '' '\n' '\r\n' ' \t\v\f\r\n\n' '\000' '\n\000'; do
	run "printf '$private$space' | \"\$1\" pubkey"
	ends 0 "$public" ""
	verdict "pubkey takes a key followed by '$space'"
done

run "{ echo $private; head -c 5000 /dev/zero | tr '\\\\000' '\\\\n'; } | \"\$1\" pubkey"
ends 0 "$public" ""
verdict "pubkey takes a key followed by many empty lines"

run "{ printf ${private%??????????}; sleep 0.1; echo ${private#??????????????????????????????????}; } | \"\$1\" pubkey"
ends 0 "$public" ""
verdict "pubkey takes a key in pieces"

for rest in x ' x' '\nx' '\000x' "\\\\n$private"; do
	run "printf '$private$rest' | \"\$1\" pubkey"
	fails_with "$wg: Trailing characters found after key"
	verdict "pubkey refuses a key followed by '${rest%$private}'"
done

run "{ echo $private; head -c 5000 /dev/zero; echo x; } | \"\$1\" pubkey"
fails_with "$wg: Trailing characters found after key"
verdict "pubkey refuses a key followed by something far away"

malformed="$wg: Key is not the correct length or format"
while read -r name text; do
	run "printf '$text' | \"\$1\" pubkey"
	fails_with "$malformed"
	verdict "pubkey refuses a key that is $name"
done <<-END
	empty
	a-word key
	too-short ${private%?}
	without-its-newline-too-short ${private%??}\n
	after-an-empty-line \n${private%?}
	not-canonical ${private%?=}p=
	unpadded ${private%=}A
	of-the-url-alphabet ${private%????????????????}-_-_-_-_-_-_-_o=
	of-a-high-byte ${private%??}\377=
	hex 77076d0a7318a57d3c16c17251b26645df4c2f87ebc
END

run "printf ' $private' | \"\$1\" pubkey"
[ "$status" = 1 ] && [ ! -s out ] && [ -s err ]
verdict "pubkey refuses a key after a space"

run "\"\$1\" pubkey </"
fails_with "Unable to read standard input: Is a directory"
verdict "pubkey tells a read error"

run "\"\$1\" pubkey <&-"
fails_with "Unable to read standard input: Bad file descriptor"
verdict "pubkey fails without standard input"

run "echo $private | \"\$1\" pubkey >/dev/full"
fails_with "Unable to write to standard output: No space left on device"
verdict "pubkey fails on a full disk"

run "echo $private | \"\$1\" pubkey x"
refuses pubkey
verdict "pubkey x is refused"

run "umask 022; echo $private | \"\$1\" pubkey >file"
[ $status = 0 ] && [ ! -s err ] && [ "$(cat file)" = "$public" ]
verdict "pubkey does not warn: a public key is public"

for text in "${private}x" "x$private" "${private%??}p=" "${private%=}"; do
	run "printf '%s' '$text' | \"\$1\" pubkey"
	[ $status = 1 ] && ! grep -q "$(printf %.12s "${private#????}")" out err
	verdict "pubkey does not repeat a key in an error"
done

same() # NAME COMMAND, where $1 is wg: the same bytes and status from both, their name aside
{
	sh -c "$2" sh "$wg" >out 2>err
	status=$?
	sh -c "$2" sh "$ORACLE_WG" >out.oracle 2>err.oracle
	[ $? = $status ] && cmp -s out out.oracle &&
		[ "$(sed "s|^$wg|wg|" err)" = "$(sed "s|^$ORACLE_WG|wg|" err.oracle)" ]
	verdict "as wireguard-tools: $1"
}

if [ -n "${ORACLE_WG-}" ]; then
	for i in 1 2 3 4 5 6 7 8; do
		key=$("$wg" genkey)
		same "public key $i" "echo $key | \"\$1\" pubkey"
		key=$("$wg" genpsk)
		same "public key of a key that is not clamped $i" "echo $key | \"\$1\" pubkey"
	done
	same "key of zeros" "head -c 32 /dev/zero | base64 | \"\$1\" pubkey"
	same "key of ones" "head -c 32 /dev/zero | tr '\\000' '\\377' | base64 | \"\$1\" pubkey"
	same "no key" "\"\$1\" pubkey </dev/null"
	same "trailing word" "echo $private x | \"\$1\" pubkey"
	same "trailing space and NUL" "printf '$private \\r\\n\\000' | \"\$1\" pubkey"
	same "leading space" "printf ' $private' | \"\$1\" pubkey"
	same "44 bytes of zero" "head -c 44 /dev/zero | \"\$1\" pubkey"
	same "warning" "umask 022; rm -f f; \"\$1\" genkey >f"
	same "no warning" "umask 077; rm -f f; \"\$1\" genpsk >f"
fi
exit $failed
