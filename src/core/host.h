/* SPDX-License-Identifier: GPL-2.0 */
/* What the core needs from the host that runs it: finding and naming things, and memory for
 * sessions. The core calls these functions during its verbs only, under the locks that the caller
 * of the verb holds.
 *
 * `now`, the last parameter of many verbs, is in ns, monotonic, and never 0: that means "never".
 *
 * Locks are the host's. Each remote has a handshake lock and a session lock, taken in this order
 * (remote.h); the identity may be read by many and is changed by one alone (handshake.h). A host
 * whose handshakes are all one thread's needs no handshake locks. */
#ifndef WG_CORE_HOST_H
#define WG_CORE_HOST_H

#include "../port.h"

struct wg_remote;
struct wg_keypair;

struct wg_host {
	void *ctx; /* the host's own, passed back */

	/* Both return the remote with this static public key, or for whose handshake or session
	 * index_new() gave this index, with its handshake lock taken; NULL: there is none. It stays
	 * until remote_release() lets the lock go. */
	struct wg_remote *(*remote_by_key)(void *ctx, const u8 public_key[static 32]);
	struct wg_remote *(*remote_by_index)(void *ctx, u32 index);
	void (*remote_release)(void *ctx, struct wg_remote *remote);
	/* Returns whether index_new() gave this index and it is still in use. wg_admission_check()
	 * calls it, in any number of threads and without any lock of the core's. */
	bool (*has_index)(void *ctx, u32 index);
	/* Gives an index that is random and not in use by this device; false: there is no memory.
	 * A remote may have several: of an initiation that waits for its response, and of each
	 * session. */
	bool (*index_new)(void *ctx, struct wg_remote *remote, u32 *index);
	/* Frees an index whose handshake ended before it became a session. */
	void (*index_drop)(void *ctx, u32 index);
	/* Returns zeroed memory for a session of this remote; NULL: there is no memory. */
	struct wg_keypair *(*keypair_new)(void *ctx, struct wg_remote *remote);
	/* Data messages to keypair->local_index are for this keypair from now on. Its keys are
	 * set. */
	void (*keypair_ready)(void *ctx, struct wg_remote *remote, struct wg_keypair *keypair);
	/* The core lets go of a keypair, and of its index if it was ready; the host wipes and frees
	 * it once nobody uses it any more. */
	void (*keypair_free)(void *ctx, struct wg_keypair *keypair);
};

#endif
