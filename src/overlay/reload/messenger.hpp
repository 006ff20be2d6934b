// RELOAD's message layer at one node: takes messages from links, routes them, verifies what is for this node, and matches answers with
// requests (RFC 6940 s.6.1, s.6.2, s.6.3.4). Forwarding is one pass from a link to a link.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/arrived_messages.hpp"
#include "reload/link_table.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/message_router.hpp"
#include "reload/message_verifier.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/requester.hpp"
#include "reload/responder.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

struct messenger_options {
  std::uint8_t initial_ttl;         // these three as the document has them
  core::duration end_to_end_timer;  // overlay-reliability-timer
  std::size_t message_max;
  unsigned sends_max;
  bool forwards;  // an ordinary node does nothing for others
};

class messenger final : public transport::link_observer {
 public:
  // All references outlive it.
  messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
            link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log, neighbour_observer& neighbours,
            messenger_observer& up);

  // This node's requests, and its answers to others'.
  [[nodiscard]] requester& requests() noexcept { return requester_; }
  [[nodiscard]] responder& answers() noexcept { return responder_; }

  // The ring has changed: asks again what is to become of held messages.
  void release_held() { router_.release_held(); }
  void expire_held(core::time_point now) { router_.expire_held(now); }
  [[nodiscard]] core::time_point held_until() const { return router_.held_until(); }
  // Certificates of `n` have been looked for: what waits for them is delivered, or dropped.
  void release_strangers(const node_id& n) { arrived_.release(n); }
  void set_configuration_sequence(std::uint16_t s) noexcept { maker_.set_configuration_sequence(s); }
  [[nodiscard]] const certificate_store& certificates() const noexcept { return verifier_.certificates(); }
  certificate_store& certificates() noexcept { return verifier_.certificates(); }
  void stop();

  void on_message(transport::link& l, core::byte_view message) override;
  void on_acknowledged(transport::link& l, std::uint64_t token) override;
  void on_overdue(transport::link& l, std::uint64_t token) override;
  void on_closed(transport::link& l, const core::error& why) override;

 private:
  core::environment& env_;
  messenger_options options_;
  link_table& links_;
  const identity::trust& trust_;
  neighbour_observer& neighbours_;
  bool stopped_ = false;

  message_counters counters_;
  message_maker maker_;
  arrived_messages arrived_;  // hands on to those below
  message_router router_;
  message_verifier verifier_;
  requester requester_;
  responder responder_;
};

}  // namespace phyllo::overlay
