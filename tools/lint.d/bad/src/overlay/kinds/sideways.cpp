// What a room may not use: another room that its tier's law does not name.
#include "reload/destination.hpp"
#include "pastry/pastry.hpp"        // bad: Kinds know no topology
#include "phyllo/overlay/name.hpp"
#include "storage/storage_node.hpp"  // bad: nor how they are stored
