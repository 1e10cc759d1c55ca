// SPDX-License-Identifier: GPL-2.0
#include "features.h"
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MOST = 256, /* features; there are about 65 */
	BLOCKS = MOST / 32,
};

static bool ask(int fd, const char *name, void *command)
{
	struct ifreq r = {.ifr_data = command};

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	return fd >= 0 && ioctl(fd, SIOCETHTOOL, &r) == 0;
}

static u32 count_features(int fd)
{
	_Alignas(8) u8 buffer[sizeof(struct ethtool_sset_info) + sizeof(u32)] = {0};
	struct ethtool_sset_info *r = (void *)buffer;

	r->cmd = ETHTOOL_GSSET_INFO;
	r->sset_mask = 1ULL << ETH_SS_FEATURES;
	return ask(fd, "lo", r) && r->sset_mask ? r->data[0] : 0;
}

/* All devices have the same names, and `lo` is always there. */
void features_open(struct features *f)
{
	_Alignas(8) u8 buffer[sizeof(struct ethtool_gstrings) + MOST * ETH_GSTRING_LEN] = {0};
	struct ethtool_gstrings *r = (void *)buffer;

	*f = (struct features){.gro = FEATURES_NONE, .udp_forwarding = FEATURES_NONE};
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r->cmd = ETHTOOL_GSTRINGS;
	r->string_set = ETH_SS_FEATURES;
	r->len = count_features(f->fd);
	if (!r->len || r->len > MOST || !ask(f->fd, "lo", r))
		return;
	f->n_blocks = (r->len + 31) / 32;
	for (u32 i = 0; i < r->len; i++) {
		const char *name = (const char *)r->data + (size_t)i * ETH_GSTRING_LEN;

		if (!strncmp(name, "rx-gro", ETH_GSTRING_LEN))
			f->gro = i;
		else if (!strncmp(name, "rx-udp-gro-forwarding", ETH_GSTRING_LEN))
			f->udp_forwarding = i;
	}
}

void features_close(struct features *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static bool is_active(const struct ethtool_get_features_block *blocks, u32 feature)
{
	return feature != FEATURES_NONE && blocks[feature / 32].active & 1U << feature % 32;
}

void features_read(const struct features *f, const char *name, struct features_set *set)
{
	_Alignas(8) u8 buffer[sizeof(struct ethtool_gfeatures) +
			      BLOCKS * sizeof(struct ethtool_get_features_block)] = {0};
	struct ethtool_gfeatures *r = (void *)buffer;

	*set = (struct features_set){.gro = true};
	r->cmd = ETHTOOL_GFEATURES;
	r->size = f->n_blocks;
	if (!f->n_blocks || !ask(f->fd, name, r))
		return;
	set->gro = f->gro == FEATURES_NONE || is_active(r->features, f->gro);
	set->udp_forwarding = is_active(r->features, f->udp_forwarding);
}
