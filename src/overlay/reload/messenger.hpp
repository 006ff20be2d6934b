// RELOAD's message layer at one node: takes messages from links, routes them, verifies what is for this node, and matches answers with
// requests (RFC 6940 s.6.1, s.6.2, s.6.3.4). It starts no coroutine: forwarding is one pass from a link to a link.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/link_table.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/message_router.hpp"
#include "reload/message_verifier.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/requester.hpp"
#include "reload/responder.hpp"
#include "reload/topology.hpp"
#include "reload/unverified_messages.hpp"

namespace phyllo::overlay {

struct messenger_options {
  std::uint8_t initial_ttl;         // these three as the document has them
  core::duration end_to_end_timer;  // overlay-reliability-timer
  std::size_t message_max;
  unsigned sends_max;
  bool forwards;  // an ordinary node does nothing for others
};

class messenger final : public transport::link_observer, private router_observer {
 public:
  // All references outlive it.
  messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
            link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log, neighbour_observer& neighbours,
            messenger_observer& up);

  using request_options = requester::options;
  // `done` is called exactly once, never from inside this call: the answer (a RELOAD error is one), timed_out, or
  // not_joined after stop().
  void request(destination_list to, message_contents m, core::time_point deadline, request_options o, pending_request::handler done);
  // Signed once, one transaction id.
  void request_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                    std::function<void(node_id, core::result<answer>)> done);
  void respond(const received_request& r, message_contents m);

  // The ring has changed: asks again what is to become of held messages.
  void release_held() { router_.release_held(); }
  // Certificates of `n` have been looked for: what waits for them is delivered, or dropped.
  void release_strangers(const node_id& n);
  // Those that went by a node whose link has just closed are sent again.
  void hurry(const node_id& hop) { requester_.hurry(hop); }
  // And, if it has failed: those that may go to it by its link only time out at once.
  void give_up(const node_id& failed) { requester_.give_up(failed); }
  void run_due(core::time_point now);
  void forget_answers(core::time_point now) { responder_.forget(now); }
  [[nodiscard]] core::time_point next_due() const;
  void set_configuration_sequence(std::uint16_t s) noexcept { maker_.set_configuration_sequence(s); }
  [[nodiscard]] const certificate_store& certificates() const noexcept { return verifier_.certificates(); }
  certificate_store& certificates() noexcept { return verifier_.certificates(); }
  void stop();

  void on_message(transport::link& l, core::byte_view message) override;
  void on_acknowledged(transport::link& l, std::uint64_t token) override;
  void on_overdue(transport::link& l, std::uint64_t token) override;
  void on_closed(transport::link& l, const core::error& why) override;

 private:
  void on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) override;
  void on_held() override { up_.on_agenda_changed(); }
  void await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                         const std::optional<node_id>& from);

  core::environment& env_;
  messenger_options options_;
  link_table& links_;
  const identity::trust& trust_;
  neighbour_observer& neighbours_;
  messenger_observer& up_;
  bool stopped_ = false;
  transport::link* arrived_ = nullptr;  // what is looked at has come by it now

  message_counters counters_;
  message_maker maker_;
  message_router router_;
  message_verifier verifier_;
  unverified_messages strangers_;
  requester requester_;
  responder responder_;
};

}  // namespace phyllo::overlay
