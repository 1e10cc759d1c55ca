/* SPDX-License-Identifier: GPL-2.0 */
/* Write errors are the stream's: the caller asks it. */
#include "saved.h"

#include "../../lib/base/secret.h"
#include "../../lib/conf/showconf.h"

static const char *const dns_words[] = {
#define DNS_WORD(constant, word) [DNS_##constant] = #word,
	DNS_BACKENDS(DNS_WORD)
#undef DNS_WORD
	[DNS_NONE] = "none",
};

static void write_list(FILE *f, const char *key, const struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		fprintf(f, "%s = %s\n", key, list->s[i]);
}

static void write_own(FILE *f, const struct config *c, const struct running *now)
{
	char text[WG_PREFIX_STRLEN];

	for (size_t i = 0; i < now->n_addresses; i++)
		fprintf(f, "Address = %s\n", wg_prefix_format(text, &now->addresses[i]));
	write_list(f, "DNS", &c->dns_servers);
	write_list(f, "DNS", &c->dns_search);
	if (c->dns_backend != DNS_AUTO)
		fprintf(f, "DNSBackend = %s\n", dns_words[c->dns_backend]);
	if (c->dns_optional)
		fputs("DNSRequired = no\n", f);
	if (c->mtu)
		fprintf(f, "MTU = %u\n", now->mtu);
	if (c->table_text)
		fprintf(f, "Table = %s\n", c->table_text);
	if (c->save_config)
		fputs("SaveConfig = true\n", f);
	write_list(f, "PreUp", &c->hooks[HOOK_PRE_UP]);
	write_list(f, "PostUp", &c->hooks[HOOK_POST_UP]);
	write_list(f, "PreDown", &c->hooks[HOOK_PRE_DOWN]);
	write_list(f, "PostDown", &c->hooks[HOOK_POST_DOWN]);
}

void saved_write(FILE *f, const struct config *c, const struct running *now)
{
	/* A copy of the interface's settings, for the one key that may stay out. The peers and the
	 * memory that they are in stay the device's. */
	struct wg_device shown = *now->dev;

	if (!(c->dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		shown.flags &= ~(u32)WG_DEVICE_HAS_PRIVATE_KEY;
	fputs("[Interface]\n", f);
	write_own(f, c, now);
	wg_showconf_interface(f, &shown);
	wg_showconf_peers(f, now->dev);
	wg_secret_wipe(&shown, sizeof(shown));
}
