#include "tests.h"
CU_TestInfo arp_tests[] = { CU_TEST_INFO_NULL };
