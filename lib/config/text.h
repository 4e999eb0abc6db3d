/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

/* Text forms beside those of config.h, and what there is to say about their values. */

/* The part of a device's text that names it, canonical: two of one device are equal. */
#define TEXT_DEVICE_MAX 64 /* with its end, as DPDK's RTE_DEV_NAME_MAX_LEN */

/* "10.0.0.1/24"; depth 0 .. 32, host bits allowed. 0 or -EINVAL. */
int text_parse_address_depth(const char *text, uint32_t *address, uint8_t *depth);

/* "net_pcap0" of "net_pcap0,rx_pcap=x"; "0000:03:00.0" of "03:00.0". 0 or -EINVAL. */
int text_parse_device(const char *text, char name[TEXT_DEVICE_MAX]);

/*
 * "blackhole", "unreachable" or "prohibit". 0, or -EINVAL; *near is then the one that the text may
 * be a slip for, or NULL.
 */
int text_parse_route_type(const char *text, enum config_route_type *type, const char **near);

/* 1 to CONFIG_NAME_MAX characters of [A-Za-z0-9_.-]. */
bool text_is_name(const char *text);

/* Why no host can have this address, or NULL: it can. */
const char *text_not_a_host(uint32_t address);

uint32_t text_mask(uint8_t depth);

/* For printf: TEXT_ADDRESS with TEXT_QUAD(address). */
#define TEXT_ADDRESS "%u.%u.%u.%u"
#define TEXT_QUAD(a) (a) >> 24, (a) >> 16 & 0xff, (a) >> 8 & 0xff, (a)&0xff

/*
 * True where a and b differ by so little that one may be a slip for the other: two edits at most
 * (a character added, missing, changed, or two swapped), and fewer than half the characters.
 */
bool text_is_near(const char *a, size_t a_length, const char *b);

#endif
