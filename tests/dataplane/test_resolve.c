#include "tests.h"
CU_TestInfo resolve_tests[] = { CU_TEST_INFO_NULL };
