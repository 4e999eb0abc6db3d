/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>

#include "element/element.h"

/*
 * Unicast reverse path forwarding (RFC 3704): a packet is dropped if the router would not send to
 * its source at all (loose, section 2.4), or not by the interface that the packet came in by
 * (strict, 2.2; of several paths any will do).
 */

enum urpf_mode {
	URPF_STRICT,
	URPF_LOOSE,
};

enum urpf_reason {
	URPF_NO_ROUTE,
	URPF_OTHER_INTERFACE,
};

static const struct element_reason reasons[] = {
	[URPF_NO_ROUTE] = { "no_route", "no route leads to the source" },
	[URPF_OTHER_INTERFACE] = { "other_interface",
		"the source is behind another interface than that of the packet" },
};

struct urpf_config {
	struct element_config element;
	uint8_t mode; /* enum urpf_mode */
	struct element_interface *interfaces;
	unsigned int n_interfaces;
};

static const char *const modes[] = { [URPF_STRICT] = "strict", [URPF_LOOSE] = "loose" };

static const struct field urpf_config_fields[] = {
	ELEMENT_FIELDS,
	FIELD_WORD(urpf_config, mode, modes, URPF_STRICT, URPF_LOOSE, URPF_STRICT,
		"\"strict\" or \"loose\""),
	FIELD_LIST(urpf_config, interfaces, element_interface_kind, false),
};
static const struct kind urpf_kind = { ELEMENT_KIND(urpf_config, "an object (a urpf element)") };

struct urpf {
	struct element element;
	uint8_t wanted;        /* enum element_path */
	bool all;              /* interfaces */
	uint64_t interfaces[]; /* bits */
};

#define BITS 64

static struct element *
urpf_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct urpf_config *config = (const struct urpf_config *)params->config;
	unsigned int words = UINT16_MAX / BITS + 1;
	struct urpf *urpf = element_zalloc(
		params, "interfaces", sizeof(*urpf) + words * sizeof(urpf->interfaces[0]), error);

	if (urpf == NULL)
		return NULL;
	urpf->wanted = config->mode == URPF_LOOSE ? ELEMENT_PATH_EXISTS : ELEMENT_PATH_INTERFACE;
	urpf->all = config->n_interfaces == 0;
	for (unsigned int i = 0; i < config->n_interfaces; i++) {
		int index = element_find_interface(params, config->interfaces[i].name, error);

		if (index < 0) {
			rte_free(urpf);
			return NULL;
		}
		urpf->interfaces[index / BITS] |= UINT64_C(1) << (index % BITS);
	}
	return &urpf->element;
}

static void
urpf_destroy(struct element *element)
{
	rte_free(element);
}

static bool
is_checked(const struct urpf *urpf, const struct rte_mbuf *mbuf)
{
	uint16_t interface = packet_meta_get(mbuf).interface;

	return urpf->all || (urpf->interfaces[interface / BITS] >> (interface % BITS) & 1) != 0;
}

static void
urpf_process(struct element *element, struct element_burst *burst)
{
	const struct urpf *urpf = (const struct urpf *)element;
	uint8_t paths[PACKET_BURST_MAX];

	burst->host->source_paths(burst->host->context, burst->mbufs, burst->n, paths);
	for (unsigned int i = 0; i < burst->n; i++) {
		if (likely((paths[i] & urpf->wanted) != 0) || !is_checked(urpf, burst->mbufs[i]))
			continue;
		element_drop(burst, i,
			(paths[i] & ELEMENT_PATH_EXISTS) != 0 ? URPF_OTHER_INTERFACE
							      : URPF_NO_ROUTE);
	}
}

static struct element_type urpf_type = {
	.name = "urpf",
	.text = "drops packets whose source is not where they come from (RFC 3704)",
	.sides = ELEMENT_AT_INGRESS,
	.routed = true,
	.config = &urpf_kind,
	.reasons = reasons,
	.n_reasons = ARRAY_SIZE(reasons),
	.create = urpf_create,
	.destroy = urpf_destroy,
	.process = { [ELEMENT_INGRESS] = urpf_process },
};
ELEMENT_REGISTER(urpf_type);
