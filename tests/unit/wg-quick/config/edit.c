// SPDX-License-Identifier: GPL-2.0
/* Editing files as text: a file, what the tunnel is by now, and the file that is expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/command/set-args.h"
#include "../../../../src/lib/device/apply.h"
#include "../../../../src/wg-quick/config/edit.h"

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="
#define A   "FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0="
#define B   "g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc="
#define C   "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="

/* The device is what another file says, and addresses and MTU are that file's. */
static struct config *running_config(const char *text)
{
	struct config *c = calloc(1, sizeof(*c));
	struct wg_error err = {0};
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	strcpy(c->name, "wg0");
	strcpy(c->path, "device");
	if (config_parse(c, f, NULL, &err))
		fail_msg("%s", err.text);
	fclose(f);
	/* As data paths report it: what is zero is not there. */
	if (wg_key_is_zero(c->dev->private_key))
		c->dev->flags &= ~(u32)WG_DEVICE_HAS_PRIVATE_KEY;
	return c;
}

static void add_file(struct edit *e, const char *path, const char *text, size_t len)
{
	struct wg_error err = {0};
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	if (edit_add(e, "wg0", path, copy, len, &err))
		fail_msg("%s", err.text);
}

/* `expected` NULL: nothing is changed. */
static void check_text(const struct edit *e, size_t file, const char *expected)
{
	size_t len = 0;
	char *after = edit_after(e, file, &len);

	if (!expected) {
		assert_null(after);
		return;
	}
	assert_non_null(after);
	after[len] = '\0';
	assert_string_equal(after, expected);
	free(after);
}

static void saved_as(const char *text, const char *device, const struct running *more, const char *expected)
{
	cleanup(edit_freep) struct edit *e = edit_new(NULL);
	struct config *c = running_config(device);
	struct running now = *more;

	now.dev = c->dev;
	now.addresses = c->addresses;
	now.n_addresses = c->n_addresses;
	now.mtu = c->mtu ? c->mtu : 1420;
	add_file(e, "wg0.conf", text, strlen(text));
	edit_index(e);
	edit_running(e, &now);
	check_text(e, 0, expected);
	config_wipe(c);
	free(c);
}

static const struct running plain;

#define INTERFACE "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5\nPrivateKey = " KEY "\n"
#define PEER_A    "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16\nEndpoint = 192.0.2.9:5\n"
#define PEER_B    "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.2.0.0/16, fd00::/64\nPersistentKeepalive = 25\n"
#define PEER_C    "[Peer]\nPublicKey = " C "\nPresharedKey = " KEY "\nAllowedIPs = 10.3.0.0/16\n"
#define DEVICE    INTERFACE PEER_A PEER_B

static void what_means_the_same_stays(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# top\r\n\r\n[interface] # here\r\n  privatekey=" KEY " # secret\r\nlistenPORT = 5\r\n"
		"Address=10.0.0.1 / 24\r\nPostUp = x # not a comment\r\n# [Peer]\r\n[PEER]\r\nPublicKey = " A
		"\r\nAllowed IPs = 10.1.2.3/16,10.1.0.0/16\r\nEndpoint = 192.0.2.9:5\r\n; \x01\r\n[peer]\r\nPublicKey=" B
		"\r\nAllowedIPs = fd00::/64\r\nAllowedIPs = 10.2.0.0/16\r\nPersistentKeepalive = 025";

	(void)state;
	/* A line that is no setting is an error, so it is taken out. */
	char *good = strdup(text), *odd = strstr(good, "; \x01\r\n");

	memmove(odd, odd + 5, strlen(odd + 5) + 1);
	memcpy(strstr(good, "10.0.0.1 / 24"), "10.0.0.1/24  ", 13);
	saved_as(good, DEVICE, &plain, NULL);
	free(good);
}

static void host_names_stay(void **state)
{
	(void)state;
	saved_as(INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16\nEndpoint = vpn.example:5 # home\n" PEER_B,
		 DEVICE, &plain, NULL);
	saved_as(INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16\nEndpoint = 192.0.2.1:5 # home\n" PEER_B,
		 DEVICE, &plain,
		 INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16\nEndpoint = 192.0.2.9:5 # home\n" PEER_B);
}

static void exclusions_stay(void **state)
{
	(void)state;
	saved_as(INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.0.0.0/15, !10.0.0.0/16 # w\nEndpoint = 192.0.2.9:5\n"
		 PEER_B, DEVICE, &plain, NULL);
	saved_as(INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.0.0.0/8 # w\nAllowedIPs = !10.0.0.0/16\n"
		 "Endpoint = 192.0.2.9:5\n" PEER_B, DEVICE, &plain,
		 INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16 # w\nEndpoint = 192.0.2.9:5\n" PEER_B);
}

static void values_change_in_place(void **state)
{
	(void)state;
	saved_as("[Interface]\n\tAddress = 10.0.0.9/24,10.0.0.1/24 # mine\nMTU = 1400#small\nPrivateKey = " KEY
		 "\nListenPort = 7 # p\nFwMark = 9\n# one\n[Peer]\nPublicKey = " A
		 "\nAllowedIPs = 10.9.0.0/16, 10.1.0.0/16 , 10.8.0.0/16 # w\nPresharedKey = " C "\nEndpoint = 192.0.2.9:5\n\n"
		 PEER_B, DEVICE, &plain,
		 "[Interface]\n\tAddress = 10.0.0.1/24 # mine\nMTU = 1420#small\nPrivateKey = " KEY
		 "\nListenPort = 5 # p\n# one\n[Peer]\nPublicKey = " A
		 "\nAllowedIPs = 10.1.0.0/16 # w\nEndpoint = 192.0.2.9:5\n\n" PEER_B);
	saved_as("[Interface]\nPrivateKey = " A "\n[Peer]\nPublicKey = " A "\n# lan\nAllowedIPs = 10.7.0.0/16\n[Peer]\n"
		 "PublicKey = " B "\nAllowedIPs = fd00::/64 # six\n", DEVICE, &plain,
		 "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5\nPrivateKey = " KEY "\n[Peer]\nPublicKey = " A
		 "\n# lan\nAllowedIPs = 10.1.0.0/16\nEndpoint = 192.0.2.9:5\n[Peer]\nPublicKey = " B
		 "\nAllowedIPs = fd00::/64, 10.2.0.0/16 # six\nPersistentKeepalive = 25\n");
}

static void peers_go(void **state)
{
	(void)state;
	saved_as("# top\n" INTERFACE "\n# Anna,\n# laptop\n" PEER_A "# her endpoint\n\n# Bert\n" PEER_B "\n# end\n",
		 INTERFACE PEER_B, &plain, "# top\n" INTERFACE "\n# Bert\n" PEER_B "\n# end\n");
	saved_as("# top\n" INTERFACE "\n# Anna\n" PEER_A "\n# Bert\n" PEER_B, INTERFACE PEER_A, &plain,
		 "# top\n" INTERFACE "\n# Anna\n" PEER_A);
	saved_as(INTERFACE "\n" PEER_A "\n" PEER_B, INTERFACE, &plain, INTERFACE);
	saved_as(INTERFACE "\n" PEER_A "\n# separate\n\n" PEER_B, INTERFACE PEER_B, &plain,
		 INTERFACE "\n# separate\n\n" PEER_B);
	/* One section of several of the same peer. */
	saved_as(INTERFACE PEER_A PEER_A PEER_B, INTERFACE PEER_B, &plain, INTERFACE PEER_B);
}

static void peers_come(void **state)
{
	(void)state;
	saved_as(INTERFACE "\n" PEER_A, INTERFACE PEER_A PEER_C, &plain, INTERFACE "\n" PEER_A "\n" PEER_C);
	saved_as(INTERFACE "\n" PEER_A "\n\n", INTERFACE PEER_A PEER_B PEER_C, &plain,
		 INTERFACE "\n" PEER_A "\n\n" PEER_B "\n" PEER_C);
	saved_as("[Interface]\r\nAddress = 10.0.0.1/24\r\nListenPort = 5\r\nPrivateKey = " KEY,
		 INTERFACE "[Peer]\nPublicKey = " A "\n", &plain,
		 "[Interface]\r\nAddress = 10.0.0.1/24\r\nListenPort = 5\r\nPrivateKey = " KEY
		 "\r\n\r\n[Peer]\r\nPublicKey = " A);
	saved_as("\xef\xbb\xbf", INTERFACE, &plain, "\xef\xbb\xbf[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5");
}

/* The last of two peers has a prefix that both list, and a device lists no peer of its own key. */
static void shared_prefixes_stay(void **state)
{
	(void)state;
	saved_as(INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16, 10.2.0.0/16\nEndpoint = 192.0.2.9:5\n"
		 PEER_B "[Peer]\nPublicKey = IRiQWILDskIcHR6DlUKEEjqxKXEzA9r0aOFwUzdnpxo=\nAllowedIPs = 10.1.0.0/16\n",
		 DEVICE, &plain, NULL);
}

static void secrets_of_files_stay_out(void **state)
{
	(void)state;
	saved_as("[Interface]\nAddress = 10.0.0.1/24\nPrivateKeyFile = k\n[Peer]\nPublicKey = " C
		 "\nPresharedKeyFile = /p\nAllowedIPs = 10.3.0.0/16\n", INTERFACE PEER_C,
		 &(struct running){.port_is_chosen = true}, NULL);
	/* A key that PreUp has set. */
	saved_as("[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5\n", INTERFACE, &plain, NULL);
}

static void chosen_values_stay_out(void **state)
{
	static const char marked[] = INTERFACE "FwMark = 51820\n";

	(void)state;
	saved_as(INTERFACE, marked, &(struct running){.own_mark = 51820}, NULL);
	saved_as("[Interface]\nFwMark = off\nAddress = 10.0.0.1/24\nListenPort = 0\n", marked,
		 &(struct running){.own_mark = 51820, .port_is_chosen = true}, NULL);
	saved_as(INTERFACE, marked, &(struct running){.own_mark = 51821},
		 "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 5\nFwMark = 0xca6c\nPrivateKey = " KEY "\n");
}

static void drop_ins(void **state)
{
	cleanup(edit_freep) struct edit *e = edit_new(NULL);
	static const char one[] = "# Anna\n" PEER_A, two[] = "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.2.0.0/16 # b\n";
	struct config *c = running_config(INTERFACE PEER_B PEER_C);
	const struct running now = {.dev = c->dev, .addresses = c->addresses, .n_addresses = c->n_addresses};

	(void)state;
	add_file(e, "wg0.conf", INTERFACE, strlen(INTERFACE));
	add_file(e, "wg0.conf.d/1.conf", one, strlen(one));
	add_file(e, "wg0.conf.d/2.conf", two, strlen(two));
	edit_index(e);
	edit_running(e, &now);
	assert_string_equal(edit_path(e, 1), "wg0.conf.d/1.conf");
	check_text(e, 0, INTERFACE "\n" PEER_C);
	check_text(e, 1, "");
	check_text(e, 2, "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.2.0.0/16, fd00::/64 # b\nPersistentKeepalive = 25\n");
	config_wipe(c);
	free(c);
}

/* `words`: arguments of `wg set` behind the interface. */
static void set_to(const char *text, const char *device, const char *words, const char *expected)
{
	cleanup(edit_freep) struct edit *e = edit_new(NULL);
	struct config *c = running_config(device);
	struct wg_device *change = wg_device_new();
	struct wg_resolve names = {0};
	struct set_args a = {.dev = change, .resolve = &names};
	char *list = strdup(words), *argv[32];
	struct wg_error err = {0};
	int argc = 0;

	for (char *word = strtok(list, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	if (set_args_parse(&a, argc, argv, &err))
		fail_msg("%s", err.text);
	for (struct wg_resolve_job *job = names.jobs; job; job = job->next) {
		job->peer->endpoint.addr4.sin_family = AF_INET;
		job->peer->endpoint.addr4.sin_port = htons(job->port);
	}
	wg_device_apply(c->dev, change);
	add_file(e, "wg0.conf", text, strlen(text));
	edit_index(e);
	if (edit_change(e, change, &names, c->dev, &err))
		assert_string_equal(err.text, expected);
	else
		check_text(e, 0, expected);
	wg_resolve_wipe(&names);
	wg_device_free(change);
	config_wipe(c);
	free(c);
	free(list);
}

static void words_are_written(void **state)
{
	(void)state;
	/* What else has become of the device stays out. */
	set_to("[Interface]\nListenPort = 9\n" PEER_A, DEVICE, "peer " A " persistent-keepalive 7",
	       "[Interface]\nListenPort = 9\n" PEER_A "PersistentKeepalive = 7\n");
	set_to(DEVICE, DEVICE, "listen-port 77 fwmark 5 peer " B " persistent-keepalive off peer " A
	       " endpoint vpn.example:8",
	       "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 77\nFwMark = 0x5\nPrivateKey = " KEY "\n[Peer]\n"
	       "PublicKey = " A "\nAllowedIPs = 10.1.0.0/16\nEndpoint = vpn.example:8\n[Peer]\nPublicKey = " B
	       "\nAllowedIPs = 10.2.0.0/16, fd00::/64\n");
	set_to(DEVICE, DEVICE, "peer " A " allowed-ips +10.2.0.0/16,-10.1.0.0/16",
	       INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.2.0.0/16\nEndpoint = 192.0.2.9:5\n[Peer]\n"
	       "PublicKey = " B "\nAllowedIPs = fd00::/64\nPersistentKeepalive = 25\n");
	set_to(DEVICE, DEVICE, "peer " A " remove peer " C " endpoint a.example:1 allowed-ips 10.3.0.0/16",
	       INTERFACE PEER_B "\n[Peer]\nPublicKey = " C "\nAllowedIPs = 10.3.0.0/16\nEndpoint = a.example:1\n");
	set_to(DEVICE, DEVICE, "peer " C " allowed-ips 10.3.0.0/16 peer " C " endpoint a.example:1",
	       DEVICE "\n[Peer]\nPublicKey = " C "\nAllowedIPs = 10.3.0.0/16\nEndpoint = a.example:1\n");
	set_to(DEVICE, DEVICE, "peer " A " remove peer " A " allowed-ips 10.7.0.0/16",
	       INTERFACE "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.7.0.0/16\nEndpoint = 192.0.2.9:5\n" PEER_B);
	set_to("[Interface]\nPrivateKeyFile = k\n", INTERFACE, "private-key /k",
	       "the file has the key from another file: change the file that its PrivateKeyFile names");
}

/* The text of a [Peer] whose AllowedIPs are these, and one of a device that has these. */
#define ONLY(allowed) "[Peer]\nPublicKey = " A "\nAllowedIPs = " allowed "\n"

static void exclusions_follow_changes(void **state)
{
	(void)state;
	/* A prefix is added: outside of what there is, and within an exclusion. */
	saved_as(ONLY("10.0.0.0/8, !10.9.0.0/16 # w"), ONLY("10.0.0.0/8, !10.9.0.0/16, 192.168.0.0/16"), &plain,
		 ONLY("10.0.0.0/8, !10.9.0.0/16 # w") "AllowedIPs = 192.168.0.0/16\n");
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16"), ONLY("0.0.0.0/0, !192.168.0.0/17, !192.168.192.0/18"), &plain,
		 ONLY("0.0.0.0/0") "AllowedIPs = !192.168.0.0/17, !192.168.192.0/18\n");
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16, !10.0.0.0/8"), ONLY("0.0.0.0/0, !10.0.0.0/8"), &plain,
		 ONLY("0.0.0.0/0, !10.0.0.0/8"));
	/* The whole default route is back. */
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16"), ONLY("0.0.0.0/0"), &plain, ONLY("0.0.0.0/0"));
	/* A prefix is taken away: one of the rest, and one that a line lists. */
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16"), ONLY("0.0.0.0/0, !192.168.0.0/16, !128.0.0.0/2"), &plain,
		 ONLY("0.0.0.0/0, !192.168.0.0/16") "AllowedIPs = !128.0.0.0/2\n");
	saved_as(ONLY("10.0.0.0/8, !10.9.0.0/16, 172.16.0.0/12"), ONLY("10.0.0.0/8, !10.9.0.0/16"), &plain,
		 ONLY("10.0.0.0/8, !10.9.0.0/16"));
	/* Both, and of several lines. */
	saved_as(ONLY("0.0.0.0/0 # all") "AllowedIPs = !192.168.0.0/16 # lan\nAllowedIPs = fd00::/64\n",
		 ONLY("0.0.0.0/0, !192.168.0.0/16, !128.0.0.0/2, fd07::/64"), &plain,
		 ONLY("0.0.0.0/0 # all") "AllowedIPs = !192.168.0.0/16 # lan\nAllowedIPs = fd07::/64, !128.0.0.0/2\n");
	/* IPv6, and a family without exclusions beside it. */
	saved_as(ONLY("0.0.0.0/0, ::/0, !fd00::/8"), ONLY("0.0.0.0/0, ::/0, !fd00::/8, !8000::/2"), &plain,
		 ONLY("0.0.0.0/0, ::/0, !fd00::/8") "AllowedIPs = !8000::/2\n");
	saved_as(ONLY("::/0, !fd00::/8"), ONLY("::/0, !fd00::/9"), &plain, ONLY("::/0") "AllowedIPs = !fd00::/9\n");
	/* Twice in the file, and with host bits. */
	saved_as(ONLY("10.1.2.3/8, 10.0.0.0/8, !10.9.9.9/16, !10.9.0.0/16"), ONLY("10.0.0.0/8, !10.9.0.0/16, 11.0.0.0/8"),
		 &plain, ONLY("10.1.2.3/8, 10.0.0.0/8, !10.9.9.9/16, !10.9.0.0/16") "AllowedIPs = 11.0.0.0/8\n");
	/* Other keys of the peer stay. */
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16") "Routes = 10.0.0.0/8\n",
		 ONLY("0.0.0.0/0, !192.168.0.0/16, !128.0.0.0/2"), &plain,
		 ONLY("0.0.0.0/0, !192.168.0.0/16") "AllowedIPs = !128.0.0.0/2\nRoutes = 10.0.0.0/8\n");
	/* The list is in a drop-in's form that a data path cannot have: what is wanted is within what is there. */
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16"),
		 "[Peer]\nPublicKey = " A "\nAllowedIPs = 0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/9, 192.128.0.0/11, "
		 "192.160.0.0/13, 192.169.0.0/16, 192.170.0.0/15, 192.172.0.0/14, 192.176.0.0/12, 192.192.0.0/10, "
		 "193.0.0.0/8, 194.0.0.0/7, 196.0.0.0/6, 200.0.0.0/5, 208.0.0.0/4, 224.0.0.0/3, 10.7.0.0/16\n", &plain, NULL);
}

struct said {
	char text[400];
	unsigned int n;
};

static void keep_warning(void *ctx, enum wg_log_level level, const char *text)
{
	struct said *s = ctx;

	assert_int_equal(level, WG_LOG_WARNING);
	snprintf(s->text, sizeof(s->text), "%s", text);
	s->n++;
}

static void a_lost_default_route_is_told(void **state)
{
	/* Another peer's prefix is between 10.7.0.0/16 and what the exclusions leave of the default route. */
	static const char device[] = "[Peer]\nPublicKey = " A "\nAllowedIPs = 0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/2, 10.7.0.0/16\n"
				     "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.0.0.0/8\n",
			  text[] = "[Interface]\n" ONLY("0.0.0.0/0, !192.168.0.0/16 # w") "[Peer]\nPublicKey = " B
				   "\nAllowedIPs = 10.0.0.0/8\n";
	struct said said = {0};
	const struct wg_log log = {.say = keep_warning, .ctx = &said};
	cleanup(edit_freep) struct edit *e = edit_new(&log);
	struct config *c = running_config(device);
	const struct running now = {.dev = c->dev, .mtu = 1420};

	(void)state;
	add_file(e, "wg0.conf", text, strlen(text));
	edit_index(e);
	edit_running(e, &now);
	check_text(e, 0, "[Interface]\n" ONLY("0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/2, 10.7.0.0/16 # w") "[Peer]\nPublicKey = " B
		   "\nAllowedIPs = 10.0.0.0/8\n");
	assert_int_equal(said.n, 1);
	assert_string_equal(said.text, "wg0.conf:4: the allowed IPs of peer FAybElls... cannot be written with their exclusions "
			    "any more: they become a list of prefixes, and no default route at the next `up'");
	config_wipe(c);
	free(c);
}

static void what_is_mostly_gone_is_listed(void **state)
{
	(void)state;
	/* The user gave the peer another list. */
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16, 10.9.0.0/16"), ONLY("10.9.0.0/16"), &plain, ONLY("10.9.0.0/16"));
	saved_as(ONLY("0.0.0.0/0, !192.168.0.0/16"), ONLY("128.0.0.0/2"), &plain, ONLY("128.0.0.0/2"));
	saved_as("[Interface]\n" ONLY("0.0.0.0/0, !192.168.0.0/16"), "[Peer]\nPublicKey = " A "\n", &plain,
		 "[Interface]\n[Peer]\nPublicKey = " A "\n");
}

#define STANDBY "[Interface]\nFailover = yes\n"
static void shares_of_failover_stay(void **state)
{
	static const char text[] = STANDBY ONLY("0.0.0.0/0, !192.168.0.0/16") "[Peer]\nPublicKey = " B
				   "\nAllowedIPs = 0.0.0.0/0, !192.168.0.0/16\n";
	/* As shares_spread makes a device: each member has the prefix. */
	static const char *const device = text + sizeof(STANDBY) - 1;

	(void)state;
	saved_as(text, device, &plain, NULL);
	set_to(text, device, "peer " A " persistent-keepalive 7",
	       STANDBY ONLY("0.0.0.0/0, !192.168.0.0/16") "PersistentKeepalive = 7\n[Peer]\nPublicKey = " B
	       "\nAllowedIPs = 0.0.0.0/0, !192.168.0.0/16\n");
	set_to(STANDBY PEER_A "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.1.0.0/16\n",
	       PEER_A "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.1.0.0/16\n",
	       "peer " A " allowed-ips +10.1.0.0/16,+10.7.0.0/16",
	       STANDBY "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.1.0.0/16, 10.7.0.0/16\nEndpoint = 192.0.2.9:5\n"
	       "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.1.0.0/16\n");
}

static void words_keep_exclusions(void **state)
{
	(void)state;
	set_to(INTERFACE ONLY("0.0.0.0/0, !192.168.0.0/16") PEER_B, ONLY("0.0.0.0/0, !192.168.0.0/16") PEER_B,
	       "peer " A " allowed-ips +192.168.7.0/24", INTERFACE ONLY("0.0.0.0/0") "AllowedIPs = !192.168.0.0/22, "
	       "!192.168.4.0/23, !192.168.6.0/24, !192.168.8.0/21, !192.168.16.0/20, !192.168.32.0/19, !192.168.64.0/18, "
	       "!192.168.128.0/17\n" PEER_B);
	/* Another peer takes a prefix of the rest. */
	set_to(INTERFACE ONLY("0.0.0.0/0, !192.168.0.0/16") PEER_B, ONLY("0.0.0.0/0, !192.168.0.0/16") PEER_B,
	       "peer " B " allowed-ips +128.0.0.0/2",
	       INTERFACE ONLY("0.0.0.0/0, !192.168.0.0/16") "AllowedIPs = !128.0.0.0/2\n[Peer]\nPublicKey = " B
	       "\nAllowedIPs = 10.2.0.0/16, fd00::/64, 128.0.0.0/2\nPersistentKeepalive = 25\n");
	/* Twice in one change: the line that is added follows the last word. */
	set_to(INTERFACE ONLY("0.0.0.0/0, !192.168.0.0/16"), ONLY("0.0.0.0/0, !192.168.0.0/16"),
	       "peer " A " allowed-ips -128.0.0.0/2 peer " A " allowed-ips +128.0.0.0/2", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_means_the_same_stays),
		cmocka_unit_test(host_names_stay),
		cmocka_unit_test(exclusions_stay),
		cmocka_unit_test(values_change_in_place),
		cmocka_unit_test(peers_go),
		cmocka_unit_test(peers_come),
		cmocka_unit_test(shared_prefixes_stay),
		cmocka_unit_test(secrets_of_files_stay_out),
		cmocka_unit_test(chosen_values_stay_out),
		cmocka_unit_test(drop_ins),
		cmocka_unit_test(words_are_written),
		cmocka_unit_test(exclusions_follow_changes),
		cmocka_unit_test(a_lost_default_route_is_told),
		cmocka_unit_test(what_is_mostly_gone_is_listed),
		cmocka_unit_test(shares_of_failover_stay),
		cmocka_unit_test(words_keep_exclusions),
	};

	return cmocka_run_group_tests_name("wg-quick/edit", tests, NULL, NULL);
}
