// The transaction stateful proxy of our domains (RFC 3261 s.16): finds callees through the overlay, forks to all their
// phones, and stays on the path of the dialogs it makes.
//
// A request leaves this node only toward a registered location of the callee, or toward the other end of a dialog in which its very
// source takes part (dialog_authority.hpp). Whom it serves: anyone who calls a user of ours (whose From is of our domains must prove it,
// unless a node with authority for that domain, which has asked him, sends the request by phyllo-sip), and the ends of dialogs that it
// record-routed. It relays nothing to strangers.
#pragma once

#include <memory>
#include <utility>

#include "ack_forwarder.hpp"
#include "call_branches.hpp"
#include "callee_finder.hpp"
#include "caller_admission.hpp"
#include "dialog_forwarding.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::sip {

// What the proxy works with; all of it outlives it.
struct proxy_parts {
  core::environment& env;
  const own_names& own;
  host_names& hosts;
  sip::authenticator& authenticator;
  const token_sealer& sealer;
  overlay::overlay& overlay;
  const secret_source& secrets;
  transaction_layer& transactions;
  server_location& servers;
  const trust_domain& trust;
  const trusted_headers& headers;
  core::metrics& metrics;
};

class proxy {
 public:
  proxy(proxy_parts parts, const service_options& o, asio::ip::address own_address, const core::logger& log);

  void start();  // the driver of the contexts' timers

  // As transaction_user has them; every method but REGISTER.
  void on_request(server_id id, std::shared_ptr<const message> request, const source& from);
  void on_cancel(server_id cancel, server_id invite);
  void on_ack(message ack, const source& from);
  void on_response(client_id id, message response, const source& from) { branches_.on_response(id, std::move(response), from); }
  void on_failure(client_id id, int status) { branches_.on_failure(id, status); }
  void on_timer_c(client_id id) { branches_.on_timer_c(id); }
  void on_server_ended(server_id id);

  void drain() { draining_ = true; }
  [[nodiscard]] std::size_t calls() const noexcept { return branches_.calls(); }
  [[nodiscard]] std::size_t busy() const noexcept { return replies_.unanswered(); }  // requests without a final answer
  core::awaitable<void> stop();                                                      // cancels and joins

 private:
  using context = proxy_context;

  [[nodiscard]] bool refused_at_once(context& c);
  [[nodiscard]] bool refused_by_check(context& c);
  void dispatch(std::shared_ptr<context> c, const route_information& info);
  void answer_options(context& c);
  core::awaitable<void> route(std::shared_ptr<context> c, std::optional<path_token> path);

  proxy_parts parts_;
  asio::ip::address own_address_;
  core::hash_key hash_key_{core::random_hash_key(parts_.env)};
  core::task_scope scope_;
  ringing_calls ringing_;
  context_table contexts_;
  callee_lookup lookup_;
  proxy_replies replies_;
  stranger_refusals strangers_;
  way_knowledge ways_;
  fork_targets targets_;
  ack_ways ack_ways_{hash_key_};
  call_branches branches_;
  dialog_leads leads_;
  dialog_forwarding dialogs_;
  ack_forwarder acks_;
  caller_admission admission_;
  callee_finder finder_;
  bool draining_ = false;
};

}  // namespace phyllo::sip
