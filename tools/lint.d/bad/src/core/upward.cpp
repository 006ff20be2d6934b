#include "phyllo/overlay/overlay.hpp"  // bad: core lies below the overlay
#include "overlay/reload/surroundings.hpp"  // bad: private to another tier
#include "phyllo/core/result.hpp"
