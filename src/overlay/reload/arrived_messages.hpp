// Messages for this node (RFC 6940 s.6.3.4): opened, verified, and given to whoever is asked or has asked. Those that lack their signer's
// certificate wait until it has been looked for.
#pragma once

#include <optional>

#include "reload/message_counters.hpp"
#include "reload/message_router.hpp"
#include "reload/message_verifier.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/requester.hpp"
#include "reload/responder.hpp"
#include "reload/unverified_messages.hpp"

namespace phyllo::overlay {

class arrived_messages final : public router_observer, public own_requests {
 public:
  // All references outlive it.
  arrived_messages(message_verifier& verifier, requester& requests, responder& answers, message_counters& counters, messenger_observer& up)
      : verifier_(verifier), requests_(requests), answers_(answers), counters_(counters), up_(up) {}

  void on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) override;
  void on_own_request(const forwarding_header& h, const message_contents& m) override;
  void on_held() override { up_.on_agenda_changed(); }
  // What arrives from now on has come by this link; null: it has waited, or is this node's own.
  void come_by(const transport::link* l) noexcept { by_ = l; }

  // Certificates of `n` have been looked for: what waits for them is delivered, or dropped.
  void release(const node_id& n);
  void stop() noexcept { waiting_.clear(); }

 private:
  void await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                         const std::optional<node_id>& from);

  message_verifier& verifier_;
  requester& requests_;
  responder& answers_;
  message_counters& counters_;
  messenger_observer& up_;
  unverified_messages waiting_;
  const transport::link* by_ = nullptr;
};

}  // namespace phyllo::overlay
