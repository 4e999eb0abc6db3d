/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <rte_config.h>

#include "config_fixture.h"
#include "config_oracle.h"
#include "schema/document.h"

/* What is read */

static bool
is_address(const struct ip_address *address, const char *text)
{
	char is[IP_ADDRESS_TEXT_SIZE];

	return strcmp(ip_address_text(address, is), text) == 0;
}

static bool
is_prefix(const struct ip_prefix *prefix, const char *text)
{
	char is[IP_PREFIX_TEXT_SIZE];

	return strcmp(ip_prefix_text(prefix, is), text) == 0;
}

static bool
is_route(const struct config_route *route, const char *prefix, uint8_t type, uint32_t line)
{
	return is_prefix(&route->prefix, prefix) && route->type == type && route->line == line;
}

static void
test_values(void)
{
	struct outcome o = config_outcome(TEXT,
		"{\"quantum_us\": 25, \"cost\": {\"mode\": \"sampled\", \"period\": 7, "
		"\"phase\": \"fixed\"}, \"watchdog\": {\"soft_ms\": 7, \"hard_ms\": 8}, "
		"\"mbufs\": 8191, \"ports\": [\n"
		"{\"name\": \"p0\", \"device\": \"net_tap0,iface=x\", \"rx_descriptors\": 512,\n"
		" \"tx_descriptors\": 256, \"mtu\": 9000, \"lcore\": 2}],\n"
		"\"routers\": [\n"
		"{\"name\": \"A.b_c-9\", \"weight\": 10000, \"lcore\": 3, \"fifo\": 32,\n"
		" \"reserve\": {\"runtime_us\": 7, \"period_us\": 100}, "
		"\"limit\": {\"runtime_us\": 100000, \"period_us\": 100000},"
		" \"table_engine\": \"lpm\", \"max_routes\": 9, \"max_neighbours\": 2, "
		"\"neighbour_timeout\": 60,\n"
		" \"icmp_rate\": 0, \"echo_rate\": 7, \"redirects\": false,"
		" \"accept_source_route\": true, \"interfaces\": [\n"
		"  {\"name\": \"i\", \"port\": \"p0\", \"vlan\": 4094, \"outer_vlan\": 1, \"mac\": "
		"\"02:aB:00:00:00:0f\",\n"
		"   \"addresses\": [\"10.1.2.3/24\", \"192.0.2.0/31\", \"192.0.2.255/32\"]}],\n"
		" \"routes\": [{\"via\": \"192.0.2.1\", \"prefix\": \"0.0.0.0/0\"},\n"
		"  {\"prefix\": \"10.2.0.0/16\", \"type\": \"blackhole\"},\n"
		"  {\"prefix\": \"10.3.0.0/16\", \"type\": \"unreachable\"},\n"
		"  {\"prefix\": \"10.4.0.1/32\", \"type\": \"prohibit\"}],\n"
		" \"neighbours\": [{\"interface\": \"i\", \"address\": \"192.0.2.1\",\n"
		"  \"mac\": \"02:00:00:00:00:02\"}]}]}",
		NULL);
	const struct config_interface *i;
	const struct config_router *r;
	const struct config_port *p;

	CU_ASSERT_FATAL(o.config != NULL);
	CU_ASSERT(o.config->quantum_us == 25 && o.config->mbufs == 8191);
	CU_ASSERT_FATAL(o.config->cost != NULL);
	CU_ASSERT(o.config->cost->mode == CONFIG_COST_SAMPLED && o.config->cost->period == 7);
	CU_ASSERT(o.config->cost->phase == CONFIG_COST_PHASE_FIXED);
	CU_ASSERT_FATAL(o.config->watchdog != NULL);
	CU_ASSERT(o.config->watchdog->soft_ms == 7 && o.config->watchdog->hard_ms == 8);
	CU_ASSERT_FATAL(o.config->n_ports == 1 && o.config->n_routers == 1);
	p = &o.config->ports[0];
	CU_ASSERT_STRING_EQUAL(p->name, "p0");
	CU_ASSERT_STRING_EQUAL(p->device, "net_tap0,iface=x");
	CU_ASSERT(p->rx_descriptors == 512 && p->tx_descriptors == 256);
	CU_ASSERT(p->mtu == 9000 && p->lcore == 2 && p->line == 2);
	r = &o.config->routers[0];
	CU_ASSERT_STRING_EQUAL(r->name, "A.b_c-9");
	CU_ASSERT_FATAL(r->reserve != NULL && r->limit != NULL);
	CU_ASSERT(r->reserve->runtime_us == 7 && r->reserve->period_us == 100);
	CU_ASSERT(r->limit->runtime_us == 100000 && r->limit->period_us == 100000);
	CU_ASSERT(r->weight == 10000 && r->lcore == 3 && r->fifo == 32 && r->line == 5);
	CU_ASSERT(r->max_routes == 9 && r->max_neighbours == 2 && r->neighbour_timeout == 60);
	CU_ASSERT(
		r->icmp_rate == 0 && r->echo_rate == 7 && !r->redirects && r->accept_source_route);
	CU_ASSERT(r->table_engine == CONFIG_TABLE_ENGINE_LPM);
	CU_ASSERT_FATAL(r->n_interfaces == 1 && r->n_routes == 4 && r->n_neighbours == 1);
	i = &r->interfaces[0];
	CU_ASSERT_STRING_EQUAL(i->name, "i");
	CU_ASSERT_STRING_EQUAL(i->port, "p0");
	CU_ASSERT(i->vlan == 4094 && i->outer_vlan == 1 && i->has_mac && i->line == 8);
	CU_ASSERT(memcmp(&i->mac, "\x02\xab\0\0\0\x0f", 6) == 0);
	CU_ASSERT_FATAL(i->n_addresses == 3);
	CU_ASSERT(is_prefix(&i->addresses[0], "10.1.2.3/24"));
	CU_ASSERT(is_prefix(&i->addresses[1], "192.0.2.0/31"));
	CU_ASSERT(is_prefix(&i->addresses[2], "192.0.2.255/32"));
	CU_ASSERT(is_route(&r->routes[0], "0.0.0.0/0", CONFIG_ROUTE_VIA, 10));
	CU_ASSERT(is_address(&r->routes[0].via, "192.0.2.1"));
	CU_ASSERT(is_route(&r->routes[1], "10.2.0.0/16", CONFIG_ROUTE_BLACKHOLE, 11));
	CU_ASSERT(is_route(&r->routes[2], "10.3.0.0/16", CONFIG_ROUTE_UNREACHABLE, 12));
	CU_ASSERT(is_route(&r->routes[3], "10.4.0.1/32", CONFIG_ROUTE_PROHIBIT, 13));
	for (unsigned int k = 0; k < 4; k++)
		CU_ASSERT(r->routes[k].zone == CONFIG_ZONE_NONE);
	CU_ASSERT_STRING_EQUAL(r->neighbours[0].interface, "i");
	CU_ASSERT(is_address(&r->neighbours[0].address, "192.0.2.1"));
	CU_ASSERT(r->neighbours[0].line == 14);
	CU_ASSERT(memcmp(&r->neighbours[0].mac, "\x02\0\0\0\0\x02", 6) == 0);
	config_discard(&o);
}

static bool
is_via(struct config_via via, const char *address, uint16_t weight, uint32_t zone)
{
	return is_address(&via.address, address) && via.weight == weight && via.zone == zone;
}

/* The same of the other family: the router "gold" of config_base. */
static void
test_ipv6_values(void)
{
	struct outcome o = config_outcome(TEXT, config_base, NULL);
	const struct config_router *r;

	CU_ASSERT_FATAL(o.config != NULL && o.config->n_routers == 6);
	r = &o.config->routers[2];
	CU_ASSERT(r->table_engine == CONFIG_TABLE_ENGINE_COMPACT);
	CU_ASSERT_FATAL(r->n_interfaces == 2 && r->n_routes == 4 && r->n_neighbours == 2);
	CU_ASSERT_FATAL(r->interfaces[0].n_addresses == 3 && r->interfaces[1].n_addresses == 2);
	CU_ASSERT(is_prefix(&r->interfaces[0].addresses[0], "2001:db8::1/64"));
	CU_ASSERT(is_prefix(&r->interfaces[0].addresses[1], "fe80::1/64"));
	CU_ASSERT(is_prefix(&r->interfaces[0].addresses[2], "10.0.0.1/24"));
	CU_ASSERT(is_prefix(&r->interfaces[1].addresses[0], "2001:db8:ffff::/127"));
	CU_ASSERT(is_prefix(&r->interfaces[1].addresses[1], "fe80::1/64"));
	CU_ASSERT(is_route(&r->routes[0], "::/0", CONFIG_ROUTE_VIA, 39));
	CU_ASSERT(is_address(&r->routes[0].via, "2001:db8:ffff::1"));
	CU_ASSERT(r->routes[0].zone == CONFIG_ZONE_NONE);
	CU_ASSERT(is_route(&r->routes[1], "2001:db8:1::/48", CONFIG_ROUTE_VIA, 40));
	CU_ASSERT(is_address(&r->routes[1].via, "fe80::2") && r->routes[1].zone == 1);
	CU_ASSERT(is_route(&r->routes[2], "2001:db8:2::/48", CONFIG_ROUTE_PROHIBIT, 41));
	CU_ASSERT(r->routes[2].zone == CONFIG_ZONE_NONE && r->routes[2].n_vias == 0);
	for (unsigned int k = 0; k < 3; k++)
		CU_ASSERT(r->routes[k].distance == CONFIG_DISTANCE_DEFAULT);
	CU_ASSERT(is_route(&r->routes[3], "2001:db8:2::/48", CONFIG_ROUTE_VIA, 41));
	CU_ASSERT_FATAL(r->routes[3].distance == 255 && r->routes[3].n_vias == 2);
	CU_ASSERT(
		is_via(config_route_via(r, &r->routes[3], 0), "2001:db8::7", 1, CONFIG_ZONE_NONE));
	CU_ASSERT(is_via(config_route_via(r, &r->routes[3], 1), "fe80::7", 256, 0));
	CU_ASSERT(is_via(config_route_via(r, &r->routes[1], 0), "fe80::2", 1, 1));
	CU_ASSERT(is_address(&r->neighbours[0].address, "2001:db8::2"));
	CU_ASSERT(is_address(&r->neighbours[1].address, "fe80::2"));
	config_discard(&o);
}

static void
test_defaults(void)
{
	struct outcome o = config_outcome(TEXT,
		"{\"ports\": [{\"name\": \"p\", \"device\": \"net_null0\"}], \"routers\": "
		"[{\"name\": \"r\", \"interfaces\": [{\"name\": \"i\", \"port\": \"p\", "
		"\"addresses\": []}]}, {\"name\": \"s\"}]}",
		NULL);
	const struct config_router *r;
	const struct config_port *p;

	CU_ASSERT_FATAL(o.config != NULL && o.config->n_routers == 2);
	p = o.config->ports;
	r = o.config->routers;
	CU_ASSERT(o.config->quantum_us == 10 && o.config->mbufs == 0);
	CU_ASSERT(o.config->cost == NULL && o.config->watchdog == NULL);
	CU_ASSERT(p->rx_descriptors == CONFIG_DESCRIPTORS_DEFAULT);
	CU_ASSERT(p->tx_descriptors == CONFIG_DESCRIPTORS_DEFAULT);
	CU_ASSERT(p->mtu == CONFIG_MTU_DEFAULT && p->lcore == CONFIG_LCORE_ANY);
	CU_ASSERT(r->weight == 1 && r->lcore == CONFIG_LCORE_ANY);
	CU_ASSERT(r->reserve == NULL && r->limit == NULL);
	CU_ASSERT(r->fifo == CONFIG_FIFO_DEFAULT);
	CU_ASSERT(r->table_engine == CONFIG_TABLE_ENGINE_COMPACT);
	CU_ASSERT(r->max_routes == CONFIG_MAX_ROUTES_DEFAULT);
	CU_ASSERT(r->max_neighbours == CONFIG_MAX_NEIGHBOURS_DEFAULT);
	CU_ASSERT(r->neighbour_timeout == CONFIG_NEIGHBOUR_TIMEOUT_DEFAULT);
	CU_ASSERT(r->icmp_rate == CONFIG_ICMP_RATE_DEFAULT);
	CU_ASSERT(r->echo_rate == CONFIG_ECHO_RATE_DEFAULT);
	CU_ASSERT(r->redirects && !r->accept_source_route);
	CU_ASSERT(r->interfaces[0].mtu == CONFIG_MTU_OF_PORT);
	CU_ASSERT(r->interfaces[0].vlan == CONFIG_VLAN_NONE && !r->interfaces[0].has_mac);
	CU_ASSERT(r->interfaces[0].outer_vlan == CONFIG_VLAN_NONE);
	CU_ASSERT(r->interfaces[0].n_addresses == 0);
	CU_ASSERT(r[1].n_interfaces == 0 && r[1].n_routes == 0 && r[1].n_neighbours == 0);
	config_discard(&o);
}

/* What is near an error, and none */
static void
test_allowed(void)
{
	static const char *const pairs[][2] = {
		{ "\"192.0.2.1/30\"", "\"192.0.2.1/30\", \"10.0.0.9/29\"" },
		{ "\"10.1.0.0/16\"", "\"10.0.0.0/25\"" },
		{ "\"10.1.0.0/16\"", "\"10.0.0.2/32\"" },
		{ "\"weight\": 3", "\"max_routes\": 7, \"max_neighbours\": 2" },
		{ "\"weight\": 3", "\"weight\": 10000, \"fifo\": 65536, \"echo_rate\": 0" },
		{ "\"vlan\": 20", "\"vlan\": 10" },
		{ "\"vlan\": 20", "\"vlan\": 10, \"outer_vlan\": 10" },
		{ "\"vlan\": 20",
			"\"outer_vlan\": 4094, \"vlan\": 10, \"mac\": \"02:00:00:00:00:01\"" },
		{ "\"name\": \"blue\"", "\"name\": \"ALL\"" },
		{ "\"weight\": 3", "\"table_engine\": \"fib\"" },
		/* each family by itself: 4 static, 2 connected, 2 own; 1 connected, 1 own */
		{ "\"compact\"", "\"compact\", \"max_routes\": 8, \"max_neighbours\": 5" },
		{ "2001:db8:ffff::/127", "2001:db8:ffff::/127\", \"2001:db8:fffe::/128" },
		{ "2001:db8::1/64", "2001:db8:0:0:ffff:ffff:ffff:ffff/64" },
		{ "2001:db8::1/64", "2001:db8::1.2.3.4/64" },
		{ "\"fe80::1/64\", \"10.0.0.1/24\"", "\"FE80::ffff:ffff:ffff:ffff/64\"" },
		{ "\"2001:db8:ffff::/127\", \"fe80::1/64\"", "\"2001:db8:ffff::/127\"" },
		{ "fe80::2%seven", "fe80::2%six" },
		/* one gateway is one however it is written; another interface's is another */
		{ "\"192.0.2.2\"", "[\"192.0.2.2\"]" },
		{ "\"192.0.2.2\"", "[{\"address\": \"192.0.2.2\", \"weight\": 7}]" },
		{ "\"192.0.2.2\"", "[\"192.0.2.2\", {\"address\": \"10.0.0.2\"}]" },
		{ "2001:db8::7", "fe80::7%seven" },
		{ "\"distance\": 255", "\"distance\": 2" },
		{ "fe80::2%seven", "fe80::1:2%seven" },
		{ "2001:db8:1::/48", "fc00::/6" },
		{ "2001:db8:1::/48", "2001:db8::/65" },
		{ "2001:db8:1::/48", "2001:db8::2/128" },
		{ "\"seven\", \"address\": \"fe80::2\"", "\"six\", \"address\": \"fe80::2\"" },
		{ "\"name\": \"p1\", \"device\": \"0000:03:00.0\"",
			"\"device\": \"10000:e1:1f.7,x=y z\", \"name\": \"p1\"" },
	};

	config_expect(TEXT, config_base, NULL, "");
	for (unsigned int i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *text = config_replace(config_base, pairs[i][0], pairs[i][1]);

		config_expect(TEXT, text, NULL, "");
		free(text);
	}
}

static void
test_examples(void)
{
	DIR *dir = opendir(config_examples_dir);
	const struct dirent *entry;
	unsigned int n = 0;

	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		char path[4096];
		struct outcome o;

		if (dot == NULL || strcmp(dot, ".json") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", config_examples_dir, entry->d_name);
		o = config_outcome(FILE_AT, path, NULL);
		CU_ASSERT_STRING_EQUAL(o.errors, "");
		CU_ASSERT_FATAL(o.config != NULL);
		CU_ASSERT_PTR_NULL(config_oracle(o.config));
		config_discard(&o);
		n++;
	}
	closedir(dir);
	CU_ASSERT(n > 0);
}

/* What is refused: config_errors.txt, which says how it is to be read */

struct error_case {
	char piece[1024];
	char with[4096];
	char errors[4096];
	bool whole;
	unsigned int line;
};

static void
append(char *to, size_t size, const char *line, const char *lead)
{
	size_t used = strlen(to);

	CU_ASSERT_FATAL(used + strlen(lead) + strlen(line) < size);
	snprintf(to + used, size - used, "%s%s", lead, line);
}

static void
run_error_case(const struct error_case *c)
{
	char *text;

	CU_ASSERT_FATAL(c->whole || strstr(config_base, c->piece) != NULL);
	CU_ASSERT_FATAL(c->errors[0] != '\0');
	text = c->whole ? strdup(c->with) : config_replace(config_base, c->piece, c->with);
	config_expect(TEXT, text, NULL, c->errors);
	free(text);
}

static void
take_line(struct error_case *c, const char *line)
{
	if (strncmp(line, "- ", 2) == 0)
		append(c->piece, sizeof(c->piece), line + 2, c->piece[0] != '\0' ? "\n" : "");
	else if (strncmp(line, "+ ", 2) == 0)
		append(c->with, sizeof(c->with), line + 2, c->with[0] != '\0' ? "\n" : "");
	else if (strncmp(line, "= ", 2) == 0) {
		append(c->errors, sizeof(c->errors), line + 2, "t.json:");
		append(c->errors, sizeof(c->errors), "\n", "");
	} else if (strcmp(line, "*") == 0)
		c->whole = true;
	else
		CU_ASSERT_FATAL(line[0] == '#' || line[0] == '\t' || strcmp(line, "schema") == 0);
}

static void
test_errors(void)
{
	char *all = config_read(config_data_dir, "config_errors.txt");
	struct error_case c = { 0 };
	unsigned int n = 0;
	char *rest = all;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '\0') {
			take_line(&c, line);
			continue;
		}
		if (c.piece[0] != '\0' || c.whole) {
			run_error_case(&c);
			n++;
		}
		c = (struct error_case){ 0 };
	}
	CU_ASSERT(n > 100);
	free(all);
}

static void
test_too_many(void)
{
	char *ports = NULL;
	char *expected = NULL;
	char *text;
	size_t size;
	FILE *out = open_memstream(&ports, &size);

	fprintf(out, "\"ports\": [");
	for (unsigned int i = 0; i < RTE_MAX_ETHPORTS - 1; i++)
		fprintf(out, "{\"name\": \"q%u\", \"device\": \"net_null%u\"}, ", i, i + 1);
	fclose(out);
	text = config_replace(config_base, "\"ports\": [", ports);
	CU_ASSERT_FATAL(asprintf(&expected,
				"t.json:3: $.ports: found %d ports, expected at most %d, the "
				"limit of this DPDK\n",
				RTE_MAX_ETHPORTS + 1, RTE_MAX_ETHPORTS) > 0);
	config_expect(TEXT, text, NULL, expected);
	free(expected);
	free(text);
	free(ports);

	text = config_replace(config_base, "\"weight\": 3", "\"lcore\": 1000000");
	CU_ASSERT_FATAL(asprintf(&expected,
				"t.json:9: $.routers[0].lcore: found 1000000, expected an integer "
				"from 0 to %d\n",
				RTE_MAX_LCORE - 1) > 0);
	config_expect(TEXT, text, NULL, expected);
	free(expected);
	free(text);
}

/* Files that are none, or too much of one */

static void
write_file(const char *path, const void *bytes, size_t n, off_t size)
{
	FILE *file = fopen(path, "w");

	CU_ASSERT_FATAL(file != NULL);
	CU_ASSERT(fwrite(bytes, 1, n, file) == n);
	CU_ASSERT(fflush(file) == 0);
	CU_ASSERT(ftruncate(fileno(file), size) == 0);
	fclose(file);
}

static void
expect_file(const char *path, const char *format)
{
	char *errors = NULL;

	CU_ASSERT_FATAL(asprintf(&errors, format, path) >= 0);
	config_expect(FILE_AT, path, NULL, errors);
	free(errors);
}

static void
test_files(void)
{
	static const char mark[] = "\xef\xbb\xbf{}";
	static const char nul[] = "{\n\0}";
	char dir[] = "/tmp/test_config.XXXXXX";
	char path[64];

	CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
	expect_file(dir, "%s: found a directory, expected a JSON file\n");
	snprintf(path, sizeof(path), "%s/c.json", dir);
	expect_file(path, "%s: found nothing to read (No such file or directory), "
			  "expected a JSON file\n");
	write_file(path, "", 0, 0);
	expect_file(path, "%s:1: $: found an empty text, expected a JSON object\n");
	write_file(path, " \n\t", 3, 3);
	expect_file(path, "%s:2: $: found an empty text, expected a JSON object\n");
	write_file(path, mark, 5, 5);
	expect_file(path, "%s:1: $: found a byte order mark, expected a JSON object\n");
	write_file(path, nul, 4, 4);
	expect_file(path, "%s:2: $: found a NUL byte, expected a key in double quotes\n");
	write_file(path, "{}", 2, DOCUMENT_FILE_MAX + 1);
	expect_file(path, "%s: found over 64 MiB, expected a JSON file of at most that\n");
	write_file(path, config_base, strlen(config_base), strlen(config_base));
	expect_file(path, "");
	CU_ASSERT(chmod(path, 0) == 0);
	if (access(path, R_OK) != 0) /* root may read it even so */
		expect_file(path, "%s: found nothing to read (Permission denied), "
				  "expected a JSON file\n");
	strcat(path, "/c.json");
	expect_file(path, "%s: found nothing to read (Not a directory), expected a JSON file\n");
	*strrchr(path, '/') = '\0';
	CU_ASSERT(unlink(path) == 0);
	CU_ASSERT(rmdir(dir) == 0);
}

/* One router joins those that run */

static void
test_router(void)
{
	static const char good[] =
		"{\"name\": \"green\", \"interfaces\": [{\"name\": \"lan\", \"port\": \"p0\", "
		"\"vlan\": 10, \"mac\": \"02:00:00:00:00:02\", \"addresses\": [\"10.0.0.1/24\"]}]}";
	struct outcome running = config_outcome(TEXT, config_base, NULL);
	struct config nothing = { 0 };
	struct outcome o;

	CU_ASSERT_FATAL(running.config != NULL);
	o = config_outcome(ROUTER, good, running.config);
	CU_ASSERT_FATAL(o.config != NULL);
	CU_ASSERT(o.config->n_ports == 0 && o.config->n_routers == 1);
	CU_ASSERT_STRING_EQUAL(o.config->routers[0].name, "green");
	CU_ASSERT(o.config->routers[0].weight == 1 && o.config->routers[0].n_interfaces == 1);
	config_discard(&o);

	config_expect(ROUTER, "{\"name\": \"red\"}", running.config,
		"console:1: $.name: found \"red\", expected a name no other router has (one that "
		"runs has it)\n");
	config_expect(ROUTER,
		"{\"name\": \"green\", \"interfaces\": [{\"name\": \"a\", \"port\": \"p2\",\n"
		" \"addresses\": []}, {\"name\": \"b\", \"port\": \"p0\", \"vlan\": 20,\n"
		" \"addresses\": []}, {\"name\": \"c\", \"port\": \"p1\", \"vlan\": 7,\n"
		" \"addresses\": []}, {\"name\": \"d\", \"port\": \"p1\", \"vlan\": 7,\n"
		" \"addresses\": []}]}",
		running.config,
		"console:1: $.interfaces[0].port: found \"p2\", expected the name of a port: "
		"\"p0\", \"p1\"\n"
		"console:2: $.interfaces[1]: found port \"p0\", VLAN 20, the port's own MAC, "
		"expected a port, VLAN and MAC that no other interface has together (interface "
		"\"lan\" of router \"red\" has them, which runs)\n"
		"console:4: $.interfaces[3]: found port \"p1\", VLAN 7, the port's own MAC, "
		"expected a port, VLAN and MAC that no other interface has together (interface "
		"\"c\" of router \"green\" has them, line 3)\n");
	config_expect(ROUTER, "{\"weight\": 0, \"ports\": []}", running.config,
		"console:1: $: found no \"name\", expected a name of 1 to 31 characters out of "
		"A-Z, a-z, 0-9, \"_\", \".\" and \"-\"\n"
		"console:1: $.weight: found 0, expected an integer from 1 to 10000\n"
		"console:1: $.ports: found an unknown key, expected one of \"name\", \"weight\", "
		"\"reserve\", \"limit\", "
		"\"lcore\", \"fifo\", \"forwarder\", \"table_engine\", \"max_routes\", "
		"\"max_neighbours\", "
		"\"neighbour_timeout\", "
		"\"icmp_rate\", \"echo_rate\", \"redirects\", \"accept_source_route\", "
		"\"interfaces\", \"routes\", \"routes_file\", "
		"\"neighbours\", \"multicast_routes\", \"pipeline\"\n");
	config_expect(ROUTER, "[]", running.config,
		"console:1: $: found an empty list, expected an object (a router)\n");
	config_expect(ROUTER, "", running.config,
		"console:1: $: found an empty text, expected a JSON object\n");
	config_expect(ROUTER, "{\"name\": \"red\"}", &nothing, "");
	config_expect(ROUTER, good, &nothing,
		"console:1: $.interfaces[0].port: found \"p0\", expected the name of a port: "
		"(there is none)\n");
	config_discard(&running);
}

int
main(int argc, char **argv)
{
	static CU_TestInfo tests[] = {
		{ "values", test_values },
		{ "IPv6 values", test_ipv6_values },
		{ "defaults", test_defaults },
		{ "allowed", test_allowed },
		{ "examples", test_examples },
		{ "errors", test_errors },
		{ "too many", test_too_many },
		{ "files", test_files },
		{ "router", test_router },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "config", NULL, NULL, NULL, NULL, tests },
		{ "config, whatever comes", NULL, NULL, NULL, NULL, config_robust_tests },
		{ "config, text forms", NULL, NULL, NULL, NULL, config_text_tests },
		{ "config, files of routes", config_routes_setup, config_routes_cleanup, NULL, NULL,
			config_routes_tests },
		CU_SUITE_INFO_NULL,
	};
	unsigned int failures;

	if (argc != 3) {
		fprintf(stderr, "usage: %s DATA_DIR EXAMPLES_DIR\n", argv[0]);
		return 2;
	}
	config_data_dir = argv[1];
	config_examples_dir = argv[2];
	config_base = config_read(config_data_dir, "config_base.json");
	if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
		return 2;
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	free(config_base);
	return failures != 0;
}
