/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "config_fixture.h"
#include "config_oracle.h"

#define MUTATIONS 6000

/* Each error is a line "t.json:LINE: $...: found..., expected ...". */
static bool
well_formed(const char *errors)
{
	while (*errors != '\0') {
		const char *end = strchr(errors, '\n');
		unsigned int line;
		int read = 0;

		if (end == NULL || sscanf(errors, "t.json:%u: $%n", &line, &read) != 1 || read == 0)
			return false;
		if (line == 0 || memmem(errors, end - errors, ": found ", 8) == NULL ||
			memmem(errors, end - errors, ", expected ", 11) == NULL)
			return false;
		errors = end + 1;
	}
	return true;
}

static void
test_truncated(void)
{
	size_t length = strrchr(config_base, '}') - config_base;

	for (size_t n = 0; n <= length; n++) {
		char *text = strndup(config_base, n);
		struct outcome o = config_outcome(TEXT, text, NULL);

		CU_ASSERT_PTR_NULL(o.config);
		CU_ASSERT(well_formed(o.errors));
		CU_ASSERT(strchr(o.errors, '\n') == o.errors + o.size - 1);
		if (n > 0)
			CU_ASSERT_PTR_NOT_NULL(strstr(o.errors, "found the end of the text"));
		if (strstr(o.errors, "found the end of the text") == NULL && n > 0)
			printf("\n  at byte %zu: %s", n, o.errors);
		config_discard(&o);
		free(text);
	}
}

/* Mutations: nothing crashes, and what is accepted is right */

static char *
mutate_bytes(void)
{
	size_t length = strlen(config_base);
	char *text = malloc(2 * length + 1);

	memcpy(text, config_base, length + 1);
	for (long n = 1 + random() % 3; n > 0; n--) {
		size_t at = random() % length;
		size_t size = 1 + random() % 40;

		if (size > length - at)
			size = length - at;
		switch (random() % 4) {
		case 0: /* another byte */
			text[at] = 1 + random() % 255;
			break;
		case 1: /* one of those there are */
			text[at] = config_base[random() % strlen(config_base)];
			break;
		case 2: /* a piece less */
			memmove(text + at, text + at + size, length - at - size + 1);
			length -= size;
			break;
		case 3: /* a piece twice */
			if (length + size > 2 * strlen(config_base))
				break;
			memmove(text + at + size, text + at, length - at + 1);
			length += size;
			break;
		}
		if (length == 0)
			break;
	}
	return text;
}

/* Where strings and numbers begin and end; there are `n` of them. */
struct token {
	const char *begin;
	size_t length;
};

static unsigned int
find_tokens(struct token *tokens, unsigned int max)
{
	unsigned int n = 0;

	for (const char *at = config_base; *at != '\0' && n < max;) {
		size_t length = strspn(at, "0123456789");

		if (*at == '"')
			length = strcspn(at + 1, "\"") + 2;
		if (length > 0)
			tokens[n++] = (struct token){ at, length };
		at += length > 0 ? length : 1;
	}
	return n;
}

static char *
mutate_token(const struct token *tokens, unsigned int n)
{
	static const char *const others[] = { "0", "1", "64", "-1", "1.5", "null", "[]", "{}",
		"\"\"", "\"10.0.0.3\"", "\"10.0.0.130/25\"", "\"192.0.2.2/32\"", "\"192.0.2.2/31\"",
		"\"10.0.0.0/8\"", "\"0.0.0.0/0\"", "\"mac\"", "\"vlan\"", "\"outer_vlan\"",
		"\"prohibit\"", "\"p0\"", "\"lan\"", "\"green\"", "\"10.0.0.5/32\"",
		"\"max_routes\"", "\"2001:db8::3\"", "\"2001:db8::/64\"", "\"2001:db8::1/128\"",
		"\"2001:db8::9/63\"", "\"2001:db8:ffff::1/127\"", "\"fe80::2\"", "\"fe80::3/64\"",
		"\"fe80::1%six\"", "\"fe80::3%six\"", "\"fe80::%seven\"", "\"fe80::/64\"",
		"\"::/0\"", "\"six\"", "\"fe80::1:0:0:0:2%six\"", "\"2001:db8::3%six\"", "\"lpm\"",
		"[\"10.0.0.3\", \"192.0.2.2\"]", "[\"fe80::3%six\"]",
		"{\"address\": \"2001:db8::3\"}", "[\"10.0.0.3\", \"10.0.0.3\"]", "256",
		"[{\"address\": \"10.0.0.3\", \"weight\": 2}, \"10.0.0.4\"]" };
	const struct token *old = &tokens[random() % n];
	const struct token *from = &tokens[random() % n];
	char *text = NULL;
	int rc;

	if (random() % 2 == 0)
		rc = asprintf(&text, "%.*s%s%s", (int)(old->begin - config_base), config_base,
			others[random() % (sizeof(others) / sizeof(others[0]))],
			old->begin + old->length);
	else
		rc = asprintf(&text, "%.*s%.*s%s", (int)(old->begin - config_base), config_base,
			(int)from->length, from->begin, old->begin + old->length);
	CU_ASSERT_FATAL(rc >= 0);
	return text;
}

/* 1 where it was accepted. */
static unsigned int
try_mutant(char *text)
{
	struct outcome o = config_outcome(TEXT, text, NULL);
	const char *wrong = o.config != NULL ? config_oracle(o.config) : NULL;
	unsigned int accepted = o.config != NULL;

	CU_ASSERT_PTR_NULL(wrong);
	CU_ASSERT(well_formed(o.errors));
	if (wrong != NULL || !well_formed(o.errors))
		printf("\n  accepted against %s, or not well said:\n%s\n%s", wrong, text, o.errors);
	config_discard(&o);
	free(text);
	return accepted;
}

static void
test_mutations(void)
{
	const char *given = getenv("TEST_SEED");
	unsigned int seed = given != NULL ? strtoul(given, NULL, 0) : 20260101;
	struct token tokens[512];
	unsigned int n = find_tokens(tokens, 512);
	unsigned int accepted = 0;

	printf("(seed %u) ", seed);
	srandom(seed);
	for (unsigned int i = 0; i < MUTATIONS; i++) {
		try_mutant(mutate_bytes());
		accepted += try_mutant(mutate_token(tokens, n));
	}
	CU_ASSERT(accepted > MUTATIONS / 100 && accepted < MUTATIONS);
}

/* Many */

#define ROUTERS 2000
#define ROUTER_LINES 4

/* ROUTER_LINES lines each; of the broken ones, the last two each have an error. */
static char *
many_routers(bool broken)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out,
		"{\"ports\": [{\"name\": \"p0\", \"device\": \"net_null0\"}], \"routers\": [\n");
	for (unsigned int i = 0; i < ROUTERS; i++) {
		fprintf(out, "{\"name\": \"vr%u\",\n\"interfaces\": [", i);
		fprintf(out,
			"{\"name\": \"lan\", \"port\": \"p0\", \"vlan\": %u, \"mac\": "
			"\"02:00:00:00:%02x:%02x\", \"addresses\": [\"10.0.0.1/24\"]}],\n",
			1 + i % 4094, i >> 8, i & 0xff);
		fprintf(out,
			"\"routes\": [{\"prefix\": \"10.1.0.0/16\", \"via\": \"10.0.%d.2\"}],\n",
			broken);
		fprintf(out,
			"\"neighbours\": [{\"interface\": \"lan\", \"address\": \"10.0.0.2\", "
			"\"mac\": \"0%d:00:00:00:00:02\"}]}%s\n",
			2 + broken, i + 1 < ROUTERS ? "," : "]}");
	}
	fclose(out);
	return text;
}

static void
test_many(void)
{
	char *text = many_routers(false);
	struct outcome o = config_outcome(TEXT, text, NULL);

	CU_ASSERT_FATAL(o.config != NULL && o.config->n_routers == ROUTERS);
	for (unsigned int i = 0; i < ROUTERS; i++) {
		const struct config_router *r = &o.config->routers[i];
		unsigned int line = 2 + i * ROUTER_LINES;

		CU_ASSERT(r->line == line && r->interfaces[0].line == line + 1);
		CU_ASSERT(r->routes[0].line == line + 2 && r->neighbours[0].line == line + 3);
	}
	config_discard(&o);
	free(text);
}

static void
test_many_errors(void)
{
	char *text = many_routers(true);
	char *expected = NULL;
	size_t size;
	FILE *out = open_memstream(&expected, &size);

	for (unsigned int i = 0; i < ROUTERS; i++) {
		fprintf(out,
			"t.json:%u: $.routers[%u].routes[0].via: found \"10.0.1.2\", expected an "
			"address in a subnet of one of the router's interfaces (10.0.0.0/24)\n",
			4 + i * ROUTER_LINES, i);
		fprintf(out,
			"t.json:%u: $.routers[%u].neighbours[0].mac: found \"03:00:00:00:00:02\", "
			"expected a unicast MAC address, like \"02:00:00:00:00:01\"\n",
			5 + i * ROUTER_LINES, i);
	}
	fclose(out);
	config_expect(TEXT, text, NULL, expected);
	free(expected);
	free(text);
}

CU_TestInfo config_robust_tests[] = {
	{ "truncated", test_truncated },
	{ "mutations", test_mutations },
	{ "many routers", test_many },
	{ "many errors", test_many_errors },
	CU_TEST_INFO_NULL,
};
