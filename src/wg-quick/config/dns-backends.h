/* SPDX-License-Identifier: GPL-2.0 */
/* What can set the DNS servers of a tunnel: one row each. The word is that of `DNSBackend`, the file
 * is dns/WORD.c, and its operations are called dns_WORD (../dns/dns.h). Where the configuration names
 * no backend, the first one counts that is there and that this machine uses. */
#ifndef WG_QUICK_DNS_BACKENDS_H
#define WG_QUICK_DNS_BACKENDS_H

#define DNS_BACKENDS(X)            \
	X(RESOLVCONF, resolvconf)  \
	X(RESOLVED, resolved)      \
	X(FILE, file)

enum dns_backend {
	DNS_AUTO,
#define DNS_BACKEND_CONSTANT(constant, word) DNS_##constant,
	DNS_BACKENDS(DNS_BACKEND_CONSTANT)
#undef DNS_BACKEND_CONSTANT
	DNS_NONE, /* the keys are accepted, and nothing is set */
};

#endif
