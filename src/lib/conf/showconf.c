/* SPDX-License-Identifier: GPL-2.0 */
/* Byte for byte what upstream's showconf prints. Write errors are the stream's: the caller asks
 * it. */
#include "showconf.h"
#include "setting-text.h"

static void write_settings(FILE *f, enum wg_section section, const void *object)
{
	const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_FILE);

	for (; *list; list++) {
		if (!wg_setting_is_shown(*list, object))
			continue;
		/* The stream is this thread's alone; a lock for each piece would be a fifth of the time. */
		fputs_unlocked((*list)->key, f);
		fputs_unlocked(" = ", f);
		wg_setting_print(f, *list, object);
		putc_unlocked('\n', f);
	}
}

void wg_showconf_interface(FILE *f, const struct wg_device *dev)
{
	write_settings(f, WG_SECTION_INTERFACE, dev);
	putc('\n', f);
}

void wg_showconf_peers(FILE *f, const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		fputs("[Peer]\n", f);
		write_settings(f, WG_SECTION_PEER, p);
		if (p->next)
			putc('\n', f);
	}
}
