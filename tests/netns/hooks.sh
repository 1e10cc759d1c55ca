#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hooks: how long each may take by its file, what they see of the environment, and going without them.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
export ALLOWED=10.9.0.0/16
quick_setup
mkdir -p /run/hooks /run/seen
before=$(picture)

says() { cat $log; grep -q -e "$1" $log; }
none_left() { ! pgrep -f "^sleep 4321"; }
seen() { cat "/run/seen/$1"; }
# quick VERB...: its status is in $status, and how long it took in $took, in milliseconds.
quick()
{
	began=$(date +%s%3N)
	"$Q" "$@" >$log 2>&1
	status=$?
	took=$(($(date +%s%3N) - began))
}

### HookTimeout
stubborn='trap "" TERM; (sleep 4321 &); sleep 4321 & while :; do sleep 4321; done'
conf wgq "HookTimeout = 1" "PostUp = $stubborn" "PostDown = touch /run/seen/postdown"
quick up $C
check "a hook that ignores SIGTERM is killed" says "did not end within 1 seconds and was killed"
check "up ends with the status of a time limit" test $status = 124
check "three seconds after the limit" test $took -ge 3900 -a $took -le 6500
check "what the hook has started is gone" wait_for 3 none_left
check "PostDown was run" test -e /run/seen/postdown
unchanged "and all is undone"

conf wgq "hooktimeout=1" "PostDown = sleep 4321" "PostDown = touch /run/seen/second"
check "up with a hook for later" "$Q" up $C
sed -i '/[Tt]imeout/d' $C
quick down $C
check "down uses the limit that the file had" says "sleep 4321.*did not end within 1 seconds"
check "and goes on" test -e /run/seen/second
check "and says by its status what happened" test $status = 124
unchanged "and leaves nothing"

conf wgq "HookTimeout = OFF" "PostUp = sleep 1.2"
check "off is no limit, whatever the environment has" env WG_QUICK_HOOK_TIMEOUT=1 "$Q" up $C
check "as the file asks" "$Q" status $C
sed -i 's/^HookTimeout.*/HookTimeout = 7/' $C
check "another limit is a difference" sh -c "'$Q' status $C; test \$? = 2"
check "which reload takes over" "$Q" reload $C
check "so that there is none" "$Q" status $C
"$Q" down $C 2>/dev/null
conf wgq "HookTimeout = 0"
quick up $C
check "0 is not a limit" says "wgq.conf:3:15: expected off, or a number of seconds from 1 to"
check "strip knows the key" sh -c "'$Q' strip $C | grep -c HookTimeout | grep -qx 0"

### What hooks see
for phase in PreUp PostUp PreDown PostDown; do
	set -- "$@" "$phase = echo \$WG_INTERFACE \$INTERFACE \$WG_PHASE \$WG_CONFIG \$CONFIG_FILE \$MINE > /run/seen/$phase"
done
conf wgq "$@" "PostUp = type nft_is_mine >/run/seen/function 2>&1 || :"
echo 'touch /run/seen/bash-env' >/run/bash-env
nft_is_mine() { :; }
export -f nft_is_mine
export MINE=kept BASH_ENV=/run/bash-env
check "up" "$Q" up $C
unset BASH_ENV
check "down" "$Q" down $C
unset -f nft_is_mine
for pair in PreUp:pre-up PostUp:post-up PreDown:pre-down PostDown:post-down; do
	check "${pair%:*} knows what it is for, and the caller's variables" \
		same "wgq wgq ${pair#*:} $C $C kept" "$(seen "${pair%:*}")"
done
check "BASH_ENV is not run" test ! -e /run/seen/bash-env
check "an exported function is no command" grep -q "not found" /run/seen/function
rm -f /run/seen/*

### --no-hooks
conf wgq "PreUp = touch /run/seen/preup" "PostUp = touch /run/seen/postup" \
	"PreDown = touch /run/seen/predown" "PostDown = touch /run/seen/postdown"
seen_none() { [ -z "$(ls /run/seen)" ]; }
check "up --no-hooks" "$Q" up --no-hooks $C
check "the tunnel is as the file asks" "$Q" status $C
check "up --idempotent agrees" "$Q" up --idempotent $C
check "reload does nothing" sh -c "test -z \"\$('$Q' reload $C 2>&1)\""
ip link del wgq
check "repair brings it up again" "$Q" repair $C
check "down" "$Q" down $C
check "no hook has run" seen_none
check "up with hooks" "$Q" up $C
check "up --idempotent --no-hooks agrees" "$Q" up --idempotent --no-hooks $C
sed -i 's/^PostDown.*/PostDown = touch \/run\/seen\/other/' $C
check "reload --no-hooks leaves down its hooks" "$Q" reload --no-hooks $C
check "which differ from the file's" sh -c "'$Q' status $C; test \$? = 2"
check "down" "$Q" down $C
check "runs those that it had" test -e /run/seen/postdown -a ! -e /run/seen/other
rm -f /run/seen/*
check "up" "$Q" up $C
rm -f /run/seen/*
check "down --no-hooks" "$Q" down --no-hooks $C
check "runs none" seen_none
unchanged "and leaves nothing"
finish
