// What an operator can set of a login server: section [login] of the configuration file, as far as this tier acts on it.
#pragma once

#include <chrono>
#include <string>

namespace phyllo::enrollment {

// How many Node-IDs an account may have at a time: one counts until its last certificate ends. New ones a day are as many as both together.
struct node_limits {
  unsigned peers = 1;     // with the right to be a peer; `user add --peers` says otherwise for one account
  unsigned devices = 10;  // that are clients
};

struct login_settings {
  unsigned scrypt_log2_n = 17;  // cost of a password: 128 MiB and half a second of a core; accounts made at less are raised to it when
                                // they log in
  std::string sip_secret = "random";  // phones' digests: "random" secret of their own, or the "account" password
  std::chrono::seconds certificate_lifetime{7 * 24 * 3600};
  unsigned attempts_per_minute = 30;                   // failed ones, per address
  std::chrono::seconds domain_key_overlap{25 * 3600};  // older generations of a domain's key are kept for so long
  node_limits node_ids;                                // of each account
};

}  // namespace phyllo::enrollment
