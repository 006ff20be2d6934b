// The domains' keys as the login server's own process has them (enrollment.md, "Domain keys").
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/identity/domain_keyring.hpp"

namespace phyllo::enrollment {

// A generation is announced for so long before anything is made with it: nodes ask for their keys three times in it.
inline constexpr std::chrono::seconds announced_for{900};
inline constexpr std::chrono::seconds asked_for_every{300};

// All generations of these domains. A domain's first is made where it has none. errc::database.
[[nodiscard]] core::result<identity::domain_keyring> keyring_of(accounts& a, const std::vector<std::string>& domains);

}  // namespace phyllo::enrollment
