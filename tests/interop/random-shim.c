// SPDX-License-Identifier: GPL-2.0
/* Preloaded into a daemon: writes down the randomness it takes, in base64 and 32 bytes a line, into the
 * file RANDOM_SHIM. The ephemeral private keys of its handshakes are among that, so tshark can open what
 * was captured. For tests only. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEY_LEN	 32
#define TEXT_LEN 45 /* 44 and a newline */

static int out = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("RANDOM_SHIM");

	if (path)
		out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(const uint8_t bytes[static KEY_LEN])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t key[KEY_LEN + 1] = { 0 };
	char text[TEXT_LEN];
	ssize_t written;

	memcpy(key, bytes, KEY_LEN);
	for (size_t i = 0; i < KEY_LEN + 1; i += 3) {
		uint32_t v = (uint32_t)key[i] << 16 | (uint32_t)key[i + 1] << 8 | key[i + 2];

		for (size_t k = 0; k < 4; k++)
			text[i / 3 * 4 + k] = digits[v >> (18 - 6 * k) & 63];
	}
	text[TEXT_LEN - 2] = '=';
	text[TEXT_LEN - 1] = '\n';
	written = write(out, text, sizeof(text));
	(void)written;
}

ssize_t getrandom(void *buffer, size_t len, unsigned int flags)
{
	ssize_t n = syscall(SYS_getrandom, buffer, len, flags);

	for (ssize_t i = 0; out >= 0 && i + KEY_LEN <= n; i += KEY_LEN)
		note((uint8_t *)buffer + i);
	return n;
}
