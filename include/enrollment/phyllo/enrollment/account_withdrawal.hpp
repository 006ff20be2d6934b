// Of accounts that were removed: takes what of them is still in the overlay out of it. What is to be done stands in the accounts' database
// (enrollment.md, "Removing an account"), so that it is done whenever the server runs next.
#pragma once

#include <functional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::enrollment {

class account_withdrawal {
 public:
  // References outlive it. `publish_again`: the credential of an account that was made again while the old one was withdrawn.
  account_withdrawal(core::environment& env, overlay::overlay& overlay, enrollment::accounts& accounts,
                     std::function<void(std::string user)> publish_again, core::logger log)
      : env_(env), overlay_(overlay), accounts_(accounts), publish_again_(std::move(publish_again)), log_(std::move(log)) {}

  core::awaitable<void> run();  // looks every second; ends by cancellation

 private:
  core::awaitable<bool> withdraw(std::string user);

  core::environment& env_;
  overlay::overlay& overlay_;
  accounts& accounts_;
  std::function<void(std::string user)> publish_again_;
  core::logger log_;
};

}  // namespace phyllo::enrollment
