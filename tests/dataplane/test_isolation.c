#include "tests.h"
CU_TestInfo isolation_tests[] = { CU_TEST_INFO_NULL };
