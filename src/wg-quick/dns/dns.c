// SPDX-License-Identifier: GPL-2.0
#include "dns.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

static const struct dns_backend_ops *const backends[] = {
#define DNS_ROW(constant, word) [DNS_##constant] = &dns_##word,
	DNS_BACKENDS(DNS_ROW)
#undef DNS_ROW
};
#define N_BACKENDS (sizeof(backends) / sizeof(*backends))

const struct dns_backend_ops *dns_ops(enum dns_backend backend)
{
	return backends[backend == DNS_AUTO ? DNS_AUTO + 1 : backend];
}

enum dns_backend dns_backend_by_word(const char *word, size_t len)
{
	for (size_t i = DNS_AUTO + 1; i < N_BACKENDS; i++)
		if (strlen(backends[i]->word) == len && !memcmp(backends[i]->word, word, len))
			return (enum dns_backend)i;
	return DNS_AUTO;
}

static int ask(struct dns_choice *choice, enum dns_backend backend, bool automatic,
	       const struct dns_request *d, struct wg_error *err)
{
	struct wg_error note = {0};

	if (backends[backend]->available(d, automatic, &note, err) < 0)
		return -1;
	choice->backend = backend;
	if (note.text[0])
		choice->note = wg_format("%s", note.text);
	return 0;
}

/* The first that is there. Where none is, each has said why. */
static void choose_first(struct dns_choice *choice, const struct dns_request *d)
{
	cleanup(free_ptr) char *reasons = wg_format("%s", "");
	struct wg_error err = {0};

	for (size_t i = DNS_AUTO + 1; i < N_BACKENDS; i++) {
		char *more;

		if (!ask(choice, (enum dns_backend)i, true, d, &err))
			return;
		more = wg_format("%s%s%s", reasons, reasons[0] ? "; " : "", err.text);
		free(reasons);
		reasons = more;
	}
	choice->backend = DNS_AUTO + 1;
	choice->refusal = steal_ptr(&reasons);
	choice->refusal_code = ENOENT;
}

void dns_choose(struct dns_choice *choice, enum dns_backend named, enum dns_backend had,
		const struct dns_request *d)
{
	struct wg_error err = {0};

	*choice = (struct dns_choice){.made = true, .backend = named};
	choice->kept = had != DNS_AUTO && (named == DNS_AUTO || named == had);
	if (choice->kept)
		choice->backend = had;
	if (choice->backend == DNS_AUTO) {
		choose_first(choice, d);
	} else if (choice->backend != DNS_NONE && ask(choice, choice->backend, false, d, &err) < 0) {
		choice->refusal = wg_format("%s", err.text);
		choice->refusal_code = err.code;
	}
	if (choice->backend == DNS_RESOLVCONF)
		dns_resolvconf_prefix(choice->prefix);
}

void dns_choice_copy(struct dns_choice *to, const struct dns_choice *from)
{
	*to = *from;
	to->refusal = from->refusal ? wg_format("%s", from->refusal) : NULL;
	to->note = from->note ? wg_format("%s", from->note) : NULL;
}

void dns_choice_wipe(struct dns_choice *choice)
{
	free(choice->refusal);
	free(choice->note);
	*choice = (struct dns_choice){0};
}
