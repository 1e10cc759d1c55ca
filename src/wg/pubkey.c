// SPDX-License-Identifier: GPL-2.0
/* `wg pubkey`: from the private key on standard input, the public key on standard output. The key
 * comes in by read(2), as a buffer of stdio's could not be wiped. White space and NUL may follow
 * it, nothing may stand before it, and no error repeats any of it. */
#include "verb.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "../crypto/curve25519.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/encoding.h"
#include "../lib/base/secret.h"

struct secrets {
	u8 key[WG_KEY_LEN];
	char text[256]; /* the key, later what follows it */
};

static void wipe_secrets(struct secrets *s)
{
	wg_secret_wipe(s, sizeof(*s));
}

/* Reads until `size` bytes are there or the input ends; returns how many, or -1. */
static ssize_t read_up_to(char *buf, size_t size, struct wg_error *err)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(STDIN_FILENO, buf + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return wg_error_errno(err, errno, "Unable to read standard input");
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool is_blank(char c)
{
	return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
}

/* The rest is read over the key's text, which has been decoded by then. */
static int expect_blank_rest(struct secrets *s, const char *program, struct wg_error *err)
{
	ssize_t n;

	do {
		n = read_up_to(s->text, sizeof(s->text), err);
		for (ssize_t i = 0; i < n; i++) {
			if (!is_blank(s->text[i]))
				return wg_error_set(err, "%s: Trailing characters found after key",
						    program);
		}
	} while (n == (ssize_t)sizeof(s->text));
	return n < 0 ? -1 : 0;
}

static int read_key(struct secrets *s, const char *program, struct wg_error *err)
{
	ssize_t n = read_up_to(s->text, WG_KEY_BASE64_LEN, err);
	bool good;

	if (n < 0)
		return -1;
	good = wg_key_from_base64(s->key, s->text, (size_t)n);
	if (n == WG_KEY_BASE64_LEN && expect_blank_rest(s, program, err))
		return -1;
	if (!good)
		return wg_error_set(err, "%s: Key is not the correct length or format", program);
	return 0;
}

int verb_pubkey(const struct wg_call *call, struct wg_error *err)
{
	cleanup(wipe_secrets) struct secrets s;
	char text[WG_KEY_BASE64_LEN + 1];

	wg_secret_guard();
	wg_secret_lock(&s, sizeof(s));
	if (read_key(&s, call->program, err))
		return 1;
	wg_curve25519_public(s.key, s.key);
	wg_key_to_base64(text, s.key);
	puts(text);
	return 0;
}
