// A link that carries nothing, to a node that a test names; and certificates that say no more than what a test asks of them.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "phyllo/transport/link.hpp"

namespace phyllo::testing {

class bare_content final : public identity::certificate_content {
 public:
  [[nodiscard]] core::status verify(std::uint8_t, std::uint8_t, core::byte_view, core::byte_view) const override { return {}; }
};

// Of this node; its fingerprint is the node's, and zeros.
inline identity::certificate bare_certificate(const identity::node_id& node) {
  auto c = std::make_shared<bare_content>();
  c->node = node;
  std::copy(node.octets.begin(), node.octets.end(), c->fingerprint.begin());
  return identity::certificate(std::move(c));
}

class still_link final : public transport::link {
 public:
  explicit still_link(const identity::node_id& peer) : peer_(bare_certificate(peer)) {}

  void observe(transport::link_observer*) override {}
  core::status send(core::byte_view, std::uint64_t) override { return {}; }
  void close() override { is_open = false; }
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return peer_; }
  [[nodiscard]] transport::endpoint remote() const override { return {}; }
  [[nodiscard]] transport::link_kind kind() const noexcept override { return transport::link_kind::dtls; }
  [[nodiscard]] bool open() const noexcept override { return is_open; }
  [[nodiscard]] core::duration rtt() const noexcept override { return {}; }
  [[nodiscard]] core::duration rto() const noexcept override { return {}; }

  bool is_open = true;

 private:
  identity::certificate peer_;
};

}  // namespace phyllo::testing
