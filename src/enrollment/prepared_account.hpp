// What an account is made of before it is stored (phyllo/enrollment/accounts.hpp has prepare_account).
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/result.hpp"

namespace phyllo::enrollment {

// Domains of an account, once each, in order. core::errc::invalid: no certificate can carry them.
[[nodiscard]] core::status tidy_authority(std::vector<std::string>& domains);

}  // namespace phyllo::enrollment
