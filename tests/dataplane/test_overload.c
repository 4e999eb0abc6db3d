#include "tests.h"
CU_TestInfo overload_tests[] = { CU_TEST_INFO_NULL };
