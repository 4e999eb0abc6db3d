/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "config_fixture.h"
#include "config_oracle.h"

/* Files of routes, all in a folder of their own, where the tests run. */

#define ROUTES "t.routes"
#define MUTATIONS 6000
#define MANY 20000 /* routes; of a text that takes several reads */

static int old_folder;
static char folder[] = "/tmp/test_config.XXXXXX";
static char *cases;
static char *text_with_file; /* config_base with a "routes_file" and IPv6 in the router "blue" */
static struct config *base;  /* the same without the file */

/* config_base with a piece behind the address of blue's "lan", and before its routes. */
static char *
with_ipv6(const char *file)
{
	const char *address = strstr(config_base, "] },");
	const char *routes = strstr(config_base, "\"routes\": [");
	char *text;

	if (asprintf(&text, "%.*s, \"2001:db8::1/64\", \"fe80::1/64\"%.*s%s%s",
		    (int)(address - config_base), config_base, (int)(routes - address), address,
		    file, routes) < 0)
		return NULL;
	return text;
}

/* No test runs yet or any more: nothing may be asserted. */
int
config_routes_setup(void)
{
	char *without = with_ipv6("");

	cases = config_read(config_data_dir, "routes_errors.txt");
	base = config_load_text(without, "t.json", stderr);
	free(without);
	old_folder = open(".", O_RDONLY | O_DIRECTORY);
	text_with_file = with_ipv6("\"max_routes\": 100000, \"routes_file\": \"" ROUTES "\", ");
	return mkdtemp(folder) == NULL || chdir(folder) != 0 || base == NULL;
}

int
config_routes_cleanup(void)
{
	bool left = unlink(ROUTES) != 0 || fchdir(old_folder) != 0 || rmdir(folder) != 0;

	close(old_folder);
	config_free(base);
	free(text_with_file);
	free(cases);
	return left;
}

static void
write_bytes(const void *bytes, size_t n)
{
	FILE *file = fopen(ROUTES, "w");

	CU_ASSERT_FATAL(file != NULL);
	CU_ASSERT(fwrite(bytes, 1, n, file) == n);
	fclose(file);
}

static void
write_gzip(const char *mode, const void *bytes, size_t n)
{
	gzFile file = gzopen(ROUTES, mode);

	CU_ASSERT_FATAL(file != NULL);
	CU_ASSERT(n == 0 || gzwrite(file, bytes, (unsigned int)n) == (int)n);
	CU_ASSERT(gzclose(file) == Z_OK);
}

static char *
read_bytes(size_t *n)
{
	char *bytes = malloc(1 << 20);
	FILE *file = fopen(ROUTES, "r");

	CU_ASSERT_FATAL(file != NULL);
	*n = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

/* The file by itself, for the router "blue" of config_base. */
struct loaded {
	struct config_router router;
	const struct config_route *routes;
	unsigned int n;
	char *errors;
	int rc;
};

static struct loaded
load(void)
{
	struct loaded l = { 0 };
	size_t size;
	FILE *errors = open_memstream(&l.errors, &size);

	l.rc = config_load_routes(ROUTES, &base->routers[0], &l.router, errors);
	if (l.rc == 0) {
		l.routes = l.router.routes;
		l.n = l.router.n_routes;
	}
	fclose(errors);
	CU_ASSERT((l.rc == 0) == (size == 0));
	return l;
}

static void
discard(struct loaded *l)
{
	if (l->rc == 0)
		config_router_clear(&l->router);
	free(l->errors);
}

static void
expect_load(const char *errors)
{
	struct loaded l = load();

	CU_ASSERT_STRING_EQUAL(l.errors, errors);
	if (strcmp(l.errors, errors) != 0)
		printf("\n  said:     %s\n  expected: %s\n", l.errors, errors);
	discard(&l);
}

/* What is refused: routes_errors.txt, which says how it is to be read */

struct routes_case {
	char bytes[4096];
	size_t n;
	char errors[4096];
	bool config;
};

static void
add_line(struct routes_case *c, const char *line)
{
	CU_ASSERT_FATAL(c->n + strlen(line) + 1 < sizeof(c->bytes));
	for (; *line != '\0'; line++) {
		char escaped = *line == '\\' ? line[1] : '\0';

		if (escaped != '\0')
			line++;
		c->bytes[c->n++] = escaped == 't'   ? '\t'
		                   : escaped == 'r' ? '\r'
		                   : escaped == '0' ? '\0'
		                                    : *line;
	}
	c->bytes[c->n++] = '\n';
}

static void
run_case(const struct routes_case *c)
{
	CU_ASSERT_FATAL(c->errors[0] != '\0');
	for (unsigned int gzip = 0; gzip < 2; gzip++) {
		if (gzip)
			write_gzip("w", c->bytes, c->n);
		else
			write_bytes(c->bytes, c->n);
		config_expect(TEXT, text_with_file, NULL, c->errors);
		expect_load(c->config ? "" : c->errors);
	}
}

static void
test_errors(void)
{
	struct routes_case c = { 0 };
	char *all = strdup(cases);
	char *rest = all;
	unsigned int n = 0;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "- ", 2) == 0) {
			add_line(&c, line + 2);
		} else if (strncmp(line, "= ", 2) == 0) {
			strcat(strcat(strcat(c.errors, ROUTES ":"), line + 2), "\n");
		} else if (strcmp(line, "config") == 0) {
			c.config = true;
		} else if (line[0] != '\0') {
			CU_ASSERT_FATAL(line[0] == '#');
		} else if (c.n > 0) {
			run_case(&c);
			n++;
			c = (struct routes_case){ 0 };
		}
	}
	CU_ASSERT(n > 30);
	free(all);
}

/* What is read */

static const char good[] = "# routes of ours\n\n10.2.0.0/16 via 10.0.0.2\r\n"
			   "\t10.3.0.0/16\tblackhole # and so on\n"
			   "10.4.0.0/16  unreachable#\n10.5.0.1/32 prohibit\n"
			   "2001:DB8:7::/48 via 2001:db8::2\n"
			   "::/0 via fe80::2%lan #\n2001:db8:8::1/128 unreachable\n"
			   "198.51.0.0/16 via 192.0.2.2 distance 255\n"
			   "2001:db8:9::/48 via 2001:db8::2 weight 256 via fe80::7%lan "
			   "via\t2001:db8::3 weight 1 distance 7\n"
			   "198.51.0.0/16 via 10.0.0.9\tweight 9\n"
			   "2001:db8:9::/48 blackhole distance 8\n"
			   "198.52.0.0/16 via 10.0.0.2 via 192.0.2.2 weight 3";
#define GOOD 12

static bool
same_vias(const struct config_router *router, const struct config_route *route,
	const struct config_via *vias, unsigned int n)
{
	if (route->n_vias != n)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		struct config_via via = config_route_via(router, route, i);

		if (!ip_address_equal(&via.address, &vias[i].address) ||
			via.weight != vias[i].weight || via.zone != vias[i].zone)
			return false;
	}
	return true;
}

static bool
same_route(const struct config_router *router, const struct config_route *route,
	const struct config_router *of_other, const struct config_route *other)
{
	struct config_via vias[CONFIG_VIAS_MAX];

	for (unsigned int i = 0; i < other->n_vias; i++)
		vias[i] = config_route_via(of_other, other, i);
	return ip_prefix_equal(&route->prefix, &other->prefix) && route->type == other->type &&
	       route->distance == other->distance && route->line == other->line &&
	       same_vias(router, route, vias, other->n_vias);
}

static void
expect_good(const struct config_router *router, const struct config_route *routes, unsigned int n)
{
	static const struct {
		const char *prefix;
		enum config_route_type type;
		struct {
			const char *address;
			uint32_t zone;
			uint16_t weight;
		} vias[3];
		uint32_t line;
		uint16_t distance;
	} expected[GOOD] = {
#define ANY CONFIG_ZONE_NONE
		{ "10.2.0.0/16", CONFIG_ROUTE_VIA, { { "10.0.0.2", ANY, 1 } }, 3, 1 },
		{ "10.3.0.0/16", CONFIG_ROUTE_BLACKHOLE, { { 0 } }, 4, 1 },
		{ "10.4.0.0/16", CONFIG_ROUTE_UNREACHABLE, { { 0 } }, 5, 1 },
		{ "10.5.0.1/32", CONFIG_ROUTE_PROHIBIT, { { 0 } }, 6, 1 },
		{ "2001:db8:7::/48", CONFIG_ROUTE_VIA, { { "2001:db8::2", ANY, 1 } }, 7, 1 },
		{ "::/0", CONFIG_ROUTE_VIA, { { "fe80::2", 0, 1 } }, 8, 1 },
		{ "2001:db8:8::1/128", CONFIG_ROUTE_UNREACHABLE, { { 0 } }, 9, 1 },
		{ "198.51.0.0/16", CONFIG_ROUTE_VIA, { { "192.0.2.2", ANY, 1 } }, 10, 255 },
		{ "2001:db8:9::/48", CONFIG_ROUTE_VIA,
			{ { "2001:db8::2", ANY, 256 }, { "fe80::7", 0, 1 },
				{ "2001:db8::3", ANY, 1 } },
			11, 7 },
		{ "198.51.0.0/16", CONFIG_ROUTE_VIA, { { "10.0.0.9", ANY, 1 } }, 12, 1 },
		{ "2001:db8:9::/48", CONFIG_ROUTE_BLACKHOLE, { { 0 } }, 13, 8 },
		{ "198.52.0.0/16", CONFIG_ROUTE_VIA,
			{ { "10.0.0.2", ANY, 1 }, { "192.0.2.2", ANY, 3 } }, 14, 1 },
#undef ANY
	};

	CU_ASSERT_FATAL(n == GOOD);
	for (unsigned int i = 0; i < GOOD; i++) {
		struct config_via vias[3];
		struct ip_prefix prefix;
		unsigned int k;

		for (k = 0; k < 3 && expected[i].vias[k].address != NULL; k++) {
			vias[k].weight = expected[i].vias[k].weight;
			vias[k].zone = expected[i].vias[k].zone;
			CU_ASSERT(ip_address_parse(expected[i].vias[k].address, &vias[k].address) ==
				  0);
		}
		CU_ASSERT(ip_prefix_parse(expected[i].prefix, &prefix) == 0);
		CU_ASSERT(ip_prefix_equal(&routes[i].prefix, &prefix));
		CU_ASSERT(routes[i].type == expected[i].type);
		CU_ASSERT(routes[i].line == expected[i].line);
		CU_ASSERT(routes[i].distance == expected[i].distance);
		CU_ASSERT(same_vias(router, &routes[i], vias, k));
	}
}

static void
test_values(void)
{
	for (unsigned int gzip = 0; gzip < 2; gzip++) {
		const struct config_router *router;
		struct outcome o;
		struct loaded l;

		if (gzip)
			write_gzip("w", good, strlen(good));
		else
			write_bytes(good, strlen(good));
		o = config_outcome(TEXT, text_with_file, NULL);
		CU_ASSERT_FATAL(o.config != NULL);
		CU_ASSERT_PTR_NULL(config_oracle(o.config));
		router = &o.config->routers[0];
		CU_ASSERT_STRING_EQUAL(router->routes_file, ROUTES);
		CU_ASSERT_FATAL(router->n_routes == 3 + GOOD && router->n_file_routes == GOOD);
		CU_ASSERT(router->routes[2].line == 19);
		expect_good(router, router->routes + 3, GOOD);
		CU_ASSERT(o.config->routers[1].routes_file == NULL);
		CU_ASSERT(o.config->routers[1].n_file_routes == 0);
		config_discard(&o);
		l = load();
		CU_ASSERT_FATAL(l.rc == 0);
		expect_good(&l.router, l.routes, l.n);
		discard(&l);
	}
}

static void
test_nothing(void)
{
	static const char *const texts[] = { "", "\n", "# nothing\n\n", "#" };

	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct loaded l;

		write_bytes(texts[i], strlen(texts[i]));
		config_expect(TEXT, text_with_file, NULL, "");
		write_gzip("w", texts[i], strlen(texts[i]));
		l = load();
		CU_ASSERT(l.rc == 0 && l.n == 0);
		discard(&l);
	}
}

/* Text of many routes: the i-th is to 20.0.0.0/24 and on. */
static char *
many_routes(unsigned int n, unsigned int n_wrong)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "20.%u.%u.0/24 via 10.0.0.%u\n", i >> 8, i & 255, 2 + i % 250);
	for (unsigned int i = 0; i < n_wrong; i++)
		fprintf(out, "wrong blackhole\n");
	fclose(out);
	return text;
}

static void
test_many(void)
{
	char *text = many_routes(MANY, 0);

	for (unsigned int gzip = 0; gzip < 2; gzip++) {
		struct loaded l;

		if (gzip)
			write_gzip("w", text, strlen(text));
		else
			write_bytes(text, strlen(text));
		l = load();
		CU_ASSERT_FATAL(l.rc == 0 && l.n == MANY);
		for (unsigned int i = 0; i < l.n; i++)
			CU_ASSERT(ip_address_to_ipv4(&l.routes[i].prefix.address) ==
					  0x14000000 + (i << 8) &&
				  ip_address_to_ipv4(&l.routes[i].via) == 0x0a000002 + i % 250 &&
				  l.routes[i].line == i + 1);
		discard(&l);
	}
	free(text);
}

static void
test_many_errors(void)
{
	char *text = many_routes(MANY, 1000);
	char *expected = NULL;
	size_t size;
	FILE *out = open_memstream(&expected, &size);

	/* A route that is found to be wrong after all those, and told before. */
	text[strcspn(text, "\n") - 1] = '1';
	fprintf(out, ROUTES ":1: found \"10.0.0.1\", expected another host's address (interface "
			    "\"lan\" has this one itself)\n");
	for (unsigned int i = 0; i < 19; i++)
		fprintf(out,
			ROUTES ":%u: found \"wrong\", expected a prefix, like "
			       "\"10.1.0.0/16\" or \"2001:db8:1::/48\"\n",
			MANY + 1 + i);
	fprintf(out, ROUTES ": and %u more\n", 1001 - 20);
	fclose(out);
	write_bytes(text, strlen(text));
	config_expect(TEXT, text_with_file, NULL, expected);
	expect_load(expected);
	free(expected);
	free(text);
}

static void
test_max_routes(void)
{
	char *text = config_replace(text_with_file, "\"max_routes\": 100000, ", "");
	char *more = many_routes(5000, 0);

	write_bytes(more, strlen(more));
	config_expect(TEXT, text, NULL,
		"t.json:8: $.routers[0]: found \"max_routes\" at its default of 4096, expected "
		"5007 at least for IPv4: 3 static routes and 5000 of its file, 2 connected "
		"subnets, 2 own "
		"addresses\n");
	free(text);
	text = config_replace(text_with_file, "100000", "5006");
	config_expect(TEXT, text, NULL,
		"t.json:16: $.routers[0].max_routes: found 5006, expected 5007 at least for IPv4: "
		"3 static "
		"routes and 5000 of its file, 2 connected subnets, 2 own addresses\n");
	free(text);
	text = config_replace(text_with_file, "100000", "5007");
	config_expect(TEXT, text, NULL, "");
	free(text);
	free(more);
}

static void
test_long_lines(void)
{
	static const unsigned int lengths[] = { 1000, 1023, 1024, 5000, 65535, 65536, 65537,
		200000 };

	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		bool wrong = lengths[i] > CONFIG_ROUTES_LINE_MAX;
		const char *route = "10.2.0.0/16 blackhole";
		char *text = NULL;

		CU_ASSERT_FATAL(asprintf(&text, "%s\n#%0*u\n%s\n#%0*u", route, lengths[i] - 1, 0,
					route, lengths[i] - 1, 0) > 0);
		write_bytes(text, strlen(text));
#define LONG "found a longer line, expected 1023 characters at most\n"
#define AGAIN \
	ROUTES ":3: found \"10.2.0.0/16\", expected a prefix no other route of the router with " \
	       "distance 1 has " \
	       "(first on line 1)\n"
		expect_load(wrong ? ROUTES ":2: " LONG AGAIN ROUTES ":4: " LONG : AGAIN);
		free(text);
	}
}

/* Files that are none, or too little of one */

static void
test_files(void)
{
	char *text;

	unlink(ROUTES);
	config_expect(TEXT, text_with_file, NULL,
		"t.json:16: $.routers[0].routes_file: found \"" ROUTES
		"\", expected a file of routes (" ROUTES ": No such file or directory)\n");
	expect_load(ROUTES ": found nothing to read (No such file or directory), expected a file "
			   "of routes\n");
	CU_ASSERT(mkdir(ROUTES, 0700) == 0);
	expect_load(ROUTES ": found nothing to read (Is a directory), expected a file of routes\n");
	CU_ASSERT(rmdir(ROUTES) == 0);
	/* Nobody ever writes to it: whoever waits, waits. */
	CU_ASSERT(mkfifo(ROUTES, 0600) == 0);
	expect_load(ROUTES ": found nothing to read (Not a regular file), expected a file of "
			   "routes\n");
	CU_ASSERT(unlink(ROUTES) == 0);
	write_bytes(good, strlen(good));

	text = config_replace(text_with_file, "\"" ROUTES "\"", "\"\"");
	config_expect(TEXT, text, NULL,
		"t.json:16: $.routers[0].routes_file: found \"\", expected the path of a file of "
		"routes\n");
	free(text);
	text = config_replace(text_with_file, "\"" ROUTES "\"", "[\"" ROUTES "\"]");
	config_expect(TEXT, text, NULL,
		"t.json:16: $.routers[0].routes_file: found a list, expected the path of a file of "
		"routes\n");
	free(text);
}

/* A relative path begins where the text is, whether it is a config or a router for the console. */
static void
test_paths(void)
{
	static const char router[] =
		"{\"name\": \"green\", \"routes_file\": \"" ROUTES "\", \"interfaces\": "
		"[{\"name\": \"lan\", \"port\": \"p0\", \"vlan\": 30, \"addresses\": "
		"[\"10.0.0.1/24\", "
		"\"192.0.2.1/24\", \"2001:db8::1/64\"]}]}";
	char path[64];
	struct outcome o;
	FILE *file;

	write_bytes(good, strlen(good));
	snprintf(path, sizeof(path), "%s/t.json", folder);
	file = fopen(path, "w");
	CU_ASSERT_FATAL(file != NULL);
	fputs(text_with_file, file);
	fclose(file);
	CU_ASSERT_FATAL(chdir("/") == 0);
	o = config_outcome(FILE_AT, path, NULL);
	CU_ASSERT_FATAL(o.config != NULL);
	CU_ASSERT(o.config->routers[0].n_file_routes == GOOD);
	CU_ASSERT(strncmp(o.config->routers[0].routes_file, folder, strlen(folder)) == 0);
	config_discard(&o);
	CU_ASSERT_FATAL(chdir(folder) == 0);
	unlink(path);

	o = config_outcome(ROUTER, router, base);
	CU_ASSERT_FATAL(o.config != NULL);
	CU_ASSERT(o.config->routers[0].n_file_routes == GOOD);
	config_discard(&o);
	write_bytes("10.2.0.0/16 via 10.1.0.2\n", 25);
	config_expect(ROUTER, router, base,
		ROUTES ":1: found \"10.1.0.2\", expected an address in a subnet of one of the "
		       "router's interfaces (10.0.0.0/24, 192.0.2.0/24)\n");
}

/* Cut off anywhere, compressed data is refused; so is anything after it that is none. */
static void
test_truncated_gzip(void)
{
	char *text = many_routes(300, 0);
	struct loaded l;
	char *bytes;
	size_t n;

	write_gzip("w", text, strlen(text));
	bytes = read_bytes(&n);
	for (size_t i = 2; i < n; i++) {
		write_bytes(bytes, i);
		l = load();
		CU_ASSERT(l.rc != 0);
		CU_ASSERT(strstr(l.errors, ": found the end of the file within compressed data, "
					   "expected its rest\n") != NULL);
		discard(&l);
	}
	bytes[n] = 'x';
	write_bytes(bytes, n + 1);
	l = load();
	CU_ASSERT(l.rc != 0 && strstr(l.errors, ":301: found the end of the file") != NULL);
	discard(&l);
	memcpy(bytes + n, "20.200.0.0/24 blackhole\n", 24);
	write_bytes(bytes, n + 24);
	expect_load(ROUTES ":301: found damaged compressed data (incorrect header check), expected "
			   "that of gzip\n");
	/* What was compressed in two parts is one text. */
	write_bytes(bytes, n);
	write_gzip("a", "20.200.0.0/24 blackhole\n", 24);
	l = load();
	CU_ASSERT_FATAL(l.rc == 0 && l.n == 301);
	CU_ASSERT(ip_address_to_ipv4(&l.routes[300].prefix.address) == 0x14c80000 &&
		  l.routes[300].line == 301);
	discard(&l);
	free(bytes);
	free(text);
}

/* A byte that is another: refused, or it did not matter. */
static void
test_damaged_gzip(void)
{
	char *text = many_routes(300, 0);
	unsigned int refused = 0;
	struct loaded whole;
	char *bytes;
	size_t n;

	write_gzip("w", text, strlen(text));
	whole = load();
	CU_ASSERT_FATAL(whole.rc == 0 && whole.n == 300);
	bytes = read_bytes(&n);
	for (size_t i = 2; i < n; i++) {
		struct loaded l;

		bytes[i] ^= 1 << i % 8;
		write_bytes(bytes, n);
		bytes[i] ^= 1 << i % 8;
		l = load();
		CU_ASSERT(l.rc != 0 || l.n == whole.n);
		refused += l.rc != 0;
		for (unsigned int k = 0; l.rc == 0 && k < l.n; k++)
			CU_ASSERT(same_route(
				&l.router, &l.routes[k], &whole.router, &whole.routes[k]));
		discard(&l);
	}
	CU_ASSERT(refused > n - 20);
	discard(&whole);
	free(bytes);
	free(text);
}

/* Whatever the file is, nothing crashes, errors are said well, and what is accepted is right. */

static bool
well_formed(const char *errors)
{
	uint32_t last = 0;

	while (*errors != '\0') {
		const char *end = strchr(errors, '\n');
		unsigned int line;

		if (end == NULL || (sscanf(errors, ROUTES ":%u:", &line) != 1 &&
					   sscanf(errors, ROUTES ": and %u more", &line) != 1))
			return false;
		if (strstr(errors, " more\n") != end - 5 &&
			(line < last || memmem(errors, end - errors, " expected ", 10) == NULL))
			return false;
		last = line;
		errors = end + 1;
	}
	return true;
}

static size_t
mutate(char *bytes)
{
	static const char *const words[] = { " via ", "10.0.0.2", "blackhole", "#", "\n", "/", "1",
		" ", "0", "10.0.0.0/24", "198.51.0.0/16", "%wan", "%lan", "fe80::", "::2",
		"2001:db8::", "/64", "2001:db8::1", " weight 2", " distance 2", " distance ", "255",
		" via 2001:db8::3" };
	size_t n = strlen(good);

	memcpy(bytes, good, n);
	for (long changes = random() % 3; changes >= 0; changes--) {
		size_t at = random() % n;
		const char *word = words[random() % (sizeof(words) / sizeof(words[0]))];

		if (random() % 3 == 0) {
			bytes[at] = (char)random();
		} else if (random() % 2 == 0) {
			size_t size = strlen(word) < n - at ? strlen(word) : n - at;

			memcpy(bytes + at, word, size);
		} else {
			memmove(bytes + at, bytes + at + 1, n - at - 1);
			n--;
		}
	}
	return n;
}

static void
test_mutations(void)
{
	const char *given = getenv("TEST_SEED");
	unsigned int seed = given != NULL ? strtoul(given, NULL, 0) : 20260101;
	unsigned int accepted = 0;
	char bytes[sizeof(good)];

	printf("(seed %u) ", seed);
	srandom(seed);
	for (unsigned int i = 0; i < MUTATIONS; i++) {
		size_t n = mutate(bytes);
		struct outcome o;

		write_bytes(bytes, n);
		o = config_outcome(TEXT, text_with_file, NULL);
		CU_ASSERT(o.config == NULL || config_oracle(o.config) == NULL);
		CU_ASSERT(well_formed(o.errors));
		if (!well_formed(o.errors))
			printf("\n  not well said:\n%s", o.errors);
		accepted += o.config != NULL;
		config_discard(&o);
	}
	CU_ASSERT(accepted > MUTATIONS / 100 && accepted < MUTATIONS);
}

CU_TestInfo config_routes_tests[] = {
	{ "values", test_values },
	{ "nothing", test_nothing },
	{ "many", test_many },
	{ "errors", test_errors },
	{ "many errors", test_many_errors },
	{ "max_routes", test_max_routes },
	{ "long lines", test_long_lines },
	{ "files", test_files },
	{ "paths", test_paths },
	{ "truncated gzip", test_truncated_gzip },
	{ "damaged gzip", test_damaged_gzip },
	{ "mutations", test_mutations },
	CU_TEST_INFO_NULL,
};
