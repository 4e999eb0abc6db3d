#include "tests.h"
CU_TestInfo input_tests[] = { CU_TEST_INFO_NULL };
