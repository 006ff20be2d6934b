// Who a load's users are: lines of a CSV file, or a pattern with numbers.
#pragma once

#include "phyllo/core/result.hpp"
#include "sip_client.hpp"

namespace phyllo::load {

// "user{}" and 3: user0, user1, user2. The password's pattern likewise; without "{}" all have the same.
[[nodiscard]] std::vector<user> users_of_pattern(std::string_view name, std::string_view password, std::size_t count);

// Lines of user,password or user@domain,password; what else stands behind is not read (as `supernode user import` has it).
// core::errc::malformed: a line without a password, by its number; or no line at all.
[[nodiscard]] core::result<std::vector<user>> users_of_csv(std::string_view text);

}  // namespace phyllo::load
