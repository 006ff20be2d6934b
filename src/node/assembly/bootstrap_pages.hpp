// What a node gives others as a bootstrap server (RFC 6940 s.11.2; enrollment.md): the configuration document, the revocation list, and a
// signed list of the supernodes that it knows. Anybody may ask: nothing is made anew for each.
#pragma once

#include <memory>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

class bootstrap_pages {
 public:
  // References outlive it. `trust` has the revocation list.
  bootstrap_pages(core::environment& env, const configuration& c, const identity::trust& trust);

  [[nodiscard]] enrollment::bootstrap_server& server() noexcept { return *server_; }  // for documents, and for who asks
  // From now on there is a list of supernodes: of those that `p` knows, signed by `signer`. `p` lives as long as anybody asks.
  void list(const overlay::peer& p, std::shared_ptr<const identity::credential> signer);

 private:
  [[nodiscard]] std::string supernodes();
  [[nodiscard]] std::string revocations();

  core::environment& env_;
  const configuration& configuration_;
  const identity::trust& trust_;
  std::unique_ptr<enrollment::bootstrap_server> server_;
  const overlay::peer* peer_ = nullptr;
  std::shared_ptr<const identity::credential> signer_;
  std::string listed_;  // the supernodes, and until when that is good enough
  core::time_point listed_until_{};
  std::string encoded_;  // the revocation list, and its number
  std::uint64_t encoded_number_ = 0;
};

}  // namespace phyllo::node
