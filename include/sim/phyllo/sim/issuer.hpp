// Who certifies the nodes of a simulated overlay: real X.509 and Ed25519, or a model of them that costs less.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::sim {

enum class crypto {
  model,  // a keyed hash of 64 bytes for a signature, certificates of a real one's size that are read by looking them up
  real,   // what supernodes use
};

[[nodiscard]] std::string_view name_of(crypto c);

// One login server, its configuration document, and the trust that follows from both. One thread.
class issuer {
 public:
  struct request {
    identity::node_id node;
    std::string user;
    std::vector<std::string> domains;  // authority for these
    core::wall_time not_before;
    core::wall_time not_after;
    bool peer = true;  // the right to be a peer: most simulated nodes are supernodes
  };

  virtual ~issuer() = default;
  [[nodiscard]] virtual identity::credential issue(const request& r) = 0;
  // Of all nodes alike; a supernode has one of its own. Lives as long as the issuer.
  [[nodiscard]] virtual identity::trust& trust() = 0;
  // For nodes that do not all know the same; the issuer outlives it.
  [[nodiscard]] virtual std::unique_ptr<identity::trust> make_trust() = 0;
  [[nodiscard]] virtual const identity::credential& signer() = 0;  // the document's configuration-signer
  // The document's text is empty with the model.
  [[nodiscard]] virtual const identity::parsed_configuration& configuration() = 0;
};

// The model's certificates, keys and trust are known to this tier alone: a supernode's trust refuses them all.
[[nodiscard]] std::unique_ptr<issuer> make_issuer(crypto c, std::string overlay_name, core::wall_time now, std::uint64_t seed);

}  // namespace phyllo::sim
