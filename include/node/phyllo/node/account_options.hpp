// How accounts are made under a configuration: the same for the server and for the commands.
#pragma once

#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

[[nodiscard]] inline enrollment::account_options account_options_of(const configuration& c) {
  return {.scrypt_log2_n = c.login.scrypt_log2_n,
          .sip_secret = c.login.sip_secret == "account" ? enrollment::sip_secret::account : enrollment::sip_secret::random,
          .md5 = c.sip.digest.policy != "require"};
}

}  // namespace phyllo::node
