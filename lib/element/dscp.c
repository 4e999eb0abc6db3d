/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "element/dscp.h"
#include "schema/text.h"

#define EXPECTED \
	"an integer from 0 to 63 or one of \"be\", \"ef\", \"va\", \"cs1\" to \"cs7\", \"af11\" " \
	"to \"af43\""

/* RFC 2474, 2597, 3246, 5865. */
static const struct {
	const char *name;
	uint8_t dscp;
} names[] = {
	{ "be", 0 },
	{ "cs0", 0 },
	{ "cs1", 8 },
	{ "cs2", 16 },
	{ "cs3", 24 },
	{ "cs4", 32 },
	{ "cs5", 40 },
	{ "cs6", 48 },
	{ "cs7", 56 },
	{ "af11", 10 },
	{ "af12", 12 },
	{ "af13", 14 },
	{ "af21", 18 },
	{ "af22", 20 },
	{ "af23", 22 },
	{ "af31", 26 },
	{ "af32", 28 },
	{ "af33", 30 },
	{ "af41", 34 },
	{ "af42", 36 },
	{ "af43", 38 },
	{ "va", 44 },
	{ "ef", 46 },
};

static bool
read_value(struct report *report, struct value value, uint8_t *dscp)
{
	const char *text = json_string_value(value.json);
	json_int_t number = json_integer_value(value.json);

	for (unsigned int i = 0; text != NULL && i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i].name) != 0)
			continue;
		*dscp = names[i].dscp;
		return true;
	}
	if (json_is_integer(value.json) && number >= 0 && number <= DSCP_MAX) {
		*dscp = (uint8_t)number;
		return true;
	}
	report_value(report, value.node, EXPECTED);
	return false;
}

static bool
dscp_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return read_value(report, value, (uint8_t *)object + field->offset);
}

static void
dscp_fail(const struct field *field, void *object)
{
	*((uint8_t *)object + field->offset) = DSCP_NONE;
}

const struct field_type field_dscp = { .read = dscp_read, .fail = dscp_fail };

static void
item_read(struct report *report, struct value value, void *item)
{
	read_value(report, value, item);
}

const struct kind dscp_kind = { .items = "DSCPs", .size = sizeof(uint8_t), .read = item_read };
