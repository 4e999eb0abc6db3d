/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <zlib.h>

#include <rte_common.h>

#include "lpm_routes.h"

struct length_count {
	uint8_t depth;
	uint32_t count;
};

static const struct length_count ipv4_lengths[] = { { 8, 16 }, { 9, 13 }, { 10, 38 }, { 11, 103 },
	{ 12, 299 }, { 13, 581 }, { 14, 1203 }, { 15, 2100 }, { 16, 13490 }, { 17, 8235 },
	{ 18, 13798 }, { 19, 24870 }, { 20, 42611 }, { 21, 50750 }, { 22, 108623 }, { 23, 96510 },
	{ 24, 537698 }, { 25, 20 }, { 26, 3 }, { 27, 11 }, { 28, 18 }, { 29, 17 }, { 30, 3 },
	{ 31, 3 }, { 32, 886 } };
static const struct length_count ipv6_lengths[] = { { 16, 1 }, { 19, 1 }, { 20, 16 }, { 21, 3 },
	{ 22, 7 }, { 23, 8 }, { 24, 30 }, { 25, 8 }, { 26, 15 }, { 27, 20 }, { 28, 193 },
	{ 29, 4371 }, { 30, 650 }, { 31, 284 }, { 32, 22548 }, { 33, 2926 }, { 34, 2603 },
	{ 35, 1043 }, { 36, 5996 }, { 37, 880 }, { 38, 1617 }, { 39, 1377 }, { 40, 13418 },
	{ 41, 903 }, { 42, 2301 }, { 43, 1001 }, { 44, 14365 }, { 45, 1553 }, { 46, 3039 },
	{ 47, 3153 }, { 48, 75488 }, { 49, 11 }, { 50, 3 }, { 52, 1 }, { 55, 1 }, { 56, 24 },
	{ 58, 20 }, { 60, 2 }, { 64, 184 }, { 112, 2 }, { 122, 1 }, { 124, 4 }, { 125, 9 },
	{ 126, 19 }, { 127, 42 }, { 128, 6 } };

static int
compare(const void *a, const void *b)
{
	const struct route *left = a;
	const struct route *right = b;

	if (left->key.high != right->key.high)
		return left->key.high < right->key.high ? -1 : 1;
	if (left->key.low != right->key.low)
		return left->key.low < right->key.low ? -1 : 1;
	return left->depth - right->depth;
}

static void
sort_unique(struct routes *routes)
{
	uint32_t kept = 0;

	qsort(routes->list, routes->count, sizeof(routes->list[0]), compare);
	for (uint32_t i = 0; i < routes->count; i++)
		if (kept == 0 || compare(&routes->list[kept - 1], &routes->list[i]) != 0)
			routes->list[kept++] = routes->list[i];
	routes->count = kept;
}

static int
append(struct routes *routes, uint32_t *room, struct key key, uint8_t depth)
{
	if (routes->count == *room) {
		struct route *list;

		*room = *room * 2 + 1024;
		list = realloc(routes->list, *room * sizeof(*list));
		if (list == NULL)
			return -ENOMEM;
		routes->list = list;
	}
	routes->list[routes->count++] =
		(struct route){ .key = key_mask(key, depth), .depth = depth };
	return 0;
}

/* 1: a prefix of the family; 0: one of the other; negative: no prefix. */
static int
parse(char *line, enum lpm_family family, struct key *key, uint8_t *depth)
{
	unsigned int depth_max = family == LPM_IPV4 ? LPM_IPV4_DEPTH_MAX : LPM_IPV6_DEPTH_MAX;
	char *slash = strchr(line, '/');
	uint8_t bytes[16];
	unsigned long length;
	char *end;

	line[strcspn(line, "\r\n")] = '\0';
	if ((strchr(line, ':') != NULL) != (family == LPM_IPV6))
		return 0;
	if (slash == NULL)
		return -EINVAL;
	*slash = '\0';
	length = strtoul(slash + 1, &end, 10);
	if (end == slash + 1 || *end != '\0' || length > depth_max ||
		inet_pton(family == LPM_IPV4 ? AF_INET : AF_INET6, line, bytes) != 1)
		return -EINVAL;
	*key = family == LPM_IPV4 ? key_of_ipv4((uint32_t)bytes[0] << 24 | bytes[1] << 16 |
						bytes[2] << 8 | bytes[3])
	                          : key_of_ipv6(bytes);
	*depth = length;
	return 1;
}

int
routes_load(struct routes *routes, enum lpm_family family, const char *path)
{
	gzFile file = gzopen(path, "rb");
	unsigned int number = 0;
	uint32_t room = 0;
	char line[256];
	int ret = 0;

	memset(routes, 0, sizeof(*routes));
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (ret >= 0 && gzgets(file, line, sizeof(line)) != NULL) {
		struct key key;
		uint8_t depth;

		number++;
		ret = parse(line, family, &key, &depth);
		if (ret > 0)
			ret = append(routes, &room, key, depth);
	}
	gzclose(file);
	if (ret >= 0 && routes->count > 0) {
		sort_unique(routes);
		return 0;
	}
	if (ret >= 0)
		fprintf(stderr, "%s: no prefix of this family\n", path);
	else
		fprintf(stderr, "%s:%u: %s\n", path, number,
			ret == -ENOMEM ? "no memory" : "expected ADDRESS/LENGTH");
	routes_free(routes);
	return -1;
}

/*
 * As in real tables, half of the prefixes lie beside another one of their length, and most of the
 * others within a shorter one.
 */
static struct key
make_prefix(const struct routes *routes, enum lpm_family family, uint8_t depth, uint64_t *random)
{
	const struct route *last = routes->count > 0 ? &routes->list[routes->count - 1] : NULL;
	uint64_t dice = random64(random) % 16;
	struct key key = { random64(random), random64(random) };
	const struct route *around;

	if (last != NULL && last->depth == depth && dice < 8 && depth <= 64) {
		key.high = last->key.high + (UINT64_C(1) << (64 - depth));
		key.low = 0;
		return key;
	}
	if (last != NULL && dice < 14) {
		around = &routes->list[random64(random) % routes->count];
		key = key_mask(route_address(around, random), depth);
		return key;
	}
	if (family == LPM_IPV4) /* 1.0.0.0 to 223.255.255.255 */
		key.high = (UINT64_C(1) << 56) + key.high % (UINT64_C(223) << 56);
	else /* one of the registries' blocks in 2000::/3 */
		key.high = key.high >> 12 | (UINT64_C(0x200) + (key.high >> 60) % 14 * 2) << 52;
	return key;
}

static int
make_length(struct routes *routes, uint32_t *room, enum lpm_family family, uint8_t depth,
	uint32_t count, uint64_t *random)
{
	unsigned int depth_max = family == LPM_IPV4 ? LPM_IPV4_DEPTH_MAX : LPM_IPV6_DEPTH_MAX;
	uint32_t before = routes->count;

	/* Some come out twice; what is missing is made again. */
	for (unsigned int attempt = 0; attempt < 32 && routes->count - before < count; attempt++) {
		struct routes part;

		while (routes->count - before < count) {
			struct key key = make_prefix(routes, family, depth, random);

			if (family == LPM_IPV4)
				key = key_mask(key, depth_max);
			if (append(routes, room, key, depth) < 0)
				return -ENOMEM;
		}
		part.list = routes->list + before;
		part.count = routes->count - before;
		sort_unique(&part);
		routes->count = before + part.count;
	}
	return 0;
}

int
routes_make(struct routes *routes, enum lpm_family family, uint32_t count, uint64_t seed)
{
	const struct length_count *lengths = family == LPM_IPV4 ? ipv4_lengths : ipv6_lengths;
	unsigned int kinds = family == LPM_IPV4 ? RTE_DIM(ipv4_lengths) : RTE_DIM(ipv6_lengths);
	uint64_t random = seed * 2 + 1;
	uint64_t total = 0;
	uint32_t room = 0;

	memset(routes, 0, sizeof(*routes));
	for (unsigned int i = 0; i < kinds; i++)
		total += lengths[i].count;
	if (count == 0)
		count = total;
	for (unsigned int i = 0; i < kinds; i++) {
		uint32_t share = (lengths[i].count * (uint64_t)count + total - 1) / total;

		if (make_length(routes, &room, family, lengths[i].depth, share, &random) < 0) {
			routes_free(routes);
			return -ENOMEM;
		}
	}
	if (routes->count > count) {
		routes_shuffle(routes, seed);
		routes->count = count;
	}
	sort_unique(routes);
	return 0;
}

void
routes_free(struct routes *routes)
{
	free(routes->list);
	memset(routes, 0, sizeof(*routes));
}

void
routes_shuffle(struct routes *routes, uint64_t seed)
{
	uint64_t random = seed * 2 + 1;

	for (uint32_t i = routes->count; i > 1; i--) {
		uint32_t other = random64(&random) % i;
		struct route route = routes->list[i - 1];

		routes->list[i - 1] = routes->list[other];
		routes->list[other] = route;
	}
}

struct key
route_address(const struct route *route, uint64_t *random)
{
	struct key key = { random64(random), random64(random) };
	struct key kept = key_mask(key, route->depth);

	key.high = (key.high ^ kept.high) | route->key.high;
	key.low = (key.low ^ kept.low) | route->key.low;
	return key;
}
