// The transaction stateful proxy of our domains (RFC 3261 s.16): finds callees through the overlay, forks to all their
// phones, and stays on the path of the dialogs it makes.
//
// A request leaves this node only toward a registered location of the callee, or toward the other end of a dialog in which its very
// source takes part (dialog_authority.hpp). Whom it serves: anyone who calls a user of ours (whose From is of our domains must prove it,
// unless a node with authority for that domain, which has asked him, sends the request by phyllo-sip), and the ends of dialogs that it
// record-routed. It relays nothing to strangers.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ack_ways.hpp"
#include "authenticator.hpp"
#include "callee_lookup.hpp"
#include "caller_claim.hpp"
#include "code_counter.hpp"
#include "dialog_authority.hpp"
#include "dialog_count.hpp"
#include "fork_targets.hpp"
#include "forwarding_search.hpp"
#include "host_names.hpp"
#include "neighbour_loads.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/sip/service.hpp"
#include "proxy_context.hpp"
#include "ringing_calls.hpp"
#include "server_location.hpp"
#include "transaction_layer.hpp"
#include "trust_domain.hpp"
#include "trusted_headers.hpp"
#include "way_memory.hpp"

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

// How strangers are answered; see service_settings.
struct stranger_options {
  std::vector<std::string> methods;
  int answer = 480;
  core::duration delay{};
};

class proxy {
 public:
  proxy(proxy_parts parts, const service_options& o, asio::ip::address own_address, core::logger log);

  void start();  // the driver of the contexts' timers

  // As transaction_user has them; every method but REGISTER.
  void on_request(server_id id, std::shared_ptr<const message> request, const source& from);
  void on_cancel(server_id cancel, server_id invite);
  void on_ack(message ack, const source& from);
  void on_response(client_id id, message response, const source& from);
  void on_failure(client_id id, int status);
  void on_timer_c(client_id id);
  void on_server_ended(server_id id);

  void drain() { draining_ = true; }
  [[nodiscard]] std::size_t calls() const noexcept { return dialogs_.size(); }
  [[nodiscard]] std::size_t busy() const noexcept { return unanswered_; }  // requests without a final answer
  core::awaitable<void> stop();                                            // cancels and joins

 private:
  using context = proxy_context;

  // proxy.cpp: what kind of request it is
  [[nodiscard]] bool refused_at_once(context& c);
  void dispatch(std::shared_ptr<context> c, const route_information& info);
  void answer_options(context& c);
  core::awaitable<void> ask_for_ack(std::shared_ptr<message> ack, source from, dialog_token t);
  void pass_ack(message ack, const source& from, const dialog_token& t, side as);
  void reply(context& c, int status, std::string_view phrase = {});
  void reply(context& c, message response);
  void finish(context& c, int status);

  // proxy_lookup.cpp: who asks, and where the callee is
  core::awaitable<void> route(std::shared_ptr<context> c, std::optional<path_token> path);
  core::awaitable<void> learn_names(std::shared_ptr<context> c);
  [[nodiscard]] std::optional<std::string> unknown_name(const context& c) const;
  core::awaitable<bool> identify(std::shared_ptr<context> c, caller_claim claim);
  core::awaitable<bool> authorize(std::shared_ptr<context> c, caller_claim claim);
  core::awaitable<bool> known_to_do_better(std::string user);
  [[nodiscard]] bool admitted(context& c, const authentication& a, const caller_claim& claim);
  [[nodiscard]] bool admitted_to(context& c, const std::string& callee);
  core::awaitable<void> locate(std::shared_ptr<context> c, std::string user);
  void add_targets(context& c, forwarding_search& search, const forwarding_search::place& at,
                   const std::vector<overlay::stored_value>& values, std::vector<fork_target>& targets);
  void look_up_failed(context& c, const core::error& why);
  core::awaitable<void> nobody_home(std::shared_ptr<context> c, std::string user);
  void unavailable(context& c, int status, std::string_view phrase);

  // proxy_strangers.cpp: what strangers may ask of users, and the one answer that they get
  [[nodiscard]] bool open_to_strangers(const context& c) const;
  [[nodiscard]] bool told_uniformly(const context& c, int status) const;
  void refuse_stranger(context& c);
  core::awaitable<void> refuse_when_due(std::shared_ptr<context> c);
  void refuse_sips(context& c);

  // proxy_dialog.cpp: within dialogs, and to phones of ours
  [[nodiscard]] bool within_dialog(const std::shared_ptr<context>& c, std::string_view proven);
  void forward_within(std::shared_ptr<context> c, side from);
  core::awaitable<void> forward_beyond(std::shared_ptr<context> c, dialog_end to);
  // Where a request within a dialog goes from here.
  struct lead {
    std::optional<dialog_end> end{};  // nullopt: nowhere
    bool sure = true;                 // false: an address that another node has spoken to; the phone may have left it when that node died
  };
  [[nodiscard]] lead onward(message& m, const dialog_token& t, side from) const;
  void spare_way_past(context& c, side from) const;
  [[nodiscard]] std::optional<dialog_token> next_token(const message& m, const dialog_token& of) const;
  [[nodiscard]] bool may_look_for(const context& c) const;
  [[nodiscard]] bool may_go_on(const context& c) const;
  core::awaitable<void> go_on(std::shared_ptr<context> c);
  [[nodiscard]] std::vector<fork_way> ways_now(const context& c, const std::string& user,
                                               const std::vector<overlay::stored_value>& values) const;
  [[nodiscard]] bool led_by_dialog(const context& c, fork_way& w) const;
  void forget_branches(context& c);
  void to_phone(context& c, const path_token& path);
  void fork_one(context& c, std::vector<fork_way> ways);

  // proxy_fork.cpp: branches and answers
  void make_presentable(context& c) const;
  void fork(context& c, std::vector<fork_target> targets);
  void perform(context& c, fork_step s, message* told);
  void start_branch(context& c, const attempt& a);
  void note_way_of_ack(const context& c, std::size_t branch, const message& response);
  [[nodiscard]] message branch_request(const context& c, const fork_way& w) const;
  void forward_response(context& c, message response);
  void answer(context& c, const fork_step::verdict& v);
  void record(const context& c, const dialog_end& callee, message& m) const;
  void schedule(context& c);
  void set_timer();
  core::awaitable<void> run_timers();

  // proxy_ways.cpp: what is learnt of ways
  void note_sent(const fork_way& w, client_id id);
  void note_heard(const source& from) {
    if (from.peer) ways_.heard(from.peer->node());
  }
  void note_load(const source& from, const message& response);
  [[nodiscard]] bool held_back(context& c, const fork_way& w);
  void note_answer(const context& c, std::size_t branch, int status);
  void ask_node(const node_way& n);
  void run_ways();
  // Shared, since the layer below may end the server transaction while its context is at work.
  [[nodiscard]] std::shared_ptr<context> of(client_id id, std::size_t& branch);

  proxy_parts parts_;
  identity::node_id self_;
  bool authenticate_;
  stranger_options strangers_;
  fork_options fork_options_;
  asio::ip::address own_address_;
  core::logger log_;
  code_counter calls_;
  core::hash_key hash_key_{core::random_hash_key(parts_.env)};
  dialog_count dialogs_{hash_key_};
  ringing_calls ringing_;
  callee_lookup lookup_;
  way_memory ways_{hash_key_};
  neighbour_loads loads_{hash_key_};
  fork_targets targets_;
  ack_ways ack_ways_{hash_key_};
  std::unordered_map<server_id, std::shared_ptr<context>> contexts_;
  std::unordered_map<client_id, std::pair<server_id, std::size_t>> clients_;
  std::unordered_multiset<std::uint64_t> passages_;  // of requests without a final answer
  std::set<std::pair<core::time_point, server_id>> due_;
  std::unique_ptr<core::timer> timer_;
  std::size_t unanswered_ = 0;
  core::task_scope scope_;
  bool draining_ = false;
};

}  // namespace phyllo::sip
