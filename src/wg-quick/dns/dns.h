/* SPDX-License-Identifier: GPL-2.0 */
/* The backends that set the DNS servers of a tunnel: a table of operations. A new backend is a row in
 * DNS_BACKENDS (../config/dns-backends.h) and a file here. */
#ifndef WG_QUICK_DNS_H
#define WG_QUICK_DNS_H

#include "../../lib/base/error.h"
#include "../../lib/base/log.h"
#include "../config/dns-backends.h"
#include "../config/strlist.h"

/* What one tunnel asks for. All pointers are borrowed. */
struct dns_request {
	const char *ifname;
	u32 ifindex;      /* of the link; 0: there is none, and nobody is asked for it */
	const char *name; /* what resolvconf files it under */
	const struct strings *servers; /* as the file has them: ADDRESS[:PORT][#NAME] */
	const struct strings *domains; /* search domains, and routing domains with "~" before them */
	bool all;         /* all names are asked there, whatever the domains are */
	const volatile int *stop;      /* as in struct wg_process */
	const struct wg_log *log;
};

struct dns_backend_ops {
	const char *word;
	/* Names in routing domains can be asked at the tunnel's servers while others are asked elsewhere. */
	bool routes;
	/* What is set is forgotten with the link: undoing it then takes nothing. */
	bool goes_with_link;
	/* Whether this backend can set the servers of `d` here. `automatic`: the configuration does not name
	 * it, so it also has to be what this machine uses. Returns 0, or -1 with err, a sentence that says
	 * what is missing; err->code is ENOENT where that is a program. On success note->text, empty before,
	 * may be set to a warning. Bounded waits. */
	int (*available)(const struct dns_request *d, bool automatic, struct wg_error *note,
			 struct wg_error *err);
	/* Both return 0, or the exit status to end with, and err. Undoing what was never done is no error.
	 * `sure` is as in step_ops.undo. */
	int (*set)(const struct dns_request *d, struct wg_error *err);
	int (*undo)(const struct dns_request *d, bool sure, struct wg_error *err);
	/* Writes into *text, malloc'd, what is set for the tunnel now, "" where nothing is, and into
	 * *wanted, malloc'd, what `set` would make of it, in the same form. Returns 0, or -1 with err.
	 * NULL: it cannot be read back. */
	int (*read)(const struct dns_request *d, char **text, char **wanted, struct wg_error *err);
	/* The equivalent commands. Free them. */
	char *(*command)(const struct dns_request *d);
	char *(*undo_command)(const struct dns_request *d);
};

#define DNS_BACKEND_DECLARATION(constant, word) extern const struct dns_backend_ops dns_##word;
DNS_BACKENDS(DNS_BACKEND_DECLARATION)
#undef DNS_BACKEND_DECLARATION

/* The operations of a backend other than DNS_NONE. DNS_AUTO, where none has been chosen: of the first. */
const struct dns_backend_ops *dns_ops(enum dns_backend backend);
/* The backend of this word, of those that have operations; DNS_AUTO: there is none. */
enum dns_backend dns_backend_by_word(const char *word, size_t len);

/* Which backend sets the servers of a tunnel. */
struct dns_choice {
	bool made;
	bool kept;                /* it is the one that set the servers that the tunnel has */
	enum dns_backend backend; /* never DNS_AUTO once made */
	char *refusal;  /* why it cannot set them here, malloc'd; NULL: it can */
	int refusal_code; /* ENOENT: a program is missing */
	char *note;     /* a warning, malloc'd, or NULL */
	/* What Debian's resolvconf wants before the name so that the tunnel's servers come first
	 * ("tun."), or "". */
	char prefix[64];
};

/* Makes the choice for the backend that the configuration names, DNS_AUTO where it names none. `had`: the
 * one that set the servers that the tunnel has, which stays unless the configuration names another;
 * DNS_AUTO: none. Bounded waits, so not for use under journal_lock_shared. */
void dns_choose(struct dns_choice *choice, enum dns_backend named, enum dns_backend had,
		const struct dns_request *d);
void dns_choice_copy(struct dns_choice *to, const struct dns_choice *from);
void dns_choice_wipe(struct dns_choice *choice);

/* Whether /etc/resolv.conf still has the servers of a tunnel of this name, as after a reboot. */
bool dns_file_has(const char *ifname);
/* Fills `prefix` as in struct dns_choice for the resolvconf that dns_resolvconf.available found last. */
void dns_resolvconf_prefix(char prefix[static 64]);

#endif
