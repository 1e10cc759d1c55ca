/* SPDX-License-Identifier: GPL-2.0 */
/* What a handshake message from the network may cost (paper sections 5.3 and 5.4.7): whether it is
 * queued for work, answered by a cookie, or dropped; and when the queued work may be done.
 *
 * The rules:
 *  - Nothing is stored for, and nothing sent to, a sender that does not know our public key (mac1)
 *    or, for a response or a cookie reply, an index of ours.
 *  - While there is no load, every such message is queued.
 *  - Load of all begins when more messages wait than WG_ADMISSION_LOAD. Load of one bucket begins
 *    when one of its lists is full: one flooding source is its own bucket's trouble.
 *  - Load lasts WG_ADMISSION_LOAD_HOLD after the last sign of demand. Arrivals that are answered by
 *    cookies or exceed their source's limit are a sign, too, where they are many
 *    (WG_ADMISSION_HOLD_RATE), so that load does not come and go while a flood goes on.
 *  - Under load only a valid mac2 buys work, limited for each source (ratelimiter.h). All other
 *    messages are answered by a cookie at once, on equal terms: no order by address, none by
 *    claims (a wrong mac2 counts as none), no memory of who asked. There is one budget for all
 *    cookie replies, above what one processor can send.
 *  - Sources are charged only for messages that prove the address, and a repeated message with a
 *    valid mac2 is dropped before it is charged: an eavesdropper that replays a client's message
 *    does not use up the client's tokens.
 *  - Work under load takes at most a third of each processor that the host gives to it.
 *
 * The memory is the caller's. There is no clock: `now` is as in host.h. There are no locks:
 * wg_admission_check() and wg_admission_reply() may run in any number of threads, while the
 * identity and its checker do not change; everything that takes a struct wg_admission needs the
 * host's admission lock, which is held for moments. */
#ifndef WG_CORE_ADMISSION_H
#define WG_CORE_ADMISSION_H

#include "handshake.h"
#include "ratelimiter.h"

enum wg_admission_limit {
	/* Sources are hashed into buckets, which are served in turn. */
	WG_ADMISSION_BUCKETS = 64,
	/* Messages of one kind in one bucket: at least WG_RATE_BURST, so that one source cannot
	 * fill a list of proven ones under load. */
	WG_ADMISSION_PER_BUCKET = 6,
	/* More messages than this are load: about 25 to 50 ms of work for one processor. */
	WG_ADMISSION_LOAD = 256,
	/* Entries of the queue: as many as all lists together can have. */
	WG_ADMISSION_ENTRIES = 3 * WG_ADMISSION_BUCKETS * WG_ADMISSION_PER_BUCKET,
	/* This many arrivals a second that are not queued keep up the load of all buckets, and of
	 * one bucket. */
	WG_ADMISSION_HOLD_RATE = 512,
	WG_ADMISSION_HOLD_RATE_BUCKET = 32,
	/* Cookie replies a second. More than a processor sends: every request is answered. */
	WG_ADMISSION_COOKIES = 200000,
	WG_ADMISSION_RATE_SETS = 1024, /* of WG_RATE_WAYS buckets of tokens */
	/* Messages with a valid mac2 that are remembered; a power of two. */
	WG_ADMISSION_SEEN = 4096,
};

#define WG_ADMISSION_LOAD_HOLD	  WG_SECOND
/* Cookie replies may be this far behind their rate: the burst after a pause. */
#define WG_ADMISSION_COOKIE_BURST (WG_SECOND / 4)
/* Work under load comes in turns of about this length. A host whose thread has other things to do,
 * too, ends its turn after this time without load as well. */
#define WG_ADMISSION_TURN	  (WG_SECOND / 1000)
/* Under load a processor works one part of so many. */
#define WG_ADMISSION_SHARE	  3
/* Time without work that later work may make up for: a host wakes up some time after it may. */
#define WG_ADMISSION_CREDIT	  (WG_SECOND / 50)

struct wg_admission_entry {
	u8 message[WG_HANDSHAKE_MAX];
	u8 len;
	u16 next;
};

enum wg_admission_kind {
	WG_ADMISSION_PROVEN,   /* its mac2 is valid */
	WG_ADMISSION_ANSWER,   /* a cookie reply: it costs no curve, and can prove nothing */
	WG_ADMISSION_UNPROVEN, /* all others, whatever they claim */
	WG_ADMISSION_KINDS,
};

struct wg_admission_list {
	u16 first, last, n;
};

/* Load, of one bucket or of all. */
struct wg_admission_load {
	u64 until; /* there is load before this time */
	/* When the arrivals that were not queued would be done, if they were done at the rate
	 * (WG_ADMISSION_HOLD_RATE). */
	u64 level;
};

struct wg_admission_bucket {
	struct wg_admission_list lists[WG_ADMISSION_KINDS];
	struct wg_admission_load load;
};

struct wg_admission {
	u8 key[16]; /* of hashes */
	u32 processors;
	struct wg_ratelimiter limiter;
	struct wg_admission_load load;
	u64 any_load_until; /* the latest end of load of any bucket */
	u64 cookies_until;  /* the replies so far are paid for until then */
	u64 work_until;	    /* the work so far is paid for until then */
	u32 waiting;
	u32 turn; /* the bucket that is served next */
	u16 free;  /* the first of the entries that were used and are free, a list by `next` */
	u16 fresh; /* entries from here on were never used: their memory was not touched */
	struct wg_admission_bucket buckets[WG_ADMISSION_BUCKETS];
	u32 seen[WG_ADMISSION_SEEN]; /* keyed tags of messages with a valid mac2 */
	struct wg_rate_entry rates[WG_ADMISSION_RATE_SETS * WG_RATE_WAYS];
	struct wg_admission_entry entries[WG_ADMISSION_ENTRIES];
};

/* A message that arrived and passed wg_admission_check(). */
struct wg_arrival {
	const u8 *message;
	size_t len;
	struct wg_addr from;
	enum wg_admission_kind kind;
};

/* `ad` is zeroed. `random` is for hashes; `processors` is how many may work at the same time. */
void wg_admission_init(struct wg_admission *ad, const u8 random[static 32], u32 processors);

/* The first step of an arrival, without the admission lock: checks type and length, index, mac1 and
 * mac2. Fills `a`, which points to `message`. Returns WG_HANDSHAKE_ADMITTED, or why the message is
 * dropped: MALFORMED, NO_IDENTITY, UNKNOWN, BAD_MAC. */
enum wg_handshake_result wg_admission_check(const struct wg_local *l, struct wg_arrival *a,
					    const u8 *message, size_t len,
					    const struct wg_addr *from, u64 now);
/* The second step, under the admission lock: decides what becomes of the message. Returns
 *  WG_HANDSHAKE_ADMITTED      a copy of the message is queued in entry *slot, which is below
 *			       WG_ADMISSION_ENTRIES: the host keeps what it needs to know about the
 *			       sender under that number; *wake: nothing waited before
 *  WG_HANDSHAKE_COOKIE_REPLY  the sender is to get wg_admission_reply(), which is paid for
 *  REPLAYED, RATE_LIMITED, NO_ROOM, NO_BUDGET: the message is dropped. */
enum wg_handshake_result wg_admission_decide(struct wg_admission *ad, const struct wg_arrival *a,
					     u16 *slot, bool *wake, u64 now);
/* The third step, without the admission lock: writes the cookie reply to an initiation or a
 * response. `nonce` is random and used once. */
void wg_admission_reply(const struct wg_local *l, struct wg_message_cookie *reply, const u8 *message,
			size_t len, const struct wg_addr *from,
			const u8 nonce[static WG_COOKIE_NONCE_LEN], u64 now);

/* A message that was queued. */
struct wg_admitted {
	u8 message[WG_HANDSHAKE_MAX];
	size_t len;
	u16 slot;
	/* It was queued without proof, and load began since: it is to be answered by
	 * wg_admission_reply(), which is paid for. Else it is for wg_handshake_receive(). */
	bool wants_cookie;
};

/* Takes the next message in turn, under the admission lock. Returns 0 if `out` was filled, WG_NEVER
 * if nothing waits, or the time before which no work may be done. The entry may be used again once
 * the lock is let go. */
u64 wg_admission_take(struct wg_admission *ad, struct wg_admitted *out, u64 now);
/* Accounts for work that ends `now` and took `spent` ns of one processor. The caller holds the
 * admission lock. */
void wg_admission_spent(struct wg_admission *ad, u64 spent, u64 now);
/* Returns whether the queue, or any bucket of it, is under load. The caller holds the admission
 * lock. */
bool wg_admission_is_loaded(const struct wg_admission *ad, u64 now);

#endif
