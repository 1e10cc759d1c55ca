#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How long hooks, resolvconf, daemons and the lock are waited for, and what signals do meanwhile.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
export ALLOWED=10.9.0.0/16
quick_setup
mkdir -p /run/hooks
before=$(picture)

says() { cat $log; grep -q -e "$1" $log; }
now() { date +%s%3N; }
# start COMMAND...: in the background, with signals as a login shell has them; $pid is its.
start()
{
	env --default-signal=INT,QUIT "$@" >$log 2>&1 </dev/null &
	pid=$!
	began=$(now)
}
# ended SECONDS: $pid ends in time; its status is in $status.
ended()
{
	wait_for "$1" sh -c "! kill -0 $pid 2>/dev/null || grep -q '^State:.Z' /proc/$pid/status" || return 1
	wait $pid
	status=$?
}
check_ended() # NAME SECONDS
{
	if ended "$2"; then
		ok "$1"
	else
		not_ok "$1" $log
		kill -KILL $pid
		wait $pid
	fi
}
none_left() { ! pgrep -f "^sleep 4321"; }
# hanging PHASE: a resolvconf that hangs at -a or -d.
hanging()
{
	cat >/run/bin/resolvconf.hangs <<-END
		#!/bin/sh
		[ "\$1" != "$1" ] || { echo hangs; sleep 4321; }
		exec /run/bin/resolvconf.good "\$@"
	END
	chmod +x /run/bin/resolvconf.hangs
	[ -e /run/bin/resolvconf.good ] || mv /run/bin/resolvconf /run/bin/resolvconf.good
	cp /run/bin/resolvconf.hangs /run/bin/resolvconf
}

### A hook that ignores signals, and what it has started
stubborn='trap "" INT TERM HUP QUIT; (sleep 4321 &); sleep 4321 & echo starts; sleep 4321'
for pair in "TERM TERM" "INT INT" "INT TERM" "TERM HUP" "QUIT QUIT"; do
	conf wgq "PostUp = $stubborn" "PostDown = echo postdown >>/run/postdown"
	rm -f /run/postdown
	start "$Q" up $C
	wait_for 5 says "^starts"
	kill -${pair% *} $pid
	sleep 0.4
	check "$pair: the first one leaves the hook of up alone" kill -0 $pid
	kill -${pair#* } $pid
	check_ended "$pair: the second one ends up" 3
	check "$pair: with an error" test "$status" != 0
	check "$pair: nothing of the hook is left" none_left
	check "$pair: PostDown ran once" same postdown "$(cat /run/postdown)"
	unchanged "$pair: nothing is left"
done
# `down` and its hooks ignore HUP.
for pair in "TERM TERM" "INT TERM"; do
	conf wgq "PostDown = $stubborn" "PostDown = echo postdown >>/run/postdown"
	rm -f /run/postdown
	"$Q" up $C >$log 2>&1
	start "$Q" down $C
	wait_for 5 says "^starts"
	kill -${pair% *} $pid
	sleep 0.4
	check "$pair: the first one leaves the hook of down alone" kill -0 $pid
	kill -${pair#* } $pid
	check_ended "$pair: the second one ends it" 3
	check "$pair: with the status of SIGKILL" test "$status" = 137
	check "$pair: nothing of the hook is left" none_left
	check "$pair: the next PostDown ran once" same postdown "$(cat /run/postdown)"
	unchanged "$pair: nothing is left"
done
# A signal reaches what a hook has started: bash itself waits for it.
conf wgq "PostUp = echo starts; sleep 4321; echo goes on" "PreDown = sleep 0.3"
start "$Q" up $C
wait_for 5 says "^starts"
kill -INT $pid
check_ended "SIGINT ends what the hook waits for" 3
check "and the hook" sh -c '! grep -q "^goes on" "$1"' sh $log
unchanged "nothing is left"
# What keeps standard error open is not waited for.
conf wgq "PostUp = sleep 4322 &"
start "$Q" up $C
check_ended "a hook's background process is not waited for" 3
check "nor killed" pkill -f "^sleep 4322"
"$Q" down $C >$log 2>&1
unchanged "nothing is left"

### Signals between hooks
conf wgq "PostDown = kill -TERM \$PPID; sleep 0.2; echo one >>/run/postdown" "PostDown = sleep 0.3; echo two >>/run/postdown"
rm -f /run/postdown
"$Q" up $C >$log 2>&1
# The first one is terminated by the signal that it asked for.
"$Q" down $C >$log 2>&1
check "a signal that ended one PostDown spares the next" same two "$(cat /run/postdown)"
unchanged "nothing is left"
conf wgq "PostUp = trap 'exit 0' TERM; kill -TERM \$PPID; sleep 5 & wait" "PostUp = echo second >>/run/hooks/second"
start "$Q" up $C
check_ended "a signal that a hook survives ends up" 8
check "with an error" test "$status" != 0
check "before the next hook" test ! -e /run/hooks/second
unchanged "nothing is left"
# PreDown fails while a failed up is undone, and the kernel refuses something: PostDown runs once.
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	conf wgq "PostUp = false" "PreDown = false" "PostDown = echo postdown >>/run/postdown"
	rm -f /run/postdown
	WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
	read -r _ calls </run/count
	rm -f /run/postdown
	WG_TEST_FAIL_AT=$calls "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
	"$Q" down wgq >$log 2>&1
	check "PostDown ran once, in two goes" same postdown "$(cat /run/postdown)"
	unchanged "nothing is left"
fi

### A time limit for hooks
conf wgq "PostUp = $stubborn"
start env WG_QUICK_HOOK_TIMEOUT=1 "$Q" up $C
check_ended "WG_QUICK_HOOK_TIMEOUT ends a hook" 8
check "with the status of timeout(1)" test "$status" = 124
check "and says so" says "did not end within 1 seconds"
check "nothing of the hook is left" none_left
unchanged "nothing is left"
conf wgq "PostUp = sleep 1.2"
check "without it a hook is waited for" "$Q" up $C
"$Q" down $C >$log 2>&1
WG_QUICK_HOOK_TIMEOUT=soon "$Q" up $C >$log 2>&1
check "nonsense is warned of" says "^Warning: WG_QUICK_HOOK_TIMEOUT"
"$Q" down $C >$log 2>&1

### resolvconf
conf wgq "DNS = 10.9.0.53" "PostDown = touch /run/postdown"
hanging -a
rm -f /run/postdown
start "$Q" up $C
wait_for 5 says ^hangs
kill -TERM $pid
check_ended "a signal ends a resolvconf that hangs in up" 3
check "and up says so" says "^wg-quick: resolvconf was terminated by SIGTERM"
check "nothing of it is left" none_left
unchanged "nothing is left"
start "$WG_QUICK_TESTHOOKS" up $C
check_ended "without a signal, it has its time (5 seconds with test hooks)" 10
check "not less" test $(($(now) - began)) -ge 4500
check "up says so" says "^wg-quick: resolvconf did not end within 5 seconds"
unchanged "nothing is left"
hanging -d
"$Q" up $C >$log 2>&1
start "$Q" down $C
wait_for 5 says ^hangs
kill -INT $pid
check_ended "a signal ends a resolvconf that hangs in down" 3
check "which goes on" test -e /run/postdown
rm -f /run/resolvconf.fake/*
unchanged "nothing is left"
conf wgq "DNS = 10.9.0.53" "PostUp = false" "PostDown = touch /run/postdown"
start "$Q" up $C
wait_for 5 says ^hangs
kill -INT $pid
check_ended "a signal ends a resolvconf that hangs while up is undone" 3
check "with the status of the hook" test "$status" = 1
rm -f /run/resolvconf.fake/*
unchanged "nothing is left"

### The shared lock is nobody's while others are waited for
ALLOWED=0.0.0.0/0 conf wgf "Address = 10.66.1.2/32"
hold() # NAME: whether a full tunnel comes up and goes down beside what waits
{
	start_pid=$pid
	check "$1: another full tunnel comes up" timeout 5 "$Q" up /run/conf/wgf.conf
	check "$1: and goes down" timeout 5 "$Q" down /run/conf/wgf.conf
	pid=$start_pid
}
hanging -a
ALLOWED=0.0.0.0/0 conf wgq "DNS = 10.9.0.53"
start "$Q" up $C
wait_for 5 says ^hangs
hold "a resolvconf that hangs"
kill -TERM $pid
check_ended "that one ends" 3
mv /run/bin/resolvconf.good /run/bin/resolvconf
ALLOWED=0.0.0.0/0 conf wgq "PostUp = echo starts; sleep 4321" "PostDown = echo starts; sleep 4321"
start "$Q" up $C
wait_for 5 says ^starts
hold "a hook that hangs"
kill -TERM $pid
sleep 0.5
kill -TERM $pid
check_ended "that one ends, too" 3
unchanged "nothing is left"
# A plan that is made beside another one, which has not added its rules yet.
hanging -a
sed -i 's/sleep 4321/sleep 2/' /run/bin/resolvconf
[ -e /run/bin/resolvconf.good ] || cp /run/bin/resolvconf /run/bin/resolvconf.good
ALLOWED="0.0.0.0/0, ::/0" conf wgq "DNS = 10.9.0.53"
ALLOWED="0.0.0.0/0, ::/0" conf wgf
start "$Q" up $C
wait_for 5 says ^hangs
check "a second full tunnel overtakes the first" "$Q" up /run/conf/wgf.conf
check_ended "the first comes up" 5
check "it is up" test "$status" = 0
for family in 4 6; do
	check "IPv$family: they have rules of their own" same "4 4" "$(ip -$family rule | grep -c -e 'lookup 5182[0-9]' -e suppress) $(ip -$family rule | grep -e 'lookup 5182[0-9]' -e suppress | cut -d: -f1 | sort -u | wc -l)"
	check "IPv$family: and tables" same 2 "$(ip -$family rule | grep -o 'lookup 5182[0-9]' | sort -u | wc -l)"
done
"$Q" down $C >$log 2>&1
"$Q" down /run/conf/wgf.conf >>$log 2>&1
rm -f /run/resolvconf.fake/*
unchanged "nothing is left"
mv /run/bin/resolvconf.good /run/bin/resolvconf

### Daemons
if ! kernel_has_wireguard; then
	conf wgq "PostDown = touch /run/postdown"
	printf '#!/bin/sh\nexec sleep 4321\n' >/run/bin/foreground
	chmod +x /run/bin/foreground
	start env WG_QUICK_USERSPACE_IMPLEMENTATION=foreground "$Q" up $C
	wait_for 5 says "^\[#\] foreground wgq"
	kill -INT $pid
	check_ended "a signal ends a daemon that stays in the foreground" 3
	check "nothing of it is left" none_left
	unchanged "nothing is left"
	"$Q" up $C >$log 2>&1
	daemon=$(pgrep -o -f "wg-tun wgq$")
	kill -STOP "$daemon"
	for command in "show wgq" "show all" "showconf wgq" "set wgq listen-port 7"; do
		# shellcheck disable=SC2086 # words
		start "$WG" $command
		sleep 0.3
		kill -INT $pid
		check_ended "SIGINT ends wg $command" 2
	done
	start "$WG" show wgq
	check_ended "wg show gives a daemon ten seconds" 13
	check "not less" test $(($(now) - began)) -ge 9000
	check "and says so" says "no answer from the userspace implementation within 10 seconds"
	start "$Q" save $C
	sleep 0.3
	kill -TERM $pid
	check_ended "a signal ends save" 2
	check "which says so" says "interrupted by SIGTERM while waiting for the userspace"
	rm -f /run/postdown
	start "$Q" down $C
	wait_for 5 says "^\[#\] ip link delete"
	sleep 0.2
	kill -TERM $pid
	check_ended "a signal ends the wait of down for a daemon that is stopped" 3
	check "and does not cost PostDown" test -e /run/postdown
	kill -CONT "$daemon"
	wait_for 5 sh -c '! pgrep -f "wg-tun wgq$"'
	unchanged "nothing is left"
	# It stops while it is being configured.
	conf wgq "PreUp = kill -STOP \$(pgrep -o -f 'wg-tun wgq$')"
	start "$Q" up $C
	wait_for 5 says "^\[#\] kill -STOP"
	sleep 0.5
	kill -INT $pid
	check_ended "a signal ends up while a daemon does not answer" 5
	check "which says so" says "interrupted by SIGINT while waiting for the userspace"
	pkill -CONT -f "wg-tun wgq$"
	wait_for 5 sh -c '! pgrep -f "wg-tun wgq$"'
	unchanged "nothing is left"
fi
finish
