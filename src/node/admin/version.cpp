#include "phyllo/node/version.hpp"
