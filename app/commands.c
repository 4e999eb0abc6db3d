/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmdline.h>

#include "commands.h"
#include "watchdog.h"
#include "words.h"

#define LINE_SIZE (4096 + 2) /* with its end */

static_assert(sizeof(struct words) <= CMDLINE_PARSE_RESULT_BUFSIZE, "cmdline's result buffer");

/* cmdline's callbacks carry no context of ours; all run on the control thread, one at a time. */
static struct console_session *session;
static struct cmdline *parser;
static struct cmdline *route_completer;

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
FIXED_TOKEN(word_reset, verb, "reset");
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
FIXED_TOKEN(word_link, noun, "link");
FIXED_TOKEN(word_links, noun, "links");
FIXED_TOKEN(word_multicast, noun, "multicast");
FIXED_TOKEN(word_what, arguments[0], "routes#standby#neighbours#multicast#interfaces#memory");
FIXED_TOKEN(word_weight, arguments[0], "weight");
FIXED_TOKEN(word_reserve, arguments[0], "reserve");
FIXED_TOKEN(word_limit, arguments[0], "limit");
FIXED_TOKEN(word_none, arguments[1], "none");
FIXED_TOKEN(word_via, arguments[1], "via");
FIXED_TOKEN(word_route_type, arguments[1], "blackhole#unreachable#prohibit");
FIXED_TOKEN(word_interface, arguments[0], "interface");
FIXED_TOKEN(word_pipeline, arguments[0], "pipeline");
FIXED_TOKEN(word_element, arguments[0], "element");
FIXED_TOKEN(word_element_noun, noun, "element");
FIXED_TOKEN(word_elements, noun, "elements");
FIXED_TOKEN(word_list, arguments[2], "list");
FIXED_TOKEN(word_side, arguments[1], "ingress#egress");
FIXED_TOKEN(word_before, arguments[2], "before");
FIXED_TOKEN(word_up_down, arguments[2], "up#down");
FIXED_TOKEN(word_distance, arguments[1], "distance");
/* Between others; nobody looks at them. */
FIXED_TOKEN(word_in, json, "in");
FIXED_TOKEN(word_out, json, "out");
FIXED_TOKEN(word_json, json, "json");
FIXED_TOKEN(word_rest, rest, TOKEN_STRING_MULTI);
CUSTOM_TOKEN(word_text, rest, words_text);
CUSTOM_TOKEN(word_router, name, words_router);
CUSTOM_TOKEN(word_router_or_all, name, words_router_or_all);
CUSTOM_TOKEN(word_port_name, name, words_port);
CUSTOM_TOKEN(word_link_end, name, words_link_end);
CUSTOM_TOKEN(word_other_link_end, arguments[0], words_link_end);
CUSTOM_TOKEN(word_interface_name, arguments[1], words_interface);
CUSTOM_TOKEN(word_element_name, arguments[1], words_element);
CUSTOM_TOKEN(word_before_name, arguments[3], words_element);
CUSTOM_TOKEN(word_argument_0, arguments[0], words_any);
CUSTOM_TOKEN(word_argument_1, arguments[1], words_any);
CUSTOM_TOKEN(word_argument_2, arguments[2], words_any);

struct router *
command_router(const struct words *words, struct console_session *current)
{
	struct router *router = vrouter_find(current->vrouter, words->name);

	if (router == NULL)
		fprintf(current->errors,
			"router %s: there is none of this name (see show vr all)\n", words->name);
	return router;
}

struct router *
command_router_to_change(const struct words *words, struct console_session *current)
{
	struct router *router = command_router(words, current);

	return router != NULL && router_may_change(router, current->errors) ? router : NULL;
}

struct router *
command_router_with_tables(const struct words *words, struct console_session *current)
{
	struct router *router = command_router_to_change(words, current);

	if (router == NULL || router->vr->forwarder != VR_FORWARDER_WIRE)
		return router;
	fprintf(current->errors, "router %s: a wire has no routes, neighbours or groups\n",
		router->name);
	return NULL;
}

bool
command_number(const char *text, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0;
}

bool
command_address(struct console_session *current, const char *what, const char *text,
	struct ip_address *address)
{
	if (ip_address_parse(text, address) == 0)
		return true;
	fprintf(current->errors, "%s: found %s, expected an address, as 10.0.0.2 or 2001:db8::2\n",
		what, text);
	return false;
}

static void
watch_routers(struct words *words, struct console_session *current)
{
	(void)words;
	current->watch = true;
}

static void
quit(struct words *words, struct console_session *current)
{
	(void)words;
	*current->quit = true;
	current->close = true;
}

static void help(struct words *words, struct console_session *current);

/* What librte_cmdline calls: `data` is the command. */
static void
run(void *result, struct cmdline *cl, void *data)
{
	command_fn command = (command_fn)(uintptr_t)data;

	(void)cl;
	command(result, session);
}

#define COMMAND(identifier, function, text, ...) \
	static cmdline_parse_inst_t identifier = { .f = run, \
		.data = (void *)(uintptr_t)(function), \
		.help_str = text, \
		.tokens = { __VA_ARGS__, NULL } }
#define W(token) ((void *)&(token))

COMMAND(syntax_show_router, command_show_router, "show vr NAME|all: routers and their counters",
	W(word_show), W(word_vr), W(word_router_or_all));
COMMAND(syntax_show_router_json, command_show_router, "show vr NAME|all json", W(word_show),
	W(word_vr), W(word_router_or_all), W(word_json));
COMMAND(syntax_show_router_part, command_show_router_part,
	"show vr NAME routes|standby|neighbours|multicast|interfaces|memory: its tables",
	W(word_show), W(word_vr), W(word_router), W(word_what));
COMMAND(syntax_show_router_part_json, command_show_router_part,
	"show vr NAME routes|standby|neighbours|multicast|interfaces|memory json", W(word_show),
	W(word_vr), W(word_router), W(word_what), W(word_json));
COMMAND(syntax_show_pipeline, command_show_pipeline,
	"show vr NAME pipeline: its elements, and what becomes of packets in them", W(word_show),
	W(word_vr), W(word_router), W(word_pipeline));
COMMAND(syntax_show_pipeline_json, command_show_pipeline, "show vr NAME pipeline json",
	W(word_show), W(word_vr), W(word_router), W(word_pipeline), W(word_json));
COMMAND(syntax_show_element, command_show_element,
	"show vr NAME element ELEMENT: one of them, with its config", W(word_show), W(word_vr),
	W(word_router), W(word_element), W(word_element_name));
COMMAND(syntax_show_element_json, command_show_element, "show vr NAME element ELEMENT json",
	W(word_show), W(word_vr), W(word_router), W(word_element), W(word_element_name),
	W(word_json));
COMMAND(syntax_show_element_list, command_show_element,
	"show vr NAME element ELEMENT list: its rules, sessions, prefixes ...", W(word_show),
	W(word_vr), W(word_router), W(word_element), W(word_element_name), W(word_list));
COMMAND(syntax_show_element_list_json, command_show_element,
	"show vr NAME element ELEMENT list json", W(word_show), W(word_vr), W(word_router),
	W(word_element), W(word_element_name), W(word_list), W(word_json));
COMMAND(syntax_show_elements, command_show_elements, "show elements: the types there are",
	W(word_show), W(word_elements));
COMMAND(syntax_show_elements_json, command_show_elements, "show elements json", W(word_show),
	W(word_elements), W(word_json));
COMMAND(syntax_show_port, command_show_port, "show port NAME|NUMBER|all: ports, links, queues",
	W(word_show), W(word_port), W(word_port_name));
COMMAND(syntax_show_port_json, command_show_port, "show port NAME|NUMBER|all json", W(word_show),
	W(word_port), W(word_port_name), W(word_json));
COMMAND(syntax_show_links, command_show_links, "show links: what joins routers without ports",
	W(word_show), W(word_links));
COMMAND(syntax_show_links_json, command_show_links, "show links json", W(word_show), W(word_links),
	W(word_json));
COMMAND(syntax_show_lcore, command_show_lcore, "show lcore: what workers spend their cycles on",
	W(word_show), W(word_lcore));
COMMAND(syntax_show_lcore_json, command_show_lcore, "show lcore json", W(word_show), W(word_lcore),
	W(word_json));
COMMAND(syntax_show_drops, command_show_drops, "show drops: every packet dropped, by reason",
	W(word_show), W(word_drops));
COMMAND(syntax_show_drops_json, command_show_drops, "show drops json", W(word_show), W(word_drops),
	W(word_json));
COMMAND(syntax_show_memory, command_show_memory,
	"show memory: bytes of routers and of packet buffers", W(word_show), W(word_memory));
COMMAND(syntax_show_memory_json, command_show_memory, "show memory json", W(word_show),
	W(word_memory), W(word_json));
COMMAND(syntax_clear_stats, command_clear_stats, "clear stats: counters start from zero",
	W(word_clear), W(word_stats));
COMMAND(syntax_reset_router, command_reset_router,
	"reset vr NAME: run it again, after it was faulted", W(word_reset), W(word_vr),
	W(word_router));
COMMAND(syntax_set_weight, command_set_weight, "set vr NAME weight N: its share of the CPU",
	W(word_set), W(word_vr), W(word_router), W(word_weight), W(word_argument_1));
COMMAND(syntax_set_reserve, command_set_server,
	"set vr NAME reserve RUNTIME_US PERIOD_US: so much CPU time before the others", W(word_set),
	W(word_vr), W(word_router), W(word_reserve), W(word_argument_1), W(word_argument_2));
COMMAND(syntax_set_no_reserve, command_set_no_server, "set vr NAME reserve none", W(word_set),
	W(word_vr), W(word_router), W(word_reserve), W(word_none));
COMMAND(syntax_set_limit, command_set_server,
	"set vr NAME limit RUNTIME_US PERIOD_US: so much CPU time at most", W(word_set), W(word_vr),
	W(word_router), W(word_limit), W(word_argument_1), W(word_argument_2));
COMMAND(syntax_set_no_limit, command_set_no_server, "set vr NAME limit none", W(word_set),
	W(word_vr), W(word_router), W(word_limit), W(word_none));
COMMAND(syntax_set_interface, command_set_interface,
	"set vr NAME interface INTERFACE up|down: take it down, or let it be up again", W(word_set),
	W(word_vr), W(word_router), W(word_interface), W(word_interface_name), W(word_up_down));
COMMAND(syntax_set_pipeline, command_set_pipeline,
	"set vr NAME pipeline JSON|FILE: all its elements, {} for none", W(word_set), W(word_vr),
	W(word_router), W(word_pipeline), W(word_rest));
COMMAND(syntax_set_element, command_set_element,
	"set vr NAME element ELEMENT JSON|FILE: another config for one of them", W(word_set),
	W(word_vr), W(word_router), W(word_element), W(word_element_name), W(word_rest));
COMMAND(syntax_add_element_before, command_add_element,
	"add element NAME ingress|egress before ELEMENT JSON", W(word_add), W(word_element_noun),
	W(word_router), W(word_side), W(word_before), W(word_before_name), W(word_rest));
COMMAND(syntax_add_element, command_add_element,
	"add element NAME ingress|egress JSON: one more, at the end", W(word_add),
	W(word_element_noun), W(word_router), W(word_side), W(word_text));
COMMAND(syntax_del_element, command_del_element, "del element NAME ELEMENT: one less", W(word_del),
	W(word_element_noun), W(word_router), W(word_element_name));
COMMAND(syntax_add_route, command_add_route,
	"add route NAME PREFIX via ADDRESS [weight N] [via ADDRESS [weight N]]... [distance N]: a "
	"static route",
	W(word_add), W(word_route), W(word_router), W(word_argument_0), W(word_via), W(word_rest));
COMMAND(syntax_add_route_type, command_add_route,
	"add route NAME PREFIX blackhole|unreachable|prohibit: drop what it covers", W(word_add),
	W(word_route), W(word_router), W(word_argument_0), W(word_route_type));
COMMAND(syntax_add_route_type_distance, command_add_route,
	"add route NAME PREFIX blackhole|unreachable|prohibit distance N", W(word_add),
	W(word_route), W(word_router), W(word_argument_0), W(word_route_type), W(word_rest));
COMMAND(syntax_set_route, command_set_route,
	"set route NAME PREFIX via ADDRESS [weight N] [via ADDRESS [weight N]]... [distance N]: "
	"instead of that of the same distance",
	W(word_set), W(word_route), W(word_router), W(word_argument_0), W(word_via), W(word_rest));
COMMAND(syntax_set_route_type, command_set_route,
	"set route NAME PREFIX blackhole|unreachable|prohibit: the same", W(word_set),
	W(word_route), W(word_router), W(word_argument_0), W(word_route_type));
COMMAND(syntax_set_route_type_distance, command_set_route,
	"set route NAME PREFIX blackhole|unreachable|prohibit distance N", W(word_set),
	W(word_route), W(word_router), W(word_argument_0), W(word_route_type), W(word_rest));
COMMAND(syntax_del_route, command_del_route, "del route NAME PREFIX: the only one to it",
	W(word_del), W(word_route), W(word_router), W(word_argument_0));
COMMAND(syntax_del_route_distance, command_del_route, "del route NAME PREFIX distance N",
	W(word_del), W(word_route), W(word_router), W(word_argument_0), W(word_distance),
	W(word_argument_2));
COMMAND(syntax_load_routes, command_load_routes,
	"load routes NAME FILE: the routes of a file, all or none; one a line, gzip or not",
	W(word_load), W(word_routes), W(word_router), W(word_rest));
COMMAND(syntax_add_neighbour, command_add_neighbour,
	"add neighbour NAME INTERFACE ADDRESS MAC: a static neighbour", W(word_add),
	W(word_neighbour), W(word_router), W(word_argument_0), W(word_argument_1),
	W(word_argument_2));
COMMAND(syntax_del_neighbour, command_del_neighbour, "del neighbour NAME ADDRESS: forget it",
	W(word_del), W(word_neighbour), W(word_router), W(word_argument_0));
COMMAND(syntax_add_multicast, command_add_multicast,
	"add multicast NAME GROUP SOURCE|any in INTERFACE out INTERFACE...: where a group's "
	"packets go",
	W(word_add), W(word_multicast), W(word_router), W(word_argument_0), W(word_argument_1),
	W(word_in), W(word_argument_2), W(word_out), W(word_rest));
COMMAND(syntax_del_multicast, command_del_multicast, "del multicast NAME GROUP SOURCE|any",
	W(word_del), W(word_multicast), W(word_router), W(word_argument_0), W(word_argument_1));
COMMAND(syntax_add_router, command_add_router,
	"add vr FILE|{...}: a router more, as in the config's \"routers\"", W(word_add), W(word_vr),
	W(word_rest));
COMMAND(syntax_del_router, command_del_router, "del vr NAME: the router goes", W(word_del),
	W(word_vr), W(word_router));
COMMAND(syntax_add_link, command_add_link,
	"add link ROUTER:INTERFACE ROUTER:INTERFACE: join two interfaces that have no port",
	W(word_add), W(word_link), W(word_link_end), W(word_other_link_end));
COMMAND(syntax_del_link, command_del_link, "del link ROUTER:INTERFACE: part it from the other end",
	W(word_del), W(word_link), W(word_link_end));
COMMAND(syntax_watch, watch_routers, "watch vr: a live table of shares and rates", W(word_watch),
	W(word_vr));
COMMAND(syntax_quit, quit, "quit: stop the program", W(word_quit));
COMMAND(syntax_help, help, "help: this list", W(word_help));

static cmdline_parse_ctx_t commands[] = { &syntax_show_router, &syntax_show_router_json,
	&syntax_show_router_part, &syntax_show_router_part_json, &syntax_show_pipeline,
	&syntax_show_pipeline_json, &syntax_show_element, &syntax_show_element_json,
	&syntax_show_element_list, &syntax_show_element_list_json, &syntax_show_elements,
	&syntax_show_elements_json, &syntax_show_port, &syntax_show_port_json, &syntax_show_links,
	&syntax_show_links_json, &syntax_show_lcore, &syntax_show_lcore_json, &syntax_show_drops,
	&syntax_show_drops_json, &syntax_show_memory, &syntax_show_memory_json, &syntax_watch,
	&syntax_clear_stats, &syntax_reset_router, &syntax_set_weight, &syntax_set_reserve,
	&syntax_set_no_reserve, &syntax_set_limit, &syntax_set_no_limit, &syntax_set_interface,
	&syntax_set_pipeline, &syntax_set_element, &syntax_add_element_before, &syntax_add_element,
	&syntax_del_element, &syntax_add_route, &syntax_add_route_type,
	&syntax_add_route_type_distance, &syntax_set_route, &syntax_set_route_type,
	&syntax_set_route_type_distance, &syntax_del_route, &syntax_del_route_distance,
	&syntax_load_routes, &syntax_add_neighbour, &syntax_del_neighbour, &syntax_add_multicast,
	&syntax_del_multicast, &syntax_add_router, &syntax_del_router, &syntax_add_link,
	&syntax_del_link, &syntax_help, &syntax_quit, NULL };

/*
 * A route has any number of words, for which there are no tokens: behind the first of them (via,
 * blackhole ...) this completes them. librte_cmdline asks for the token of each place in turn.
 */
static void route_tokens(void *result, struct cmdline *cl, void *place);

static cmdline_parse_inst_t route_syntax = {
	.f = route_tokens,
	.help_str = "... [via ADDRESS [weight N]]... [distance N]",
	.tokens = { NULL },
};
static cmdline_parse_ctx_t route_completions[] = { &route_syntax, NULL };

static void
route_tokens(void *result, struct cmdline *cl, void *place)
{
	static struct cmdline_token_hdr any = { .ops = &words_any };
	static struct cmdline_token_hdr route = { .ops = &words_of_route };
	ptrdiff_t i = (cmdline_parse_token_hdr_t **)place - route_syntax.tokens;

	(void)cl;
	*(cmdline_parse_token_hdr_t **)result = i <= WORDS_ROUTE_AT ? &any : &route;
}

static void
help(struct words *words, struct console_session *current)
{
	(void)words;
	for (unsigned int i = 0; commands[i] != NULL; i++)
		fprintf(current->out, "  %s\n", commands[i]->help_str);
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
	char terminated[LINE_SIZE];
	int rc;

	line += strspn(line, " \t");
	if (line[0] == '\0' || line[0] == '#')
		return;
	snprintf(terminated, sizeof(terminated), "%s\n", line);
	session = current;
	rc = cmdline_parse(parser, terminated);
	if (rc < 0)
		explain(line);
	session = NULL;
}

int
commands_complete(
	struct vrouter *vrouter, const char *line, int *state, char *text, unsigned int size)
{
	int rc;

	words_start_completion(vrouter, line);
	rc = cmdline_complete(
		words_end_in_route() ? route_completer : parser, line, state, text, size);
	words_end_completion();
	return rc;
}

int
commands_init(void)
{
	parser = cmdline_new(commands, "", -1, -1);
	route_completer = cmdline_new(route_completions, "", -1, -1);
	if (parser != NULL && route_completer != NULL)
		return 0;
	commands_fini();
	return -ENOMEM;
}

void
commands_fini(void)
{
	cmdline_free(parser);
	cmdline_free(route_completer);
	parser = NULL;
	route_completer = NULL;
}
