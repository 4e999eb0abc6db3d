/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ERROR_H
#define VRF_ERROR_H

#include <stdarg.h>
#include <stdio.h>

#include "vrf/vr.h"

/* Writes the reason and gives the code, so that it can be returned in one go. */
static inline int __attribute__((format(printf, 3, 4)))
error_set(char error[VR_ERROR_SIZE], int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, VR_ERROR_SIZE, format, args);
	va_end(args);
	return code;
}

#endif
