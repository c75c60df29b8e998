#include "platform/rpc/stream.h"
#include "gtest/gtest.h"
