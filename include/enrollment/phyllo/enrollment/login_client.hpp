// Enrollment and configuration from a node's side.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/told_time.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/enrollment/supernode_list.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/transport/host.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::enrollment {

// Hears what the clock of a server shows that TLS has authenticated, by the Date of its answer, whatever that answers.
using time_listener = std::function<void(core::told_time t)>;

struct client_options {
  asio::ip::address bind;                // unspecified: any
  std::vector<std::string> anchors_pem;  // of the servers' web certificates; empty: the system's
  transport::ladder_options ladder;      // how servers are reached that are not reached straight
  time_listener hear_time = nullptr;     // null: nobody
};

// Makes a key, asks `login_url` (https) for a certificate, with the right to be a peer if it is to be one. failed_authentication,
// username_not_available, node_ids_not_available, bad_csr, too_many_attempts, server_error, unreachable.
core::awaitable<core::result<identity::credential>> enroll(core::environment& env, client_options o, std::string login_url,
                                                           std::string user, std::string password, std::string device, bool peer,
                                                           core::time_point deadline);

// The same for a node whose certificate is still good: that authorises it, and the new one is for the same Node-ID.
core::awaitable<core::result<identity::credential>> renew(core::environment& env, client_options o, std::string login_url,
                                                          identity::credential old, core::time_point deadline);

// The keys of the domains that both the certificate and its account have authority for. Errors as above.
core::awaitable<core::result<identity::domain_keyring>> fetch_domain_keys(core::environment& env, client_options o, std::string login_url,
                                                                          identity::credential by, core::time_point deadline);

// The configuration document, from the first bootstrap server that has a valid one. unreachable, identity's errors.
core::awaitable<core::result<identity::parsed_configuration>> fetch_configuration(core::environment& env, client_options o,
                                                                                  std::vector<std::string> bootstrap_urls,
                                                                                  core::time_point deadline);

// The supernodes that a bootstrap server knows to be alive. server_error, unreachable, identity's errors. `trust` outlives the call.
core::awaitable<core::result<supernode_list>> fetch_supernodes(core::environment& env, client_options o, std::string bootstrap_url,
                                                               const identity::trust& trust, core::time_point deadline);

// The revocation list as a bootstrap server has it, unchecked. server_error where the overlay has none; unreachable.
core::awaitable<core::result<std::string>> fetch_revocations(core::environment& env, client_options o, std::string bootstrap_url,
                                                             core::time_point deadline);

// Credential records (enrollment.md): a user's HA1s sealed to the newest generation of his domain's key, as the value of a record of type
// `credential`. unknown_generation: the keyring has not that key; malformed, identity's errors.
[[nodiscard]] core::result<std::string> seal_secret(const identity::domain_keyring& keys, const std::string& user, const digest_secret& s);
[[nodiscard]] core::result<digest_secret> open_secret(const identity::domain_keyring& keys, const std::string& user,
                                                      std::string_view sealed);
// The generation that a record is sealed with. core::errc::malformed.
[[nodiscard]] core::result<std::uint32_t> sealed_generation(std::string_view sealed);

}  // namespace phyllo::enrollment
