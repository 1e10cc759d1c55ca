// SPDX-License-Identifier: GPL-2.0
/* The keys of wg-quick are rows of wg-quick/config/config-keys.c too, which lib/ cannot see;
 * tests/unit/wg-quick/config/config.c checks that both tables have the same keys in the same order. */
#include "conf-names.h"

#define QUICK(name)    {name, WG_OWNER_QUICK, WG_SECTION_INTERFACE, NULL}
#define OURS(name)     {name, WG_OWNER_OURS, WG_SECTION_INTERFACE, NULL}
#define OURS_PEER(name) {name, WG_OWNER_OURS, WG_SECTION_PEER, NULL}
#define AMNEZIA(name)  {name, WG_OWNER_AMNEZIA, WG_SECTION_INTERFACE, NULL}
#define NETWORKD(name, instead) {name, WG_OWNER_NETWORKD, WG_SECTION_INTERFACE, instead}

const struct wg_conf_name wg_conf_names[] = {
	QUICK("Address"), QUICK("DNS"), QUICK("MTU"), QUICK("Table"), QUICK("SaveConfig"),
	QUICK("PreUp"), QUICK("PostUp"), QUICK("PreDown"), QUICK("PostDown"),
	OURS("EndpointResolution"), OURS("Failover"),
	OURS("PrivateKeyFile"), OURS_PEER("PresharedKeyFile"), OURS_PEER("Routes"), OURS_PEER("RouteMetric"),
	OURS("KillSwitch"), OURS("Masquerade"), OURS("Forward"), OURS("ClampMSS"),
	OURS("HookTimeout"),
	OURS("Namespace"), OURS("UnderlayNamespace"),
	OURS("DNSBackend"), OURS("DNSRequired"),
	AMNEZIA("Jc"), AMNEZIA("Jmin"), AMNEZIA("Jmax"), AMNEZIA("Itime"),
	AMNEZIA("S1"), AMNEZIA("S2"), AMNEZIA("S3"), AMNEZIA("S4"),
	AMNEZIA("H1"), AMNEZIA("H2"), AMNEZIA("H3"), AMNEZIA("H4"),
	AMNEZIA("I1"), AMNEZIA("I2"), AMNEZIA("I3"), AMNEZIA("I4"), AMNEZIA("I5"),
	AMNEZIA("J1"), AMNEZIA("J2"), AMNEZIA("J3"), AMNEZIA("AdvancedSecurity"),
	NETWORKD("PublicKeyFile", "PublicKey"), NETWORKD("FirewallMark", "FwMark"),
	NETWORKD("RouteTable", "Table"), NETWORKD("MTUBytes", "MTU"), NETWORKD("Domains", "DNS"),
	{NULL, WG_OWNER_QUICK, WG_SECTION_INTERFACE, NULL},
};
