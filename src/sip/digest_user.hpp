// Whose account a digest username means: phones are told "alice", or take the whole address, "alice@example.com", for it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace phyllo::sip {

struct digest_user {
  digest_user(std::string_view username, std::string_view realm) : account(username) {
    const auto at = username.rfind('@');
    whole = at != std::string_view::npos && username.substr(at + 1) == realm;
    if (!whole) account.append("@").append(realm);
  }

  std::string account;  // "alice@example.com"
  bool whole = false;   // its HA1 is made with the whole address
};

}  // namespace phyllo::sip
