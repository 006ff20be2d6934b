// The storage of a peer that only routes: it keeps nothing, and says so.
#pragma once

#include <memory>

#include "storage/storage.hpp"

namespace phyllo::overlay {

[[nodiscard]] std::unique_ptr<storage> make_no_storage();

}  // namespace phyllo::overlay
