#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/sim/mutants.sh [NAME]: breaks the core in one way after the other and requires that the
# simulator notices. Prints what noticed it. Needs `make sim`; B is the build folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
work=$B/mutants
failures=0
rm -rf "$work"
mkdir -p "$work/src/core" || exit 1
ln -s "$PWD/src/crypto" "$PWD/src/port.h" "$work/src/"

# NAME|FILE|what sed does to it
mutants='the window is one too small|replay|s/counter > WG_REPLAY_WINDOW/counter >= WG_REPLAY_WINDOW/
counters are not remembered|replay|s/\*word |= bit;//
the words of the window are not cleared|replay|s/w->seen\[++word % WORDS\] = 0/++word/
keys are received under for too long|keypair|s/return now < k->created_at + WG_REJECT/return now < k->created_at + 2 * WG_REJECT/
messages under a key do not run out|keypair|s/n <= WG_REJECT_AFTER_MESSAGES - k->send_counter/n/
a responder sends before it is confirmed|keypair|s/	k->next = fresh;/	k->previous = k->active; k->active = fresh;/
confirming forgets to free|keypair|/^bool wg_keypairs_confirm/,/^}/s/drop_keypair(&k->previous, host);//
sides that cross disagree|keypair|s/if (fresh->loses_tie \&\& crossed/if (0 \&\& crossed/
nothing is sent again|timers|s/t->retransmit = t->next_initiation + t->jitter;//
initiations follow each other at once|timers|s/if (now >= t->next_initiation)/if (t)/
it never gives up|timers|s/t->attempts++;//
it gives up too soon|timers|s/t->attempts < WG_MAX_ATTEMPTS/t->attempts + 1 < WG_MAX_ATTEMPTS/
a request that comes too soon has less time|timers|/^u32 wg_timers_want_handshake/,/^}/s/t->attempts = 0;/t->attempts = 1;/
no keepalive answers data|timers|s/t->keepalive = now + WG_KEEPALIVE_TIMEOUT;/;/
a keepalive answers what was answered|timers|/^void wg_timers_sent/,/^}/s/wg_timers_ended(t);//
silence is not noticed|timers|/^void wg_timers_sent/,/^}/s/t->new_handshake = .*/;/
an answer does not count as one|timers|/^void wg_timers_received/,/^}/s/t->new_handshake = WG_NEVER;//
keys are never zeroed|timers|/^void wg_timers_derived/,/^}/s/t->zero_keys = .*//
an initiation that none follows stays|timers|/^void wg_timers_initiated/,/^}/s/t->zero_keys = .*/;/
persistent keepalives come too late|timers|s/now + t->persistent_interval/now + 2 * t->persistent_interval/
timers of dead sessions go on|timers|s/t->zero_keys = t->new_handshake = WG_NEVER;/t->zero_keys = WG_NEVER;/
the responder renews sessions, too|remote|s/!(k->initiator \&\& is_aged/!(is_aged/
messages that come twice are taken|remote|s/if (!wg_replay_accept(.*/if (0) {/
messages that come too late are taken|remote|/^bool wg_remote_accept/,/^}/s/if (!wg_keypair_may_receive(.*/if (0) {/
a keepalive counts as data|remote|s/batch->data |= len > 0;/batch->data = true;/
counters are reserved once for many|remote|s/k->send_counter += n;/k->send_counter++;/
a receiver does not ask in time|remote|s/actions |= wg_timers_want_handshake(&r->timers, now);/;/
a new key ends receiving|remote|/^void wg_remote_retire/,/^}/s/exhaust_keypair(r->keys.active);/r->keys.active->created_at -= WG_REJECT_AFTER_TIME;/
what is retired is sent under|remote|/^void wg_remote_retire/,/^}/s/exhaust_keypair(r->keys.active);//
what is retired wins ties|keypair|s/theirs->send_counter < WG_REJECT_AFTER_MESSAGES/theirs/
an old index is not dropped|handshake|s/host->index_drop(host->ctx, old);/;/
an index is forgotten with the handshake|handshake|/^void wg_handshake_forget/,/^}/s/if (h->pending.active)/if (0)/
mac1 does not matter|admission|s/else if (!wg_cookie_has_mac1(.*/else if (0)/
who shows nothing is computed for under load|admission|s/if (a->kind == WG_ADMISSION_UNPROVEN \&\& (loaded || !has_room)) {/if (0) {/
a wrong mac2 counts as a right one|cookie|s/	if (same_mac(macs->mac2, no_mac))/	if (!same_mac(macs->mac2, no_mac)) return true; else/
responses are not under load|admission|s/a->kind == WG_ADMISSION_UNPROVEN \&\& (loaded/a->kind == WG_ADMISSION_UNPROVEN \&\& wg_load_le32(a->message) == WG_MESSAGE_INITIATION \&\& (loaded/
unproven messages are charged to their source|admission|s/	if (a->kind == WG_ADMISSION_PROVEN) {/	if (loaded \&\& a->kind == WG_ADMISSION_UNPROVEN \&\& !wg_ratelimiter_allow(\&ad->limiter, \&a->from, now)) return WG_HANDSHAKE_RATE_LIMITED; &/
no source is limited|admission|s/if (loaded \&\& !wg_ratelimiter_allow(.*/if (0) {/
a repeated proof is charged|admission|s/if (\*seen == tag)/if (0)/
cookie replies are few|admission|s/WG_SECOND \/ WG_ADMISSION_COOKIES/WG_SECOND \/ 500/
there is no load|admission|/^static void hold_load/,/^}/s/load->until = later.*/;/
load does not last|admission|/^static void note_one/,/^}/s/if (is_loaded(load, now))/if (0)/
load lasts for ever|admission|/^static void hold_load/,/^}/s/now + WG_ADMISSION_LOAD_HOLD/now + 1000 * WG_SECOND/
who is queued when load begins is computed for|admission|s/out->wants_cookie = kind == WG_ADMISSION_UNPROVEN \&\&/out->wants_cookie = kind == WG_ADMISSION_KINDS \&\&/
work under load has no bound|admission|/^void wg_admission_spent/,/^}/s/if (wg_admission_is_loaded(ad, now))/if (0)/
one list for all kinds|admission|s/list = &b->lists\[a->kind\]/list = \&b->lists[WG_ADMISSION_PROVEN]/
answers go by their source|admission|s/if (wg_load_le32(a->message) == WG_MESSAGE_INITIATION)$/if (ad)/
a secret has one interval|cookie|s/age <= 1 \&\& age <= interval/age < 1/
a cookie is one of any address|cookie|s/wg_blake2s_update(&s, from->ip.*//
a cookie is one of any port|cookie|s/wg_blake2s_update(&s, from->port.*//
a bucket has no bottom|ratelimiter|s/set_full_at(rl, source, source_full);//
all ports of an address are one source|ratelimiter|s/source_tag(rl, from), address/address_tag(rl, from), address/
the preshared key is left out|noise|s/, h->preshared_key);/, (u8[32]){0});/
the responder mixes another preshared key|noise|/^bool wg_noise_create_response/,/^}/s/h->preshared_key/(u8[32]){0}/
initiations may be replayed|handshake|s/if (memcmp(o->timestamp.*/if (0)/
initiations may come at any rate|handshake|s/if (r->handshake.last_initiation \&\&/if (0 \&\&/
both ends send with the same key|noise|s/wg_kdf(receive_key, send_key, NULL/wg_kdf(send_key, receive_key, NULL/
static-static is computed each time|noise|s/if (!h->static_static_known)/if (h)/
timestamps go back with the clock|noise|s/sent = unix_now > earliest ? unix_now : earliest/sent = earliest ? unix_now : 0/
a prefix does not move|allowedips|/if (is_prefix(below/,/return;/s/give(below, remote);//
a prefix that is removed stays|allowedips|/^bool wg_allowedips_remove/,/^}/s/take_away(t, n);//'

# Everything but the mutant's object, which the linker then takes in place of the library's.
try() # NAME FILE SED
{
	object=$work/$2.o
	: >"$work/log"
	sed "$3" "src/core/$2.c" >"$work/src/core/$2.c"
	! cmp -s "src/core/$2.c" "$work/src/core/$2.c" || {
		echo "not ok mutant: $1: sed changed nothing in $2.c"
		return 1
	}
	${CC:-cc} -std=gnu11 -O2 -g -w -iquote src/core -c -o "$object" "$work/src/core/$2.c" &&
		${CC:-cc} -o "$work/sim" $B/tests/sim/*.o "$object" $B/libcore.a $B/libwirekit.a \
			-Wl,--wrap=wg_curve25519,--wrap=wg_curve25519_each,--wrap=wg_curve25519_public >"$work/log" 2>&1 || {
		echo "not ok mutant: $1: does not compile"
		cat "$work/log"
		return 1
	}
	timeout 120 "$work/sim" --first --runs "${MUTANT_RUNS:-1000}" >"$work/log" 2>&1
	status=$?
	[ $status != 0 ] && [ $status != 124 ] || {
		echo "not ok mutant: $1: nothing noticed it (status $status)"
		return 1
	}
	noticed=$(sed -n '/^not ok/{N;s/^not ok sim: \(.*\)\n */\1: /p;q}' "$work/log")
	echo "ok mutant: $1 (${noticed:-it crashed})"
}

printf '%s\n' "$mutants" >"$work/table"
while IFS='|' read -r name file change; do
	case $name in
	*"${1-}"*) try "$name" "$file" "$change" || failures=$((failures + 1)) ;;
	esac
done <"$work/table"
rm -rf "$work"
exit $((failures > 0))
