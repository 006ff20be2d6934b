// The proxy's branches: requests sent along them, their responses, and the answer that goes back.
#include <algorithm>
#include <utility>

#include "privacy.hpp"
#include "proxy.hpp"
#include "request_check.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

// s.16.6 step 4: requests that may make a dialog.
bool makes_dialog(method m) { return m == method::invite || m == method::subscribe || m == method::refer || m == method::notify; }

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

// A failure of ours, as the caller is to see it. s.16.7 step 6: a 503 would make the caller's proxy avoid this one.
// RFC 4320 s.4.2: no 408 for other methods than INVITE.
int own_status(int status, bool invite) {
  if (status == 503 || status == 430) return 480;
  return status == 408 && !invite ? 480 : status;
}

}  // namespace

// For whoever gets it.
void proxy::make_presentable(context& c) const {
  parts_.headers.clean(*c.base, c.who);
  if (c.from.peer) remove_unvouched(*c.base, parts_.own, *c.from.peer);
  if (!c.user.empty()) assert_identity(*c.base, c.user);
}

void proxy::fork(context& c, std::vector<fork_target> targets) {
  if (!c.fork) make_presentable(c);
  keep_secure(targets, c.base->request_uri().secure());
  if (targets.empty()) return refuse_sips(c);
  auto groups = groups_of(targets);
  std::size_t widest = 1;
  for (const auto& g : groups) widest = std::max(widest, g.size());
  // RFC 5393 s.5.3.3.1: the branches that run at once share the request's breadth.
  const auto breadth = max_breadth_of(*c.base);
  if (breadth < widest && told_uniformly(c, 440)) return refuse_stranger(c);
  if (breadth < widest) return reply(c, 440, "Max-Breadth Exceeded");
  c.breadth = breadth / static_cast<std::uint32_t>(widest);
  c.targets = std::move(targets);
  auto o = fork_options_;
  o.invite = c.invite;
  o.searching = c.searching;
  c.fork.emplace(o, flows_of(c.targets), std::move(groups));
  perform(c, c.fork->begin(parts_.env.now()), nullptr);
}

// Sending may fail at once, which is told to the fork and leads to further steps: their depth is bounded by the ways.
void proxy::perform(context& c, fork_step s, message* told) {
  if (s.forward && told != nullptr) forward_response(c, std::move(*told));
  for (const auto branch : s.cancel) {
    if (branch < c.branches.size()) parts_.transactions.cancel(c.branches[branch]);
  }
  for (const auto& a : s.start) start_branch(c, a);
  if (s.answer) answer(c, *s.answer);
  schedule(c);
}

void proxy::start_branch(context& c, const attempt& a) {
  if (c.branches.size() <= a.branch) {
    c.branches.resize(a.branch + 1, client_id::none);
    c.answers.resize(a.branch + 1);
    c.attempts.resize(a.branch + 1);
  }
  c.attempts[a.branch] = a;
  const auto& target = c.targets.at(a.target);
  const auto& way = target.ways.at(a.way);
  if (held_back(c, way)) return perform(c, c.fork->on_failure(a.branch, 503, parts_.env.now()), nullptr);
  const auto sent = parts_.transactions.send_request(branch_request(c, way), way.to);
  if (!sent) return perform(c, c.fork->on_failure(a.branch, 503, parts_.env.now()), nullptr);
  c.branches[a.branch] = *sent;
  clients_.emplace(*sent, std::pair(c.id, a.branch));
  note_sent(way, *sent);
}

message proxy::branch_request(const context& c, const fork_way& w) const {
  auto m = c.base->copy();
  m.remove_headers("Max-Breadth");
  (void)m.add_header("Max-Breadth", std::to_string(c.breadth));
  lead_along(m, w);
  if (!parts_.trust.trusted_peer(w.to)) hide_private(m);
  if (!c.in_dialog && w.callee && makes_dialog(m.method())) record(c, *w.callee, m);
  return m;
}

// Longer than calls last; a subscription that lasts longer begins anew.
void proxy::record(const context& c, const dialog_end& callee, message& m) const {
  constexpr std::uint32_t day = 86'400;
  dialog_token t;
  t.ends = static_cast<std::uint32_t>(core::unix_milliseconds(parts_.env.wall_now()) / 1000) + day;
  t.dialog = dialog_hash(m.call_id(), m.from_tag());
  t.made_by = node_hash(self_);
  t.caller = caller_end(*c.request, c.from);
  t.caller.user = c.caller_user;
  if (t.caller.node) t.caller.node->authority = speaks_for(c.from, c.domain);
  t.callee = callee;
  t.domain = c.domain;
  record_route(m, parts_.own, parts_.sealer, t);
}

// After the final answer the ways are gone: a late 2xx is a repetition, or of a fork that a dialog has none of.
void proxy::note_way_of_ack(const context& c, std::size_t branch, const message& response) {
  if (c.answered) return;
  const auto& a = c.attempts.at(branch);
  ack_ways_.took(response, c.targets.at(a.target).ways.at(a.way));
}

std::shared_ptr<proxy::context> proxy::of(client_id id, std::size_t& branch) {
  const auto client = clients_.find(id);
  if (client == clients_.end()) return nullptr;
  branch = client->second.second;
  const auto found = contexts_.find(client->second.first);
  return found == contexts_.end() ? nullptr : found->second;
}

void proxy::on_response(client_id id, message response, const source& from) {
  note_heard(from);
  note_load(from, response);
  std::size_t branch = 0;
  const auto c = of(id, branch);
  if (c == nullptr) return;
  note_answer(*c, branch, response.status());
  // The phone is a user's of ours.
  if (!parts_.trust.trusted_peer(from)) parts_.headers.clean(response, standing::user);
  const int status = response.status();
  if (c->searching && c->invite && status / 100 == 2) note_way_of_ack(*c, branch, response);
  auto step = c->fork->on_response(branch, status, parts_.env.now(), from.peer ? answered_by::node : answered_by::phone);
  if (status >= 300 && !c->answered) {
    c->answers.at(branch) = std::move(response);
    perform(*c, std::move(step), nullptr);
  } else {
    perform(*c, std::move(step), &response);
  }
}

void proxy::on_failure(client_id id, int status) {
  std::size_t branch = 0;
  if (const auto c = of(id, branch)) perform(*c, c->fork->on_failure(branch, status, parts_.env.now()), nullptr);
}

void proxy::on_timer_c(client_id id) {
  std::size_t branch = 0;
  if (const auto c = of(id, branch)) perform(*c, c->fork->on_timer_c(branch, parts_.env.now()), nullptr);
}

void proxy::forward_response(context& c, message response) {
  const int status = response.status();
  response.pop_via();
  if (response.vias().empty()) return parts_.metrics.drop("sip_stray_response");
  if (c.who != standing::trusted) hide_private(response);
  const bool success = status >= 200 && status < 300;
  if (success && c.invite && !c.in_dialog) {
    dialogs_.answered(response.call_id(), response.from_tag(), response.to_tag(), parts_.env.now());
  }
  if (success && response.method() == method::bye) dialogs_.ended(response.call_id(), response.from_tag(), response.to_tag());
  parts_.transactions.reply(c.id, std::move(response));
  if (status >= 200) finish(c, status);
}

void proxy::answer(context& c, const fork_step::verdict& v) {
  if (!v.branch && may_go_on(c)) return scope_.spawn(go_on(contexts_.at(c.id)));
  if (told_uniformly(c, v.status)) return refuse_stranger(c);
  // The phone's own supernode says which flow has failed; the caller's has others to try.
  if (!v.branch && v.status == 503 && c.to_phone) return reply(c, 430, "Flow Failed");
  // RFC 7339 s.5.10: without Retry-After, since others can be called.
  if (!v.branch && v.status == 503 && c.held_back) return reply(c, 503, "Overloaded");
  if (!v.branch) return reply(c, own_status(v.status, c.invite));
  auto response = std::move(*c.answers.at(*v.branch));
  for (const auto other : v.also_challenged) {
    for (const auto* name : {"WWW-Authenticate", "Proxy-Authenticate"}) {
      for (const auto& value : c.answers.at(other)->headers(name)) (void)response.add_header(name, value);
    }
  }
  if (v.status == 503) response.set_status(500);
  if (v.status == 430 && !c.to_phone) response.set_status(480);  // the node that asks has other flows to try
  if (response.method() == method::bye) dialogs_.ended(response.call_id(), response.from_tag(), response.to_tag());
  forward_response(c, std::move(response));
}

void proxy::schedule(context& c) {
  const auto next = c.fork ? c.fork->next_time() : core::time_point::max();
  if (next == c.due) return;
  due_.erase({c.due, c.id});
  c.due = next;
  if (next == core::time_point::max()) return;
  due_.emplace(next, c.id);
  if (due_.begin()->second == c.id) set_timer();
}

void proxy::set_timer() { timer_->set(std::min(due_.empty() ? core::time_point::max() : due_.begin()->first, ways_.next_time())); }

// Ends by cancellation.
core::awaitable<void> proxy::run_timers() {
  while (true) {
    while (!due_.empty() && due_.begin()->first <= parts_.env.now()) {  // each round takes one out
      const auto id = due_.begin()->second;
      due_.erase(due_.begin());
      const auto found = contexts_.find(id);
      if (found == contexts_.end()) continue;
      const auto c = found->second;
      c->due = core::time_point::max();
      perform(*c, c->fork->on_time(parts_.env.now()), nullptr);
    }
    run_ways();
    set_timer();
    co_await timer_->wait();
  }
}

}  // namespace phyllo::sip
