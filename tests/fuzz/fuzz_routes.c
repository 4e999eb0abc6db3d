/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

#include <config/config.h>

/*
 * A file of routes, as it is, so that damaged gzip is among what comes; where the first octet is
 * 'z', what follows is also compressed, in as many members as the second octet tells, and must then
 * give the same routes, or the same errors, as without.
 */

#define MEMBERS_MAX 3

static const char router_text[] =
	"{\"ports\": [{\"name\": \"p0\", \"device\": \"net_null0\"}],"
	" \"routers\": [{\"name\": \"r\", \"interfaces\": [{\"name\": \"lan\", \"port\": \"p0\","
	" \"mac\": \"02:00:00:00:00:01\", \"addresses\": [\"10.0.0.1/24\", \"192.0.2.1/31\","
	" \"2001:db8::1/64\", \"fe80::1/64\"]}]}]}";

static const struct config_router *router;
static int file;
static char path[64];

struct outcome {
	int rc;
	struct config_router loaded;
	char *errors;
	size_t size;
};

static void
fail(const char *what, const char *errors)
{
	fprintf(stderr, "\n%s: %s\n", what, errors);
	abort();
}

static void
write_file(const void *bytes, size_t length)
{
	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t)length)
		fail("memfd", "no memory");
}

static bool
is_route(const struct config_router *loaded, const struct config_route *route)
{
	const struct ip_prefix *prefix = &route->prefix;
	unsigned int bits = prefix->address.family == IP_FAMILY_IPV4 ? 32 : 128;

	for (unsigned int i = prefix->depth; i < 8 * sizeof(prefix->address.bytes); i++)
		if ((prefix->address.bytes[i / 8] << i % 8 & 0x80) != 0)
			return false;
	if ((route->type == CONFIG_ROUTE_VIA) != (route->n_vias > 0) ||
		route->n_vias > CONFIG_VIAS_MAX)
		return false;
	for (unsigned int i = 0; i < route->n_vias; i++) {
		struct config_via via = config_route_via(loaded, route, i);

		if (via.address.family != prefix->address.family || via.weight < 1 ||
			via.weight > CONFIG_VIA_WEIGHT_MAX ||
			(via.zone != CONFIG_ZONE_NONE && via.zone >= router->n_interfaces))
			return false;
	}
	return prefix->depth <= bits && route->type <= CONFIG_ROUTE_PROHIBIT && route->line > 0 &&
	       route->distance >= 1 && route->distance <= CONFIG_DISTANCE_MAX;
}

static void
check(const struct outcome *outcome)
{
	if (outcome->rc == 0) {
		if (outcome->size > 0)
			fail("accepted, but told", outcome->errors);
		for (unsigned int i = 0; i < outcome->loaded.n_routes; i++)
			if (!is_route(&outcome->loaded, &outcome->loaded.routes[i]))
				fail("accepted", "what is no route");
		return;
	}
	if (outcome->size == 0 || outcome->errors[outcome->size - 1] != '\n')
		fail("refused", "without a line");
	for (size_t i = 0; i < outcome->size; i++) {
		unsigned char c = (unsigned char)outcome->errors[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			fail("a message with a control character", outcome->errors);
	}
}

static struct outcome
load(const void *bytes, size_t length)
{
	struct outcome outcome = { 0 };
	FILE *out = open_memstream(&outcome.errors, &outcome.size);

	write_file(bytes, length);
	outcome.rc = config_load_routes(path, router, &outcome.loaded, out);
	fclose(out);
	check(&outcome);
	return outcome;
}

static void
discard(struct outcome *outcome)
{
	if (outcome->rc == 0)
		config_router_clear(&outcome->loaded);
	free(outcome->errors);
}

static size_t
compress_member(const uint8_t *bytes, size_t length, uint8_t *to, size_t room)
{
	z_stream stream = { .next_in = (uint8_t *)(uintptr_t)bytes,
		.avail_in = (uInt)length,
		.next_out = to,
		.avail_out = (uInt)room };

	if (deflateInit2(&stream, 1, Z_DEFLATED, 16 + 9, 1, Z_DEFAULT_STRATEGY) != Z_OK ||
		deflate(&stream, Z_FINISH) != Z_STREAM_END)
		fail("deflate", "no memory");
	deflateEnd(&stream);
	return room - stream.avail_out;
}

/* Member by member: what is between them may be anything. */
static bool
same_route(const struct config_route *a, const struct config_route *b)
{
	return ip_prefix_equal(&a->prefix, &b->prefix) && ip_address_equal(&a->via, &b->via) &&
	       a->type == b->type && a->n_vias == b->n_vias && a->distance == b->distance &&
	       a->zone == b->zone && a->line == b->line;
}

static bool
same_via(const struct config_via *a, const struct config_via *b)
{
	return ip_address_equal(&a->address, &b->address) && a->weight == b->weight &&
	       a->zone == b->zone;
}

static bool
same_routes(const struct config_router *a, const struct config_router *b)
{
	if (a->n_routes != b->n_routes || a->n_vias != b->n_vias)
		return false;
	for (unsigned int i = 0; i < a->n_routes; i++)
		if (!same_route(&a->routes[i], &b->routes[i]))
			return false;
	for (unsigned int i = 0; i < a->n_vias; i++)
		if (!same_via(&a->vias[i], &b->vias[i]))
			return false;
	return true;
}

static void
compare(const uint8_t *bytes, size_t length, unsigned int members)
{
	size_t room = 2 * length + 64 * MEMBERS_MAX;
	uint8_t *gzip = malloc(room);
	struct outcome plain, unpacked;
	size_t size = 0;

	/* What looks like gzip by itself is no plain text. */
	if (length < 2 || (bytes[0] == 0x1f && bytes[1] == 0x8b)) {
		free(gzip);
		return;
	}
	for (unsigned int i = 0; i < members; i++) {
		size_t from = length * i / members, to = length * (i + 1) / members;

		size += compress_member(bytes + from, to - from, gzip + size, room - size);
	}
	plain = load(bytes, length);
	unpacked = load(gzip, size);
	if (plain.rc != unpacked.rc || strcmp(plain.errors, unpacked.errors) != 0)
		fail("compressed it is another file", unpacked.errors);
	if (plain.rc == 0 && !same_routes(&plain.loaded, &unpacked.loaded))
		fail("compressed it has other routes", "");
	discard(&plain);
	discard(&unpacked);
	free(gzip);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct config *config;

	(void)argc;
	(void)argv;
	config = config_load_text(router_text, "fuzz", stderr);
	file = memfd_create("routes", MFD_CLOEXEC);
	if (config == NULL || file < 0)
		return 1;
	router = &config->routers[0];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct outcome outcome;

	if (length >= 2 && bytes[0] == 'z') {
		compare(bytes + 2, length - 2, 1 + bytes[1] % MEMBERS_MAX);
		return 0;
	}
	outcome = load(bytes, length);
	discard(&outcome);
	return 0;
}
