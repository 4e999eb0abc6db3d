/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_DPDK_IPV6_H
#define LPM_WRAP_DPDK_IPV6_H

#include <stdint.h>

#include <rte_version.h>

/*
 * IPv6 addresses as DPDK's tables take them: arrays of bytes, since 24.11 structs of them.
 * Look-ups do not write to the addresses, but the older prototypes do not say so.
 */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
#include <rte_ip6.h>

static inline struct rte_ipv6_addr *
dpdk_ipv6(const uint8_t *address)
{
	return (struct rte_ipv6_addr *)(uintptr_t)address;
}

static inline struct rte_ipv6_addr *
dpdk_ipv6_bulk(const uint8_t (*addresses)[16])
{
	return (struct rte_ipv6_addr *)(uintptr_t)addresses;
}
#else
static inline uint8_t *
dpdk_ipv6(const uint8_t *address)
{
	return (uint8_t *)(uintptr_t)address;
}

static inline uint8_t (*dpdk_ipv6_bulk(const uint8_t (*addresses)[16]))[16]
{
	return (uint8_t(*)[16])(uintptr_t)addresses;
}
#endif

#endif
