// The domain of a user, "example.com" of "alice@example.com".
#pragma once

#include <algorithm>
#include <string>

namespace phyllo::enrollment {

// `user` is not empty.
[[nodiscard]] inline std::string domain_of(const std::string& user) { return user.substr(std::min(user.find('@'), user.size() - 1) + 1); }

}  // namespace phyllo::enrollment
