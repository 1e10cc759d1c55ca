/* SPDX-License-Identifier: GPL-2.0 */
/* A simulated machine around the core, as a daemon or a kernel would be one: what it is configured
 * to be (which outlives it), its clocks, and what it has while it is up. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "peer.h"
#include "world.h"
#include "../../src/core/admission.h"
#include "../../src/core/allowedips.h"
#include "../../src/core/handshake.h"

enum { HOST_INDICES = 96, HOST_FLOATS = 4 };

/* What its file says about a peer, which is a host: at most one peer a host. */
struct host_config {
	bool present, knows_endpoint;
	struct wg_addr endpoint;
	u16 persistent;
	u8 psk[WG_SYMMETRIC_LEN];
	u8 public_key[WG_PUBLIC_LEN];
};

/* An index that the core was given. */
struct host_index {
	u32 index;
	struct peer *peer; /* NULL: it is free */
	struct session *session; /* NULL: it is an initiation's or, for a moment, a response's */
};

struct host {
	struct world *world;
	u32 id;
	/* The configuration. */
	u8 private_key[WG_PUBLIC_LEN];
	u8 public_key[WG_PUBLIC_LEN];
	struct host_config config[WORLD_HOSTS];
	u8 float_owner[HOST_FLOATS]; /* whose peer has the prefix that moves about; NOBODY */
	/* The machine. */
	struct wg_addr address;
	u32 moves;
	bool up;
	u64 booted; /* on the world's clock; its own counts from there */
	s64 wall; /* what its time of day is ahead */
	u64 asleep_until, resumed;
	u64 lateness; /* the most that a timer is late */
	u64 curve_time; /* that one computation of the curve takes */
	/* While it is up. */
	struct wg_local local;
	struct wg_host upcalls;
	struct wg_admission admission;
	struct datagram *admitted; /* by slot */
	u64 busy_until; /* the thread that works on handshakes has something to do */
	bool work_planned;
	struct wg_allowedips allowed;
	struct host_index indices[HOST_INDICES];
	struct peer *peers[WORLD_HOSTS];
	struct peer *held; /* whose handshake lock the core has */
	bool always_loaded;
};

struct host *host_new(struct world *w, u32 id);
void host_free(struct host *h);

void host_start(struct host *h);
/* All that is not configuration is lost. */
void host_stop(struct host *h);
/* No ticks and no datagrams until then; the clocks go on. */
void host_sleep(struct host *h, u64 until);
bool host_is_awake(const struct host *h);

u64 host_now(const struct host *h);
u64 host_unix(const struct host *h);
u64 host_to_world(const struct host *h, u64 at);

void host_receive(struct host *h, const struct datagram *d);
/* The inside wants this message sent; it goes to the peer that the allowed IPs name. */
void host_send(struct host *h, u64 id);

/* Changes of the configuration, which take effect at once where the host is up. */
void host_set_key(struct host *h, const u8 private_key[static WG_PUBLIC_LEN]);
void host_add_peer(struct host *h, u32 who, const struct host_config *config);
void host_remove_peer(struct host *h, u32 who);
void host_set_psk(struct host *h, u32 who, const u8 psk[static WG_SYMMETRIC_LEN]);
void host_set_persistent(struct host *h, u32 who, u16 seconds);
void host_move_float(struct host *h, u32 which, u32 who);
void host_move(struct host *h);

/* Whether all invariants hold here. */
void host_check(struct host *h);

#endif
