// Requests of this node: sends them, sends them again, and matches answers with them (RFC 6940 s.6.2.1). A shell around request_table, with
// an alarm clock of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "reload/message.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/message_router.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/request_table.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// Storage at this node, asked by this node.
class own_requests {
 public:
  virtual ~own_requests() = default;
  // Nobody else sees this message: it is neither signed nor verified.
  virtual void on_own_request(const forwarding_header& h, const message_contents& m) = 0;
};

class requester {
 public:
  struct options {
    bool link_only = false;  // by the link of the destination or not at all
    unsigned sends_max = 0;  // 0: as configured
    core::duration timer{};  // until it is sent again; 0: as configured
  };

  // All references outlive it.
  requester(core::environment& env, unsigned sends_max, core::duration end_to_end_timer, const topology& where, const message_maker& maker,
            message_router& router, message_counters& counters, neighbour_observer& neighbours, messenger_observer& up, own_requests& here);

  // Sends what is due, when it is due, until it is cancelled.
  core::awaitable<void> run();

  // `done` is called exactly once, never from inside this call: the answer (a RELOAD error is one), timed_out, or not_joined after stop().
  void ask(destination_list to, message_contents m, core::time_point deadline, options o, pending_request::handler done);
  // Signed once, one transaction id.
  void ask_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                std::function<void(node_id, core::result<answer>)> done);
  // A verified answer, to whatever.
  void on_answer(const forwarding_header& h, opened_payload& p, const identity::certificate& signer, const std::optional<node_id>& from);
  // Of this node to itself: completed by run_due.
  void answer_locally(std::uint64_t transaction, message_contents m);

  // Those that went by a node whose link has just closed are sent again.
  void hurry(const node_id& hop);
  // And, if it has failed: those that may go to it by its link only time out at once.
  void give_up(const node_id& failed);
  void run_due(core::time_point now);
  [[nodiscard]] core::time_point next_due() const;
  void stop();

 private:
  struct local_answer {
    std::uint64_t transaction;
    answer content;
  };

  void wake() { alarm_->set(env_.now()); }  // something may be due earlier than it was
  void send(pending_request& r);
  [[nodiscard]] bool stays_here(const pending_request& r) const;
  [[nodiscard]] bool acceptable(pending_request& r, const answer& a);

  core::environment& env_;
  unsigned sends_max_;
  const topology& topology_;
  const message_maker& maker_;
  message_router& router_;
  message_counters& counters_;
  neighbour_observer& neighbours_;
  messenger_observer& up_;
  own_requests& here_;
  request_table requests_;
  std::vector<local_answer> local_answers_;
  std::unique_ptr<core::timer> alarm_;
};

}  // namespace phyllo::overlay
