/* SPDX-License-Identifier: GPL-2.0 */
/* The offloads of the data path: which there are, which the user wants, and which the running
 * kernel is reported to damage. */
#ifndef WG_TUN_OFFLOAD_H
#define WG_TUN_OFFLOAD_H

#include <stddef.h>
#include "../../lib/base/error.h"
#include "../../port.h"

enum offload {
	OFFLOAD_TUN_TSO = 1 << 0,     /* the kernel gives us super-packets of TCP */
	OFFLOAD_TUN_USO = 1 << 1,     /* and of UDP */
	OFFLOAD_TUN_GRO = 1 << 2,     /* we give the kernel super-packets of TCP */
	OFFLOAD_TUN_UDP_GRO = 1 << 3, /* and of UDP: raw and packet sockets see them */
	OFFLOAD_UDP_GSO = 1 << 4,     /* outer datagrams leave many in one call */
	OFFLOAD_UDP_GRO = 1 << 5,     /* and come in so */
};

/* All that a program above the tunnel cannot see, or sees from the kernel's WireGuard, too. */
#define OFFLOAD_ON                                                                                \
	(OFFLOAD_TUN_TSO | OFFLOAD_TUN_USO | OFFLOAD_TUN_GRO | OFFLOAD_UDP_GSO | OFFLOAD_UDP_GRO)

/* A choice of the user. */
struct offload_choice {
	u32 wanted;  /* enum offload */
	bool keep;   /* also what the running kernel is reported to damage */
};

/* Reads "auto", "on", "off", or names with commas between them. Returns 0, or -1 with `err`, which
 * begins with `where`, the option or the variable that has the text. */
int offload_parse(struct offload_choice *c, const char *text, const char *where,
		  struct wg_error *err);

/* Offers for completion (lib/command/candidates.h) what offload_parse reads and begins with `typed`: the names that
 * the list does not have yet. `prefix` stands before the list in the word under the cursor. */
void offload_offer(const char *prefix, const char *typed);

/* A version of the kernel. */
struct offload_kernel {
	u32 major, minor, patch;
	bool candidate; /* a release candidate of it (-rc) */
};

/* Finds the version of the upstream kernel in what uname(2) calls release and version, and in
 * /proc/version_signature, which Ubuntu has ("" elsewhere). Distributions that give their own
 * number in the release have upstream's in one of the others. Returns false if there is no
 * version. */
bool offload_kernel_parse(struct offload_kernel *k, const char *release, const char *version,
			  const char *signature);
/* Finds out what is not to be used on that kernel (enum offload). `why` gets a sentence for each
 * row of the table that applies, with "; " between them; "": none. */
u32 offload_broken(const struct offload_kernel *k, char *why, size_t size);

/* Asks the running kernel, logs what is not used and why (LOGGER_VERBOSE), and returns what to use
 * (enum offload). *damaged gets what must not be used later either, if the user did not insist. */
u32 offload_use(const struct offload_choice *c, u32 *damaged);

#endif
