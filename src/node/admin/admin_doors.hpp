// The two doors of the admin interface, opened as the configuration says.
#pragma once

#include <vector>

#include "admin/admin.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

struct admin_doors {
  std::vector<admin_door> doors;
  transport::endpoint network;  // where the TCP listener is
};

// The data directory is there. errc::configuration and disk's io name the key; transport's errors.
[[nodiscard]] core::result<admin_doors> open_admin_doors(core::environment& env, const configuration& c);

}  // namespace phyllo::node
