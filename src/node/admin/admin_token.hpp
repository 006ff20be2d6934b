// The secret with which the admin interface takes commands by TCP.
#pragma once

#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// The first line of admin.token_file, or of the file admin.token of the data directory, which is made when it is missing (0600, 32 random
// bytes). errc::configuration: the configured file is missing, can be read by others, or holds fewer than 16 bytes. disk's io.
[[nodiscard]] core::result<std::string> admin_token(core::environment& env, const configuration& c);

}  // namespace phyllo::node
