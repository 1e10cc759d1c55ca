#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: no kernel's WireGuard is part of it
# wg-tun where privileges are few: each place refuses something, the daemon runs, and says what it could not give up.
. "$(dirname "$0")/../tool.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "wg-tun in confined places" "no /dev/net/tun"; finish; }
socket=/var/run/wireguard/wgt.sock
[ -e /var/run/wireguard ] || mount --bind /run /var/run
unset LOG_LEVEL WG_PROCESS_FOREGROUND NOTIFY_SOCKET
export LC_ALL=C socket
dir=$(dirname "$0")
without() { python3 "$dir/without.py" "$@"; }
daemons() { pgrep -x wg-tun; }
gone() { ! ip link show wgt && [ ! -e $socket ] && ! pgrep -x "wg-tun|wg-tun-cleanup"; }
fact() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '; }

# runs PREFIX...: the daemon starts behind these words, is configured and ends, and leaves nothing. What it said is in /run/said.
runs()
{
	"$@" "$WG_TUN" wgt </dev/null 2>/run/said || { cat /run/said; return 1; }
	"$WG" set wgt listen-port 4444 fwmark 7 && ip link set wgt up && wait_for 5 sh -c "ss -Hlun 'sport = :4444' | grep -q ." || return
	fact "$(daemons)" "Uid" >/run/uid
	fact "$(daemons)" "CapPrm" >/run/caps
	fact "$(daemons)" "NoNewPrivs" >/run/nnp
	fact "$(daemons)" "Seccomp_filters" >/run/filters
	fact "$(pgrep -x wg-tun-cleanup)" "CapPrm" >/run/cleanup-caps
	ls /proc/"$(pgrep -x wg-tun-cleanup)"/fd | wc -l >/run/cleanup-fds
	kill -TERM "$(daemons)"
	wait_for 5 gone
}
said() { same "$1" "$(cat /run/said)"; }

# The users are this script's own.
grep -v ^_wg-tun: /etc/passwd >/run/passwd
mount --bind /run/passwd /etc/passwd

check "with all privileges" runs env
check "nothing is said" said ""
check "it is nobody" same "65534 65534 65534 65534" "$(cat /run/uid)"
echo _wg-tun:x:4321:4321::/nonexistent:/usr/sbin/nologin >>/etc/passwd
check "with the user that packages create" runs env
check "it is that user" same "4321 4321 4321 4321" "$(cat /run/uid)"
sed '/^_wg-tun:/d' /etc/passwd >/run/passwd.without && cat /run/passwd.without >/etc/passwd

### Capabilities
caps_only() # LIST COMMAND...
{
	caps_list=$1
	shift
	setpriv --bounding-set="-all,$caps_list" --inh-caps="-all" "$@"
}
check "with CAP_NET_ADMIN alone" runs caps_only +net_admin
check "it says that it stays root" said "wg-tun wgt: cannot change to group 65534: Operation not permitted: the daemon keeps group 0
wg-tun wgt: cannot become user 65534: Operation not permitted: the daemon stays user 0"
check "and has that capability alone" same 0000000000001000 "$(cat /run/caps)"
check "and no_new_privs" same 1 "$(cat /run/nnp)"
check "and the filter" same 1 "$(cat /run/filters)"
check "the process for cleaning up has none" same 0000000000000000 "$(cat /run/cleanup-caps)"
check "with CAP_SETUID and without CAP_SETGID" runs caps_only +net_admin,+setuid
check "it changes what it can" same "65534 65534 65534 65534" "$(cat /run/uid)"
check "and has its capability still" same 0000000000001000 "$(cat /run/caps)"
check "and says what it cannot" said "wg-tun wgt: cannot change to group 65534: Operation not permitted: the daemon keeps group 0"
check "a user that was asked for is wanted" sh -c '! setpriv --bounding-set=-all,+net_admin --inh-caps=-all "$1" -l silent -u daemon wgt 2>/run/said' - "$WG_TUN"
check "and it is said" said "wg-tun: cannot become user 1: Operation not permitted: give CAP_SETUID and CAP_SETGID, or leave --user out"
check "that leaves nothing" wait_for 5 gone
check "no_new_privs beforehand" runs setpriv --no-new-privs
check "takes nothing away" said ""

### A user namespace with one user
in_user_namespace()
{
	unshare -r -n -m sh -c 'mount -t tmpfs run /run && mkdir -p /run/wireguard && ip link set lo up && '"$1"'
		status=$?; ip link del wgt; exit $status'
}
check "one user is mapped" in_user_namespace '"$WG_TUN" wgt 2>/run/said && "$WG" set wgt listen-port 4444 && ip link set wgt up &&
	{ cat /run/said; grep -c . /run/said | grep -x 2 && grep "cannot become user 65534: this user namespace does not map it: the daemon stays user 0" /run/said; }'
check "no inotify is left" in_user_namespace 'echo 0 >/proc/sys/user/max_inotify_instances && "$WG_TUN" wgt 2>/run/said; "$WG" show wgt &&
	grep "wgt: cannot watch .*/wireguard: .*: the daemon does not end when its socket is removed" /run/said'
check "no process is left in them" wait_for 5 gone

### System calls that a filter refuses
if [ "$(uname -m)" = x86_64 ] && command -v python3 >/dev/null; then
	prctl=157 keepcaps=8 no_new_privs=38 seccomp=22 eperm=1 einval=22 enosys=38
	check "no system call filters" runs without $prctl:$seccomp=$einval --
	check "that is said" said "wg-tun wgt: cannot install the filter of system calls: Invalid argument: the daemon goes on without"
	check "and all else is given up" same "65534 65534 65534 65534 0000000000001400 1" "$(cat /run/uid /run/caps /run/nnp | paste -sd' ')"
	check "no no_new_privs, and so no filter" runs without $prctl:$no_new_privs=$einval --
	check "both are said" said "wg-tun wgt: cannot set no_new_privs: Invalid argument: the daemon goes on without
wg-tun wgt: cannot install the filter of system calls: Permission denied: the daemon goes on without"
	check "no keeping of capabilities" runs without $prctl:$keepcaps=$eperm --
	check "it stays root, and says so" said "wg-tun wgt: cannot keep capabilities as another user: Operation not permitted: the daemon stays user 0"
	check "no close_range, as by old engines" runs without 436=$eperm --
	check "the process for cleaning up has two descriptors all the same" same 2 "$(cat /run/cleanup-fds)"
	check "no close_range, as by old kernels" runs without 436=$enosys --
	check "two there, too" same 2 "$(cat /run/cleanup-fds)"
	check "no inotify" runs without 294=$eperm --
else
	skip "refused system calls" "no python3, or numbers of another machine"
fi

### Folders
read_only() { unshare -m sh -c "$1"' && "$WG_TUN" wgt' 2>/run/said; test $? = 1; }
folder=$(dirname $socket)
check "a folder that is read-only" read_only "mount -t tmpfs -o ro none $folder"
check "what is wrong is said" said "wg-tun: cannot create a socket in the folder $folder: Read-only file system: the socket for wg(8) needs a folder that can be written, as by mounting a tmpfs there"
check "no folder, and none can be made" read_only "mount -t tmpfs -o ro none $(dirname "$folder")"
check "that is said, too" said "wg-tun: cannot create the folder $folder: Read-only file system: the socket for wg(8) needs a folder that can be written, as by mounting a tmpfs there"
check "no nobody in /etc/passwd" runs unshare -m sh -c 'echo root:x:0:0::/:/bin/sh >/run/passwd; mount --bind /run/passwd /etc/passwd; exec "$@"' -
check "is no trouble" same "65534 65534 65534 65534" "$(cat /run/uid)"
check "errors leave nothing" wait_for 5 gone
finish
