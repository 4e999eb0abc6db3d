/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_string.h>
#include <rte_string_fns.h>

#include "console.h"
#include "report.h"
#include "route_list.h"
#include "stats.h"
#include "table.h"
#include "vrf/neighbour.h"

/*
 * The commands, by librte_cmdline: it parses and completes words. What a word means is checked by
 * the command, so that the message can name what is wrong with it.
 */

struct words {
	cmdline_fixed_string_t verb;
	cmdline_fixed_string_t noun;
	cmdline_fixed_string_t name;
	cmdline_fixed_string_t arguments[4];
	cmdline_fixed_string_t json;
	cmdline_multi_string_t rest;
};

static_assert(sizeof(struct words) <= CMDLINE_PARSE_RESULT_BUFSIZE, "cmdline's result buffer");

/* cmdline's callbacks carry no context of ours; all run on the control thread, one at a time. */
static struct console_session *session;
static struct vrouter *completing;
static struct cmdline *parser;

static int
word_length(const char *text)
{
	int length = 0;

	while (!cmdline_isendoftoken(text[length]))
		length++;
	return length;
}

static int
parse_word(cmdline_parse_token_hdr_t *token, const char *text, void *result, unsigned int size)
{
	int length = word_length(text);

	(void)token;
	if (length == 0 || length >= STR_TOKEN_SIZE || (result != NULL && size < STR_TOKEN_SIZE))
		return -1;
	if (result != NULL) {
		memcpy(result, text, (size_t)length);
		((char *)result)[length] = '\0';
	}
	return length;
}

static int
count_nothing(cmdline_parse_token_hdr_t *token)
{
	(void)token;
	return 0;
}

static int
complete_nothing(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	(void)token;
	(void)index;
	(void)text;
	(void)size;
	return -1;
}

static int
count_routers(cmdline_parse_token_hdr_t *token)
{
	struct router *router;
	int n = 0;

	(void)token;
	TAILQ_FOREACH(router, &completing->routers, link)
		n++;
	return n;
}

static int
complete_router(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	struct router *router;

	(void)token;
	TAILQ_FOREACH(router, &completing->routers, link)
		if (index-- == 0)
			return strlcpy(text, router->name, size) < size ? 0 : -1;
	return -1;
}

static int
count_routers_and_all(cmdline_parse_token_hdr_t *token)
{
	return count_routers(token) + 1;
}

static int
complete_router_or_all(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	if (index == 0)
		return strlcpy(text, "all", size) < size ? 0 : -1;
	return complete_router(token, index - 1, text, size);
}

static int
count_ports(cmdline_parse_token_hdr_t *token)
{
	(void)token;
	return (int)completing->n_ports + 1;
}

static int
complete_port(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const char *name = index == 0 ? "all" : completing->ports[index - 1].name;

	(void)token;
	return strlcpy(text, name, size) < size ? 0 : -1;
}

static int
help_word(cmdline_parse_token_hdr_t *token, char *text, unsigned int size)
{
	(void)token;
	strlcpy(text, "a word", size);
	return 0;
}

static struct cmdline_token_ops word_ops = { parse_word, count_nothing, complete_nothing,
	help_word };
static struct cmdline_token_ops router_ops = { parse_word, count_routers, complete_router,
	help_word };
static struct cmdline_token_ops router_or_all_ops = { parse_word, count_routers_and_all,
	complete_router_or_all, help_word };
static struct cmdline_token_ops port_ops = { parse_word, count_ports, complete_port, help_word };

#define CUSTOM_TOKEN(identifier, field, operations) \
	static struct cmdline_token_hdr identifier = { .ops = &(operations), \
		.offset = offsetof(struct words, field) }
#define FIXED_TOKEN(identifier, field, text) \
	static cmdline_parse_token_string_t identifier = \
		TOKEN_STRING_INITIALIZER(struct words, field, text)

FIXED_TOKEN(word_show, verb, "show");
FIXED_TOKEN(word_set, verb, "set");
FIXED_TOKEN(word_add, verb, "add");
FIXED_TOKEN(word_del, verb, "del");
FIXED_TOKEN(word_load, verb, "load");
FIXED_TOKEN(word_clear, verb, "clear");
FIXED_TOKEN(word_watch, verb, "watch");
FIXED_TOKEN(word_quit, verb, "quit");
FIXED_TOKEN(word_help, verb, "help");
FIXED_TOKEN(word_vr, noun, "vr");
FIXED_TOKEN(word_port, noun, "port");
FIXED_TOKEN(word_lcore, noun, "lcore");
FIXED_TOKEN(word_drops, noun, "drops");
FIXED_TOKEN(word_stats, noun, "stats");
FIXED_TOKEN(word_route, noun, "route");
FIXED_TOKEN(word_routes, noun, "routes");
FIXED_TOKEN(word_neighbour, noun, "neighbour");
FIXED_TOKEN(word_memory, noun, "memory");
FIXED_TOKEN(word_what, arguments[0], "routes#neighbours#interfaces#memory");
FIXED_TOKEN(word_weight, arguments[0], "weight");
FIXED_TOKEN(word_via, arguments[1], "via");
FIXED_TOKEN(word_route_type, arguments[1], "blackhole#unreachable#prohibit");
FIXED_TOKEN(word_json, json, "json");
FIXED_TOKEN(word_rest, rest, TOKEN_STRING_MULTI);
CUSTOM_TOKEN(word_router, name, router_ops);
CUSTOM_TOKEN(word_router_or_all, name, router_or_all_ops);
CUSTOM_TOKEN(word_port_name, name, port_ops);
CUSTOM_TOKEN(word_argument_0, arguments[0], word_ops);
CUSTOM_TOKEN(word_argument_1, arguments[1], word_ops);
CUSTOM_TOKEN(word_argument_2, arguments[2], word_ops);

static struct router *
router_named(const char *name)
{
	struct router *router = vrouter_find(session->vrouter, name);

	if (router == NULL)
		fprintf(session->errors,
			"router %s: there is none of this name (see show vr all)\n", name);
	return router;
}

/* Prints the JSON as a line, or by the columns, or as an object; and lets go of it. */
static void
print(json_t *json, const struct words *words, const struct table_column *columns)
{
	if (json == NULL) {
		fprintf(session->errors, "no memory\n");
		return;
	}
	if (words->json[0] != '\0') {
		json_dumpf(json, session->out, JSON_COMPACT | JSON_REAL_PRECISION(12));
		fputc('\n', session->out);
	} else if (columns != NULL) {
		table_print(session->out, json, columns);
	} else {
		table_print_object(session->out, json, 0);
	}
	json_decref(json);
}

static const struct table_column router_columns[] = { { "name", "router" }, { "lcore", "lcore" },
	{ "weight", "weight" }, { "entitlement_percent", "entitled%" },
	{ "share_percent", "share%" }, { "received", "received" }, { "forwarded", "forwarded" },
	{ "answered", "answered" }, { "consumed", "consumed" }, { "dropped", "dropped" },
	{ "queued", "queued" }, { "waiting", "waiting" }, { "cycles_per_packet", "cycles/packet" },
	{ NULL, NULL } };
static const struct table_column neighbour_columns[] = { { "address", "address" },
	{ "interface", "interface" }, { "mac", "mac" }, { "state", "state" },
	{ "age_s", "age (s)" }, { "routes", "routes" }, { "waiting", "waiting" }, { NULL, NULL } };
static const struct table_column interface_columns[] = { { "name", "interface" },
	{ "port", "port" }, { "outer_vlan", "outer vlan" }, { "vlan", "vlan" }, { "mac", "mac" },
	{ "mtu", "mtu" }, { "rx_packets", "rx packets" }, { "rx_bytes", "rx bytes" },
	{ "tx_packets", "tx packets" }, { "tx_bytes", "tx bytes" }, { "addresses", "addresses" },
	{ "address_states", "states" }, { NULL, NULL } };
static const struct table_column port_columns[] = { { "port", "port" }, { "name", "name" },
	{ "device", "device" }, { "driver", "driver" }, { "link", "link" }, { "lcore", "lcore" },
	{ "tx_queues", "tx queues" }, { "tx_mode", "tx mode" }, { "rx_packets", "rx packets" },
	{ "tx_packets", "tx packets" }, { "tx_refused", "tx refused" }, { "missed", "missed" },
	{ NULL, NULL } };
static const struct table_column lcore_columns[] = { { "lcore", "lcore" }, { "routers", "routers" },
	{ "awake", "awake" }, { "rx_packets", "rx packets" }, { "crossed", "crossed" },
	{ "run_percent", "run%" }, { "billed_percent", "billed%" },
	{ "unbilled_percent", "unbilled%" }, { "idle_percent", "idle%" },
	{ "housekeeping_percent", "housekeeping%" }, { "memory_counters", "memory counters" },
	{ NULL, NULL } };
static const struct table_column drop_columns[] = { { "where", "where" }, { "name", "name" },
	{ "reason", "reason" }, { "packets", "packets" }, { "meaning", "meaning" },
	{ NULL, NULL } };

static void
show_router(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router;

	(void)cl;
	(void)data;
	if (strcmp(words->name, "all") == 0) {
		print(report_routers(session->vrouter), words, router_columns);
		return;
	}
	router = router_named(words->name);
	if (router != NULL)
		print(report_router(session->vrouter, router), words, NULL);
}

static void
list_routes(const struct router *router, const struct words *words)
{
	session->routes = route_list_create(router, words->json[0] != '\0');
	if (session->routes == NULL)
		fprintf(session->errors, "no memory\n");
}

static void
show_router_part(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	const char *what = words->arguments[0];
	struct router *router = router_named(words->name);

	(void)cl;
	(void)data;
	if (router == NULL)
		return;
	if (strcmp(what, "routes") == 0)
		list_routes(router, words);
	else if (strcmp(what, "neighbours") == 0)
		print(report_neighbours(router), words, neighbour_columns);
	else if (strcmp(what, "memory") == 0)
		print(report_router_memory(router), words, NULL);
	else
		print(report_interfaces(session->vrouter, router), words, interface_columns);
}

static void
show_memory(void *result, struct cmdline *cl, void *data)
{
	(void)cl;
	(void)data;
	print(report_memory(session->vrouter), result, NULL);
}

static bool
number(const char *text, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0;
}

static void
show_port(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	const struct vrouter *vrouter = session->vrouter;
	unsigned long index;

	(void)cl;
	(void)data;
	if (strcmp(words->name, "all") == 0) {
		print(report_ports(vrouter), words, port_columns);
		return;
	}
	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		if (strcmp(vrouter->ports[i].name, words->name) == 0 ||
			(number(words->name, &index) && index == i)) {
			print(report_port(vrouter, i), words, NULL);
			return;
		}
	}
	fprintf(session->errors,
		"port %s: there is none of this name or number (see show port all)\n", words->name);
}

static void
show_lcore(void *result, struct cmdline *cl, void *data)
{
	(void)cl;
	(void)data;
	print(report_lcores(session->vrouter), result, lcore_columns);
}

static void
show_drops(void *result, struct cmdline *cl, void *data)
{
	(void)cl;
	(void)data;
	print(report_drops(session->vrouter), result, drop_columns);
}

static void
clear_stats(void *result, struct cmdline *cl, void *data)
{
	(void)result;
	(void)cl;
	(void)data;
	stats_clear(session->vrouter);
}

static void
set_weight(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);
	unsigned long weight;

	(void)cl;
	(void)data;
	if (router == NULL)
		return;
	if (!number(words->arguments[1], &weight) || weight < 1 || weight > CONFIG_WEIGHT_MAX)
		fprintf(session->errors, "weight: found %s, expected an integer from 1 to %u\n",
			words->arguments[1], CONFIG_WEIGHT_MAX);
	else
		vrouter_set_weight(session->vrouter, router, (uint32_t)weight, session->errors);
}

static bool
prefix_argument(const char *text, struct ip_prefix *prefix)
{
	struct ip_prefix network;

	if (ip_prefix_parse(text, prefix) == 0) {
		network = ip_prefix_network(prefix);
		if (ip_prefix_equal(&network, prefix))
			return true;
	}
	fprintf(session->errors,
		"prefix: found %s, expected ADDRESS/LENGTH without host bits, as 10.1.0.0/16 or "
		"2001:db8::/32\n",
		text);
	return false;
}

static bool
address_argument(const char *what, const char *text, struct ip_address *address)
{
	if (ip_address_parse(text, address) == 0)
		return true;
	fprintf(session->errors, "%s: found %s, expected an address, as 10.0.0.2 or 2001:db8::2\n",
		what, text);
	return false;
}

/* "ADDRESS" or, where it is link-local, "ADDRESS%INTERFACE" (RFC 4007 11). */
static bool
zoned_argument(const struct vr *vr, const char *what, const char *text, struct ip_address *address,
	const struct vr_interface **interface)
{
	char zone[CONFIG_NAME_MAX + 1];
	char bare[IP_ADDRESS_TEXT_SIZE];

	*interface = NULL;
	if (config_parse_via(text, address, zone) != 0)
		return address_argument(what, text, address);
	if (zone[0] == '\0')
		return true;
	if (!ip_address_is_link_local(address)) {
		ip_address_text(address, bare);
		fprintf(session->errors,
			"%s: found %s, expected %s alone: only a link-local address is of one "
			"interface\n",
			what, text, bare);
		return false;
	}
	*interface = vr_interface_find(vr, zone);
	if (*interface != NULL)
		return true;
	fprintf(session->errors, "router %s: no interface %s (see show vr %s interfaces)\n",
		vr->name, zone, vr->name);
	return false;
}

static void
add_route(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);
	struct vr_route route = { 0 };
	char error[VR_ERROR_SIZE];

	(void)cl;
	(void)data;
	if (router == NULL || !prefix_argument(words->arguments[0], &route.prefix))
		return;
	if (strcmp(words->arguments[1], "via") == 0) {
		route.type = VR_ROUTE_VIA;
		if (!zoned_argument(
			    router->vr, "via", words->arguments[2], &route.via, &route.interface))
			return;
	} else if (strcmp(words->arguments[1], "blackhole") == 0) {
		route.type = VR_ROUTE_BLACKHOLE;
	} else if (strcmp(words->arguments[1], "unreachable") == 0) {
		route.type = VR_ROUTE_UNREACHABLE;
	} else {
		route.type = VR_ROUTE_PROHIBIT;
	}
	if (vr_route_add(router->vr, &route, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

static void
del_route(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);
	char error[VR_ERROR_SIZE];
	struct ip_prefix prefix;

	(void)cl;
	(void)data;
	if (router == NULL || !prefix_argument(words->arguments[0], &prefix))
		return;
	if (vr_route_delete(router->vr, &prefix, 0, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

static void
load_routes(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);

	(void)cl;
	(void)data;
	if (router != NULL)
		vrouter_load_routes(router, words->rest, session->errors);
}

static void
add_neighbour(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);
	const struct vr_interface *interface;
	struct rte_ether_addr mac;
	char error[VR_ERROR_SIZE];
	struct ip_address address;

	(void)cl;
	(void)data;
	if (router == NULL)
		return;
	interface = vr_interface_find(router->vr, words->arguments[0]);
	if (interface == NULL)
		fprintf(session->errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			router->name, words->arguments[0], router->name);
	else if (!address_argument("address", words->arguments[1], &address))
		return;
	else if (config_parse_mac(words->arguments[2], &mac) != 0)
		fprintf(session->errors,
			"mac: found %s, expected six octets, as 02:00:00:00:00:01\n",
			words->arguments[2]);
	else if (neighbour_add_static(router->vr, interface, &address, &mac, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

static void
del_neighbour(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	struct router *router = router_named(words->name);
	const struct vr_interface *interface;
	char error[VR_ERROR_SIZE];
	struct ip_address address;

	(void)cl;
	(void)data;
	if (router == NULL ||
		!zoned_argument(router->vr, "address", words->arguments[0], &address, &interface))
		return;
	if (neighbour_delete(router->vr, interface, &address, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

/* The length of a regular file; negative with the reason told. A pipe could keep all waiting. */
static ssize_t
file_length(int fd, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		fprintf(session->errors, "%s: %s\n", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		fprintf(session->errors, "%s: not a regular file\n", path);
	else if (status.st_size > CONFIG_FILE_MAX)
		fprintf(session->errors, "%s: longer than %u bytes\n", path, CONFIG_FILE_MAX);
	else
		return status.st_size;
	return -1;
}

/* The text of a file, to be freed; NULL with the reason told. */
static char *
read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = file_length(fd, path);
	char *text = length < 0 ? NULL : malloc((size_t)length + 1);
	ssize_t size = text == NULL ? -1 : read(fd, text, (size_t)length);

	if (length >= 0 && size < 0)
		fprintf(session->errors, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (size < 0) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

static void
add_router(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;
	const char *source = "console";
	struct config *fragment;
	char *text;

	(void)cl;
	(void)data;
	if (words->rest[0] == '{') {
		text = strdup(words->rest);
	} else {
		source = words->rest;
		text = read_file(source);
	}
	if (text == NULL)
		return;
	fragment = config_load_router(text, source, session->vrouter->config, session->errors);
	free(text);
	if (fragment != NULL)
		vrouter_add_router(session->vrouter, fragment, source, session->errors);
}

static void
del_router(void *result, struct cmdline *cl, void *data)
{
	const struct words *words = result;

	(void)cl;
	(void)data;
	vrouter_delete_router(session->vrouter, words->name, session->errors);
}

static void
watch_routers(void *result, struct cmdline *cl, void *data)
{
	(void)result;
	(void)cl;
	(void)data;
	session->watch = true;
}

static void
quit(void *result, struct cmdline *cl, void *data)
{
	(void)result;
	(void)cl;
	(void)data;
	*session->quit = true;
	session->close = true;
}

static void help(void *result, struct cmdline *cl, void *data);

#define COMMAND(identifier, function, text, ...) \
	static cmdline_parse_inst_t identifier = { \
		.f = function, .data = NULL, .help_str = text, .tokens = { __VA_ARGS__, NULL } \
	}
#define W(token) ((void *)&(token))

COMMAND(command_show_router, show_router, "show vr NAME|all: routers and their counters",
	W(word_show), W(word_vr), W(word_router_or_all));
COMMAND(command_show_router_json, show_router, "show vr NAME|all json", W(word_show), W(word_vr),
	W(word_router_or_all), W(word_json));
COMMAND(command_show_router_part, show_router_part,
	"show vr NAME routes|neighbours|interfaces|memory: its tables", W(word_show), W(word_vr),
	W(word_router), W(word_what));
COMMAND(command_show_router_part_json, show_router_part,
	"show vr NAME routes|neighbours|interfaces|memory json", W(word_show), W(word_vr),
	W(word_router), W(word_what), W(word_json));
COMMAND(command_show_port, show_port, "show port NAME|NUMBER|all: ports, links, queues",
	W(word_show), W(word_port), W(word_port_name));
COMMAND(command_show_port_json, show_port, "show port NAME|NUMBER|all json", W(word_show),
	W(word_port), W(word_port_name), W(word_json));
COMMAND(command_show_lcore, show_lcore, "show lcore: what workers spend their cycles on",
	W(word_show), W(word_lcore));
COMMAND(command_show_lcore_json, show_lcore, "show lcore json", W(word_show), W(word_lcore),
	W(word_json));
COMMAND(command_show_drops, show_drops, "show drops: every packet dropped, by reason", W(word_show),
	W(word_drops));
COMMAND(command_show_drops_json, show_drops, "show drops json", W(word_show), W(word_drops),
	W(word_json));
COMMAND(command_show_memory, show_memory, "show memory: bytes of routers and of packet buffers",
	W(word_show), W(word_memory));
COMMAND(command_show_memory_json, show_memory, "show memory json", W(word_show), W(word_memory),
	W(word_json));
COMMAND(command_clear_stats, clear_stats, "clear stats: counters start from zero", W(word_clear),
	W(word_stats));
COMMAND(command_set_weight, set_weight, "set vr NAME weight N: its share of the CPU", W(word_set),
	W(word_vr), W(word_router), W(word_weight), W(word_argument_1));
COMMAND(command_add_route, add_route, "add route NAME PREFIX via ADDRESS: a static route",
	W(word_add), W(word_route), W(word_router), W(word_argument_0), W(word_via),
	W(word_argument_2));
COMMAND(command_add_route_type, add_route,
	"add route NAME PREFIX blackhole|unreachable|prohibit: drop what it covers", W(word_add),
	W(word_route), W(word_router), W(word_argument_0), W(word_route_type));
COMMAND(command_del_route, del_route, "del route NAME PREFIX", W(word_del), W(word_route),
	W(word_router), W(word_argument_0));
COMMAND(command_load_routes, load_routes,
	"load routes NAME FILE: the routes of a file, all or none; one a line, gzip or not",
	W(word_load), W(word_routes), W(word_router), W(word_rest));
COMMAND(command_add_neighbour, add_neighbour,
	"add neighbour NAME INTERFACE ADDRESS MAC: a static neighbour", W(word_add),
	W(word_neighbour), W(word_router), W(word_argument_0), W(word_argument_1),
	W(word_argument_2));
COMMAND(command_del_neighbour, del_neighbour, "del neighbour NAME ADDRESS: forget it", W(word_del),
	W(word_neighbour), W(word_router), W(word_argument_0));
COMMAND(command_add_router, add_router,
	"add vr FILE|{...}: a router more, as in the config's \"routers\"", W(word_add), W(word_vr),
	W(word_rest));
COMMAND(command_del_router, del_router, "del vr NAME: the router goes", W(word_del), W(word_vr),
	W(word_router));
COMMAND(command_watch, watch_routers, "watch vr: a live table of shares and rates", W(word_watch),
	W(word_vr));
COMMAND(command_quit, quit, "quit: stop the program", W(word_quit));
COMMAND(command_help, help, "help: this list", W(word_help));

static cmdline_parse_ctx_t commands[] = { &command_show_router, &command_show_router_json,
	&command_show_router_part, &command_show_router_part_json, &command_show_port,
	&command_show_port_json, &command_show_lcore, &command_show_lcore_json, &command_show_drops,
	&command_show_drops_json, &command_show_memory, &command_show_memory_json, &command_watch,
	&command_clear_stats, &command_set_weight, &command_add_route, &command_add_route_type,
	&command_del_route, &command_load_routes, &command_add_neighbour, &command_del_neighbour,
	&command_add_router, &command_del_router, &command_help, &command_quit, NULL };

static void
help(void *result, struct cmdline *cl, void *data)
{
	(void)result;
	(void)cl;
	(void)data;
	for (unsigned int i = 0; commands[i] != NULL; i++)
		fprintf(session->out, "  %s\n", commands[i]->help_str);
}

/* How many leading words of the line a command's help text shares. */
static unsigned int
words_shared(const char *line, const char *text)
{
	unsigned int n = 0;

	for (;;) {
		size_t length;

		line += strspn(line, " \t");
		text += strspn(text, " \t");
		length = strcspn(line, " \t");
		if (length == 0 || strncmp(line, text, length) != 0 || !strchr(" :", text[length]))
			return n;
		line += length;
		text += length;
		n++;
	}
}

/* The line is no command: show those that begin like it. */
static void
explain(const char *line)
{
	unsigned int best = 0;

	for (unsigned int i = 0; commands[i] != NULL; i++) {
		unsigned int n = words_shared(line, commands[i]->help_str);

		if (n > best)
			best = n;
	}
	fprintf(session->errors, "not a command: %s\n", line);
	if (best == 0) {
		fprintf(session->errors, "\"help\" lists what there is\n");
		return;
	}
	fprintf(session->errors, "expected one of:\n");
	for (unsigned int i = 0; commands[i] != NULL; i++)
		if (words_shared(line, commands[i]->help_str) == best)
			fprintf(session->errors, "  %s\n", commands[i]->help_str);
}

void
commands_run(struct console_session *current, const char *line)
{
	char terminated[4096 + 2];
	int rc;

	line += strspn(line, " \t");
	if (line[0] == '\0' || line[0] == '#')
		return;
	snprintf(terminated, sizeof(terminated), "%s\n", line);
	session = current;
	completing = current->vrouter;
	rc = cmdline_parse(parser, terminated);
	if (rc < 0)
		explain(line);
	session = NULL;
}

int
commands_complete(
	struct vrouter *vrouter, const char *line, int *state, char *text, unsigned int size)
{
	completing = vrouter;
	return cmdline_complete(parser, line, state, text, size);
}

int
commands_init(void)
{
	parser = cmdline_new(commands, "", -1, -1);
	return parser == NULL ? -ENOMEM : 0;
}

void
commands_fini(void)
{
	cmdline_free(parser);
	parser = NULL;
}
