// For a command that root runs on the directory of a node that runs as another user.
#pragma once

#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::command {

enum class kept_right {
  read,  // of all files: one to import may be root's
  bind,  // to ports below 1024, as the node's unit gives it
};

// Goes on as that user, so that what it writes is the node's to read, with what is `kept` of root's rights. Nothing changes for others, or
// where there is no such directory. disk's io.
[[nodiscard]] core::status act_as_owner(const std::string& directory, kept_right kept);

}  // namespace phyllo::command
