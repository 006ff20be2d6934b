// The branches of requests that the proxy forwards (RFC 3261 s.16.6 to s.16.10): the shell of response_context.hpp, which sends along the
// ways, hears what comes back, and passes the answer on.
#pragma once

#include <memory>
#include <vector>

#include "ack_ways.hpp"
#include "branch_requests.hpp"
#include "context_table.hpp"
#include "dialog_count.hpp"
#include "phyllo/sip/shard_exchange.hpp"
#include "proxy_replies.hpp"
#include "stranger_refusals.hpp"
#include "way_knowledge.hpp"

namespace phyllo::sip {

// Asked when every way of a request has failed, without an answer of any phone.
class further_ways {
 public:
  virtual ~further_ways() = default;
  // True: others are looked for; the request is theirs from now on.
  [[nodiscard]] virtual bool look_further(proxy_context& c) = 0;
};

class call_branches {
 public:
  struct parts {
    core::environment& env;
    transaction_layer& transactions;
    const trust_domain& trust;
    const trusted_headers& headers;
    core::metrics& metrics;
    context_table& contexts;
    proxy_replies& replies;
    stranger_refusals& strangers;
    way_knowledge& ways;
    ack_ways& acks;
    std::shared_ptr<shard_exchange> shards;  // null: there is one
  };
  // What `p` names must outlive it. `key` is random and secret.
  call_branches(parts p, branch_requests requests, const fork_options& o, const core::hash_key& key);
  void observe(further_ways* f) { further_ = f; }  // null: nobody; it outlives the contexts

  // Sends the request to each of the targets, by falling q, or along these ways, one after another.
  void fork(proxy_context& c, std::vector<fork_target> targets);
  void fork_one(proxy_context& c, std::vector<fork_way> ways);
  void cancel(proxy_context& c);  // its caller has sent a CANCEL

  // Of client transactions; those that are of no branch are passed over.
  void on_response(client_id id, message response, const source& from);
  void on_failure(client_id id, int status);
  void on_timer_c(client_id id);

  [[nodiscard]] std::size_t calls() const noexcept { return dialogs_.size(); }  // of one shard
  // The driver of the response contexts' timers, and of the ways'. Ends by cancellation.
  core::awaitable<void> run_timers();

 private:
  void count_answered(const message& response);
  void count_ended(const message& response);
  void perform(proxy_context& c, fork_step s, message* told);
  void start_branch(proxy_context& c, const attempt& a);
  void note_way_of_ack(const proxy_context& c, std::size_t branch, const message& response);
  void answer(proxy_context& c, const fork_step::verdict& v);
  void answer_unheard(proxy_context& c, int status);
  void forward_response(proxy_context& c, message response);
  void schedule(proxy_context& c);
  void set_timer();

  parts parts_;
  branch_requests requests_;
  fork_options options_;
  dialog_count dialogs_;
  further_ways* further_ = nullptr;
  std::unique_ptr<core::timer> timer_;
};

}  // namespace phyllo::sip
