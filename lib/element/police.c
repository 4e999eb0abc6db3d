/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>

#include <rte_malloc.h>
#include <rte_meter.h>

#include "element/dscp.h"
#include "element/element.h"

/*
 * Two-rate three-colour meters (librte_meter; RFC 2698, RFC 4115): one for all packets, or for
 * those of a class one of its own. Bytes are those of IP packets. A packet that is yellow or red
 * passes, is dropped, or gets another DSCP.
 */

#define CLASSES_MAX 16
#define RATE_MAX INT64_C(1000000000000) /* bit/s */
#define BURST_MAX (INT64_C(1) << 32)
#define BITS 8

enum police_mode {
	POLICE_RFC2698,
	POLICE_RFC4115,
};

enum police_action {
	POLICE_PASS,
	POLICE_DROP,
	POLICE_MARK, /* by the DSCP beside it */
};

enum police_reason {
	POLICE_YELLOW,
	POLICE_RED,
};

static const struct element_reason reasons[] = {
	[POLICE_YELLOW] = { "yellow", "above the committed rate" },
	[POLICE_RED] = { "red", "above the peak rate, or the excess rate on top of the committed" },
};

static const char *const modes[] = {
	[POLICE_RFC2698] = "rfc2698",
	[POLICE_RFC4115] = "rfc4115",
};
static const char *const actions[] = {
	[POLICE_PASS] = "pass",
	[POLICE_DROP] = "drop",
	[POLICE_MARK] = "mark",
};

/* Rates of a meter and what it does. */
struct police_rates {
	uint64_t committed_rate;  /* bit/s */
	uint64_t committed_burst; /* bytes */
	uint64_t peak_rate;
	uint64_t peak_burst;
	uint8_t yellow; /* enum police_action */
	uint8_t red;
	uint8_t yellow_dscp;
	uint8_t red_dscp;
};

struct police_class {
	struct police_rates rates;
	uint8_t *dscps;
	unsigned int n_dscps;
	unsigned int line;
};

struct police_config {
	struct element_config element;
	uint8_t mode;
	bool color_aware;
	struct police_rates rates;
	struct police_class *classes;
	unsigned int n_classes;
};

/* The rates of RFC 4115 are called excess; it is the other pair all the same. */
#define RATE(object, name, least, most, text) \
	{ \
		.key = #name, .type = &field_integer, .required = true, \
		.offset = offsetof(struct object, rates.name), .size = sizeof(uint64_t), \
		.min = least, .max = most, .expected = text, \
	}
#define RATE_EXPECTED "an integer from 8 to 1000000000000, in bit/s"
#define BURST_EXPECTED "an integer from 1 to 4294967296, in bytes"
#define ACTION(object, name, otherwise) \
	{ \
		.key = #name, .type = &field_word, .offset = offsetof(struct object, rates.name), \
		.size = sizeof(uint8_t), .min = POLICE_PASS, .max = POLICE_MARK, \
		.fallback = otherwise, .words = actions, \
		.expected = "\"pass\", \"drop\" or \"mark\"", \
	}
#define DSCP(object, name) \
	{ \
		.key = #name, .type = &field_dscp, .offset = offsetof(struct object, rates.name), \
		.size = sizeof(uint8_t), .fallback = DSCP_NONE, \
	}
#define RATES(object) \
	RATE(object, committed_rate, BITS, RATE_MAX, RATE_EXPECTED), \
		RATE(object, committed_burst, 1, BURST_MAX, BURST_EXPECTED), \
		RATE(object, peak_rate, BITS, RATE_MAX, RATE_EXPECTED), \
		RATE(object, peak_burst, 1, BURST_MAX, BURST_EXPECTED), \
		ACTION(object, yellow, POLICE_PASS), ACTION(object, red, POLICE_DROP), \
		DSCP(object, yellow_dscp), DSCP(object, red_dscp)

/* What two values have to be to each other. */
static void
check_rates(struct report *report, struct value value, const struct police_rates *rates)
{
	if (rates->yellow == POLICE_MARK && rates->yellow_dscp == DSCP_NONE)
		report_error(report, value.node,
			"found no \"yellow_dscp\", expected it beside \"yellow\": \"mark\"");
	if (rates->red == POLICE_MARK && rates->red_dscp == DSCP_NONE)
		report_error(report, value.node,
			"found no \"red_dscp\", expected it beside \"red\": \"mark\"");
}

static void
class_check(struct report *report, struct value value, void *item, bool slips)
{
	struct police_class *class = item;

	if (!slips)
		check_rates(report, value, &class->rates);
	if (class->n_dscps == 0 && !slips)
		report_error(report, value.node, "found a class without \"dscps\", expected some");
}

static const struct field police_class_fields[] = {
	FIELD_LIST(police_class, dscps, dscp_kind, true),
	RATES(police_class),
};
static const struct kind class_kind = {
	FIELD_OBJECTS(police_class, "an object (a class)"),
	.check = class_check,
};

static const struct field police_config_fields[] = {
	ELEMENT_FIELDS,
	FIELD_WORD(police_config, mode, modes, POLICE_RFC2698, POLICE_RFC4115, POLICE_RFC2698,
		"\"rfc2698\" or \"rfc4115\""),
	FIELD_BOOLEAN(police_config, color_aware, false),
	RATES(police_config),
	FIELD_LIST(police_config, classes, class_kind, false),
};

/* With RFC 2698 the peak rate has the committed in it; with RFC 4115 it comes on top. */
static void
police_check(struct report *report, struct value value, void *item, bool slips)
{
	struct police_config *config = item;
	bool seen[DSCP_MAX + 1] = { false };

	if (slips)
		return;
	check_rates(report, value, &config->rates);
	if (config->mode == POLICE_RFC2698 &&
		config->rates.peak_rate < config->rates.committed_rate)
		report_value(report, locate_member(report->locate, value.node, "peak_rate"),
			"no less than \"committed_rate\"");
	if (config->n_classes > CLASSES_MAX)
		report_error(report, locate_member(report->locate, value.node, "classes"),
			"found %u classes, expected %d at most", config->n_classes, CLASSES_MAX);
	for (unsigned int i = 0; i < config->n_classes; i++) {
		const struct police_class *class = &config->classes[i];
		uint32_t node = locate_item(
			report->locate, locate_member(report->locate, value.node, "classes"), i);

		if (config->mode == POLICE_RFC2698 &&
			class->rates.peak_rate < class->rates.committed_rate)
			report_value(report, locate_member(report->locate, node, "peak_rate"),
				"no less than \"committed_rate\"");
		for (unsigned int k = 0; k < class->n_dscps; k++) {
			if (class->dscps[k] <= DSCP_MAX && seen[class->dscps[k]])
				report_error(report, node,
					"found DSCP %u, which a class before has, expected it once",
					class->dscps[k]);
			if (class->dscps[k] <= DSCP_MAX)
				seen[class->dscps[k]] = true;
		}
	}
}

static const struct kind police_kind = {
	ELEMENT_KIND(police_config, "an object (a police element)"),
	.check = police_check,
};

struct police_counters {
	uint64_t packets[RTE_COLORS];
	uint64_t bytes[RTE_COLORS];
};

struct police_meter {
	union {
		struct rte_meter_trtcm rfc2698;
		struct rte_meter_trtcm_rfc4115 rfc4115;
	};
	union {
		struct rte_meter_trtcm_profile rfc2698_profile;
		struct rte_meter_trtcm_rfc4115_profile rfc4115_profile;
	};
	uint8_t actions[RTE_COLORS];
	uint8_t dscps[RTE_COLORS];
	struct police_counters counters;
};

struct police {
	struct element element;
	bool rfc4115;
	bool color_aware;
	bool classes;
	unsigned int n_meters;
	uint8_t meter_of[DSCP_MAX + 1];
	struct police_meter meters[1 + CLASSES_MAX];
};

/* False where librte_meter finds a rate that its clock does not go with. */
static bool
init_meter(struct police_meter *meter, const struct police_rates *rates, bool rfc4115)
{
	struct rte_meter_trtcm_rfc4115_params excess = { .cir = rates->committed_rate / BITS,
		.eir = rates->peak_rate / BITS,
		.cbs = rates->committed_burst,
		.ebs = rates->peak_burst };
	struct rte_meter_trtcm_params peak = { .cir = rates->committed_rate / BITS,
		.pir = rates->peak_rate / BITS,
		.cbs = rates->committed_burst,
		.pbs = rates->peak_burst };

	meter->actions[RTE_COLOR_YELLOW] = rates->yellow;
	meter->actions[RTE_COLOR_RED] = rates->red;
	meter->dscps[RTE_COLOR_YELLOW] = rates->yellow_dscp;
	meter->dscps[RTE_COLOR_RED] = rates->red_dscp;
	if (rfc4115)
		return rte_meter_trtcm_rfc4115_profile_config(&meter->rfc4115_profile, &excess) ==
		               0 &&
		       rte_meter_trtcm_rfc4115_config(&meter->rfc4115, &meter->rfc4115_profile) ==
		               0;
	return rte_meter_trtcm_profile_config(&meter->rfc2698_profile, &peak) == 0 &&
	       rte_meter_trtcm_config(&meter->rfc2698, &meter->rfc2698_profile) == 0;
}

static struct element *
police_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct police_config *config = (const struct police_config *)params->config;
	struct police *police = element_zalloc(params, "meters", sizeof(*police), error);
	bool made;

	if (police == NULL)
		return NULL;
	police->rfc4115 = config->mode == POLICE_RFC4115;
	police->color_aware = config->color_aware;
	police->classes = config->n_classes > 0;
	police->n_meters = 1 + config->n_classes;
	made = init_meter(&police->meters[0], &config->rates, police->rfc4115);
	for (unsigned int i = 0; i < config->n_classes; i++) {
		const struct police_class *class = &config->classes[i];

		made &= init_meter(&police->meters[i + 1], &class->rates, police->rfc4115);
		for (unsigned int k = 0; k < class->n_dscps; k++)
			police->meter_of[class->dscps[k]] = (uint8_t)(i + 1);
	}
	if (made)
		return &police->element;
	snprintf(error, ELEMENT_ERROR_SIZE, "a rate that librte_meter cannot meter");
	rte_free(police);
	return NULL;
}

static void
police_destroy(struct element *element)
{
	rte_free(element);
}

/* The drop precedence of assured forwarding (RFC 2597), green for all else. */
static enum rte_color
color_of(uint8_t dscp)
{
	uint8_t class = dscp >> 3, precedence = dscp >> 1 & 3;

	if ((dscp & 1) != 0 || class < 1 || class > 4 || precedence < 2)
		return RTE_COLOR_GREEN;
	return precedence == 2 ? RTE_COLOR_YELLOW : RTE_COLOR_RED;
}

static enum rte_color
check(struct police *police, struct police_meter *meter, uint64_t now, uint32_t length,
	enum rte_color color)
{
	if (police->rfc4115)
		return police->color_aware
		               ? rte_meter_trtcm_rfc4115_color_aware_check(&meter->rfc4115,
					 &meter->rfc4115_profile, now, length, color)
		               : rte_meter_trtcm_rfc4115_color_blind_check(
					 &meter->rfc4115, &meter->rfc4115_profile, now, length);
	return police->color_aware ? rte_meter_trtcm_color_aware_check(&meter->rfc2698,
					     &meter->rfc2698_profile, now, length, color)
	                           : rte_meter_trtcm_color_blind_check(
					     &meter->rfc2698, &meter->rfc2698_profile, now, length);
}

static void
police_one(struct police *police, struct element_burst *burst, unsigned int i)
{
	struct rte_mbuf *mbuf = burst->mbufs[i];
	uint32_t length = mbuf->pkt_len - packet_meta_get(mbuf).l3_offset;
	uint8_t dscp = police->classes || police->color_aware ? dscp_get(mbuf) : 0;
	struct police_meter *meter = &police->meters[police->meter_of[dscp]];
	enum rte_color color = check(police, meter, burst->now, length, color_of(dscp));

	meter->counters.packets[color]++;
	meter->counters.bytes[color] += length;
	if (likely(meter->actions[color] == POLICE_PASS))
		return;
	if (meter->actions[color] == POLICE_DROP)
		element_drop(burst, i, color == RTE_COLOR_RED ? POLICE_RED : POLICE_YELLOW);
	else
		dscp_set(mbuf, meter->dscps[color]);
}

/*
 * When all of a burst together is green, each of it is: all are there at one time. So one look at
 * the meter, which divides, mostly does for the burst; where it does not, the meter is as it was.
 */
static bool
all_green(struct police *police, struct element_burst *burst)
{
	struct police_meter *meter = &police->meters[0], before = *meter;
	uint32_t length = 0;

	for (unsigned int i = 0; i < burst->n; i++)
		length += burst->mbufs[i]->pkt_len - packet_meta_get(burst->mbufs[i]).l3_offset;
	if (check(police, meter, burst->now, length, RTE_COLOR_GREEN) != RTE_COLOR_GREEN) {
		*meter = before;
		return false;
	}
	meter->counters.packets[RTE_COLOR_GREEN] += burst->n;
	meter->counters.bytes[RTE_COLOR_GREEN] += length;
	return true;
}

static void
police_process(struct element *element, struct element_burst *burst)
{
	struct police *police = (struct police *)element;

	if (!police->classes && !police->color_aware && all_green(police, burst))
		return;
	for (unsigned int i = 0; i < burst->n; i++)
		police_one(police, burst, i);
}

static json_t *
police_show_rows(const struct element *element, unsigned int limit)
{
	static const char *const colors[RTE_COLORS] = { "green", "yellow", "red" };
	const struct police *police = (const struct police *)element;
	json_t *rows = json_array();

	for (unsigned int i = 0; i < police->n_meters && i < limit; i++) {
		json_t *row = json_object();
		char key[32];

		if (i == 0)
			json_object_set_new(row, "class", json_string("other"));
		else
			json_object_set_new(row, "class", json_sprintf("%u", i));
		for (unsigned int c = 0; c < RTE_COLORS; c++) {
			const struct police_counters *counters = &police->meters[i].counters;

			snprintf(key, sizeof(key), "%s_packets", colors[c]);
			json_object_set_new(
				row, key, json_integer((json_int_t)counters->packets[c]));
			snprintf(key, sizeof(key), "%s_bytes", colors[c]);
			json_object_set_new(row, key, json_integer((json_int_t)counters->bytes[c]));
		}
		json_array_append_new(rows, row);
	}
	return rows;
}

static struct element_type police_type = {
	.name = "police",
	.text = "meters packets, and drops or marks those above two rates (RFC 2698, RFC 4115)",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &police_kind,
	.reasons = reasons,
	.n_reasons = ARRAY_SIZE(reasons),
	.create = police_create,
	.destroy = police_destroy,
	.process = { [ELEMENT_INGRESS] = police_process, [ELEMENT_EGRESS] = police_process },
	.show_rows = police_show_rows,
};
ELEMENT_REGISTER(police_type);
