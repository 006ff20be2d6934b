// A verified request, and what an answer to it needs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/link.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

struct received_request {
  message_contents contents;  // certificates: those of the bucket but the signer's
  identity::certificate signer;
  std::optional<resource_id> resource;
  std::optional<node_id> link_peer;  // by whose link; none: this node's own
  bool direct = false;               // on a link whose peer is the signer, with no hop between
  // The link that a direct one came by, where its node has another that is preferred: two processes may have one Node-ID.
  std::weak_ptr<transport::link> by{};
  std::uint64_t transaction = 0;
  std::uint8_t ttl = 0;
  std::uint32_t max_response_length = 0;
  bool remember = false;  // its answer goes into the cache
  destination_list return_path;
  std::vector<forwarding_option> copied_options;  // for the answer
};

// Its code is the request's, and one.
[[nodiscard]] message_contents answer_to(const received_request& r, core::bytes body = {});

}  // namespace phyllo::overlay
