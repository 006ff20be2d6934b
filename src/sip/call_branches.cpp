// The sending half of call_branches: forks, their branches and timers.
#include "call_branches.hpp"

#include <algorithm>
#include <utility>

#include "request_check.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

// Groups of falling q (s.16.6: "parallel, sequential, or a mix" by q).
std::vector<std::vector<std::size_t>> groups_of(const std::vector<fork_target>& targets) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i == 0 || targets[i].q_thousandths != targets[i - 1].q_thousandths) groups.emplace_back();
    groups.back().push_back(i);
  }
  return groups;
}

// How many ways each flow of each target has.
std::vector<response_context::flows> flows_of(const std::vector<fork_target>& targets) {
  std::vector<response_context::flows> out(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& ways = targets[i].ways;
    for (std::size_t w = 0; w < ways.size(); ++w) {
      if (w == 0 || ways[w].flow != ways[w - 1].flow) out[i].push_back(0);
      ++out[i].back();
    }
  }
  return out;
}

}  // namespace

call_branches::call_branches(parts p, branch_requests requests, const fork_options& o, const core::hash_key& key)
    : parts_(p), requests_(requests), options_(o), dialogs_(key), timer_(p.env.make_timer()) {}

void call_branches::fork(proxy_context& c, std::vector<fork_target> targets) {
  if (!c.forked.responses) requests_.make_presentable(c);
  keep_secure(targets, c.base->request_uri().secure());
  if (targets.empty()) return parts_.strangers.refuse_sips(c);
  auto groups = groups_of(targets);
  std::size_t widest = 1;
  for (const auto& g : groups) widest = std::max(widest, g.size());
  // RFC 5393 s.5.3.3.1: the branches that run at once share the request's breadth.
  const auto breadth = max_breadth_of(*c.base);
  if (breadth < widest && parts_.strangers.told_uniformly(c, 440)) return parts_.strangers.refuse(c);
  if (breadth < widest) return parts_.replies.reply(c, 440, "Max-Breadth Exceeded");
  c.forked.breadth = breadth / static_cast<std::uint32_t>(widest);
  c.forked.targets = std::move(targets);
  auto o = options_;
  o.invite = c.invite;
  o.searching = c.dialog.searching;
  c.forked.responses.emplace(o, flows_of(c.forked.targets), std::move(groups));
  perform(c, c.forked.responses->begin(parts_.env.now()), nullptr);
}

void call_branches::fork_one(proxy_context& c, std::vector<fork_way> ways) {
  fork_target t;
  t.ways = std::move(ways);
  std::vector<fork_target> targets;
  targets.push_back(std::move(t));
  fork(c, std::move(targets));
}

void call_branches::cancel(proxy_context& c) {
  c.cancelled = true;
  if (!c.forked.responses) return parts_.replies.reply(c, 487);
  perform(c, c.forked.responses->on_cancel(parts_.env.now()), nullptr);
}

// Sending may fail at once, which is told to the fork and leads to further steps: their depth is bounded by the ways.
void call_branches::perform(proxy_context& c, fork_step s, message* told) {
  if (s.forward && told != nullptr) forward_response(c, std::move(*told));
  for (const auto branch : s.cancel) {
    if (branch < c.forked.clients.size()) parts_.transactions.cancel(c.forked.clients[branch]);
  }
  for (const auto& a : s.start) start_branch(c, a);
  if (s.answer) answer(c, *s.answer);
  schedule(c);
}

void call_branches::start_branch(proxy_context& c, const attempt& a) {
  if (c.forked.clients.size() <= a.branch) {
    c.forked.clients.resize(a.branch + 1, client_id::none);
    c.forked.answers.resize(a.branch + 1);
    c.forked.attempts.resize(a.branch + 1);
  }
  c.forked.attempts[a.branch] = a;
  const auto& target = c.forked.targets.at(a.target);
  const auto& way = target.ways.at(a.way);
  if (parts_.ways.holds_back(c, way)) return perform(c, c.forked.responses->on_failure(a.branch, 503, parts_.env.now()), nullptr);
  const auto sent = parts_.transactions.send_request(requests_.along(c, way), way.to);
  if (!sent) return perform(c, c.forked.responses->on_failure(a.branch, 503, parts_.env.now()), nullptr);
  parts_.contexts.began(c, a.branch, *sent);
  if (parts_.ways.sent(way, *sent)) set_timer();
}

void call_branches::schedule(proxy_context& c) {
  if (parts_.contexts.schedule(c, c.forked.responses ? c.forked.responses->next_time() : core::time_point::max())) set_timer();
}

void call_branches::set_timer() { timer_->set(std::min(parts_.contexts.next_due(), parts_.ways.next_time())); }

core::awaitable<void> call_branches::run_timers() {
  while (true) {
    while (const auto c = parts_.contexts.take_due(parts_.env.now())) {  // each round takes one out
      perform(*c, c->forked.responses->on_time(parts_.env.now()), nullptr);
    }
    for (const auto id : parts_.ways.on_time()) on_failure(client_id{id}, 503);
    set_timer();
    co_await timer_->wait();
  }
}

}  // namespace phyllo::sip
