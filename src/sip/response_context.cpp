#include "response_context.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {
namespace {

// s.16.7 step 6: 6xx first, then the lowest class; "give preference to responses that provide information affecting
// resubmission of this request, such as 401, 407, 415, 420, and 484"; neither 430 nor 503 is an answer of the phone.
int rank(int status) {
  if (status >= 600) return 0;
  const int by_class = status / 100 * 100;
  switch (status) {
    case 401:
    case 407:
    case 415:
    case 420:
    case 484: return by_class;
    case 408:
    case 480:
    case 482: return by_class + 90;
    case 430:
    case 503: return by_class + 99;
    default: return by_class + 50;
  }
}

}  // namespace

bool response_context::more_ways(const target_state& t) {
  return t.tried < t.flow_ends.back() && std::ranges::find(t.flow_ends, t.tried) == t.flow_ends.end();
}

void response_context::leave_flow(target_state& t) { t.tried = *std::ranges::lower_bound(t.flow_ends, t.tried); }

response_context::response_context(fork_options o, const std::vector<flows>& targets, std::vector<std::vector<std::size_t>> groups)
    : options_(o), groups_(std::move(groups)) {
  for (const auto& each : targets) {
    target_state t;
    std::size_t ways = 0;
    for (const auto n : each) t.flow_ends.push_back(ways += n);
    targets_.push_back(std::move(t));
  }
}

// The way or flow failed, not the phone: another one is worth trying. A phone that got the request by another way already calls this one
// merged (s.8.2.2.2).
bool response_context::useless(int status, answered_by by) const {
  if (status == 408 || status == 430 || status == 482) return true;
  if (status == 481) return options_.searching;
  return by == answered_by::node && (status == 503 || status == 504);
}

fork_step response_context::begin(core::time_point now) {
  fork_step s;
  start_group(s, now);
  return s;
}

void response_context::start_group(fork_step& s, core::time_point now) {
  const auto& group = groups_.at(next_group_++);
  for (const auto target : group) start_way(target, s, now);
}

void response_context::start_way(std::size_t target, fork_step& s, core::time_point now) {
  auto& t = targets_.at(target);
  s.start.push_back({branches_.size(), target, t.tried++});
  branch_state b;
  b.target = target;
  b.began = now;
  b.hedge_at = now + options_.hedge;
  branches_.push_back(b);
}

fork_step response_context::on_response(std::size_t branch, int status, core::time_point now, answered_by by) {
  fork_step s;
  auto& b = branches_.at(branch);
  b.heard = true;
  if (status < 200) {
    s.forward = status > 100 && !answered_;
    return s;
  }
  const bool first = b.status == 0;
  if (first) {
    b.status = status;
    b.received = true;
    b.useless = useless(status, by);
    // The phone's own word on this flow: by another way it would say the same.
    if (by == answered_by::phone && !options_.searching && (status == 430 || status == 408)) leave_flow(targets_.at(b.target));
  }
  if (status < 300) {
    // s.16.7 step 5: after a final answer nothing but a 2xx to INVITE is forwarded; of those every one.
    s.forward = options_.invite || !answered_;
    answered_ = true;
    targets_.at(b.target).through = true;
    cancel_all(s, now);
  } else if (first) {
    if (status >= 600) cancel_all(s, now);
    end_branch(branch, s, now);
  }
  return s;
}

fork_step response_context::on_failure(std::size_t branch, int status, core::time_point now) {
  fork_step s;
  auto& b = branches_.at(branch);
  if (b.status != 0) return s;
  b.status = status;
  b.useless = true;
  end_branch(branch, s, now);
  return s;
}

void response_context::end_branch(std::size_t branch, fork_step& s, core::time_point now) {
  const bool over = !branches_.at(branch).useless;
  const auto target = branches_.at(branch).target;
  const auto& t = targets_.at(target);
  const bool open = !over && !closed_ && !t.through;
  if (open && (more_ways(t) || (t.tried < t.flow_ends.back() && !running(target)))) {
    start_way(target, s, now);
  } else if (over || !running(target)) {
    end_target(target, s, now);
  }
}

void response_context::end_target(std::size_t target, fork_step& s, core::time_point now) {
  targets_.at(target).through = true;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    auto& b = branches_[i];
    if (b.target != target || b.status != 0 || b.over_at != core::time_point::max()) continue;
    b.over_at = now + options_.cancel_patience;
    s.cancel.push_back(i);
  }
  conclude(s, now);
}

void response_context::cancel_all(fork_step& s, core::time_point now) {
  closed_ = true;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    auto& b = branches_[i];
    if (b.status != 0 || b.over_at != core::time_point::max()) continue;
    b.over_at = now + options_.cancel_patience;
    s.cancel.push_back(i);
  }
}

void response_context::conclude(fork_step& s, core::time_point now) {
  if (answered_) return;
  if (closed_) {
    const bool all = std::ranges::none_of(branches_, [](const branch_state& b) { return b.status == 0; });
    if (!all) return;
  } else if (!group_through()) {
    return;
  } else if (next_group_ < groups_.size()) {
    start_group(s, now);
    return;
  }
  answered_ = true;
  s.answer = best();
}

// A phone has refused, and only the others keep its answer back.
bool response_context::one_has_answered() const {
  return !closed_ && std::ranges::any_of(branches_, [](const branch_state& b) { return b.received && !b.useless; });
}

void response_context::give_up_silent(fork_step& s, core::time_point now) {
  if (!one_has_answered()) return;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    auto& b = branches_[i];
    if (b.status != 0 || b.heard || now < b.began + options_.silence) continue;
    b.status = 408;
    b.useless = true;
    s.cancel.push_back(i);  // should it ring after all
    end_branch(i, s, now);
  }
}

bool response_context::running(std::size_t target) const {
  return std::ranges::any_of(branches_, [&](const branch_state& b) { return b.target == target && b.status == 0; });
}

bool response_context::group_through() const {
  const auto& group = groups_.at(next_group_ - 1);
  return std::ranges::all_of(group, [&](std::size_t t) { return targets_.at(t).through; });
}

fork_step::verdict response_context::best() const {
  fork_step::verdict v;
  int lowest = 1000;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    const auto& b = branches_[i];
    if (b.status == 0 || rank(b.status) >= lowest) continue;
    lowest = rank(b.status);
    v.status = b.status;
    v.branch = b.received ? std::optional(i) : std::nullopt;
  }
  if (v.status == 0) v.status = cancelled_ ? 487 : 480;
  if (v.status != 401 && v.status != 407) return v;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    const bool challenged = branches_[i].status == 401 || branches_[i].status == 407;
    if (challenged && branches_[i].received && v.branch != i) v.also_challenged.push_back(i);
  }
  return v;
}

fork_step response_context::on_timer_c(std::size_t branch, core::time_point now) {
  fork_step s;
  auto& b = branches_.at(branch);
  if (b.status != 0 || b.over_at != core::time_point::max()) return s;
  b.over_at = now + options_.cancel_patience;
  s.cancel.push_back(branch);
  return s;
}

fork_step response_context::on_cancel(core::time_point now) {
  fork_step s;
  if (answered_) return s;
  cancelled_ = true;
  cancel_all(s, now);
  conclude(s, now);
  return s;
}

fork_step response_context::on_time(core::time_point now) {
  fork_step s;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    auto& b = branches_[i];
    if (b.status != 0) continue;
    if (b.over_at <= now) {
      b.status = 487;
      end_branch(i, s, now);
      continue;
    }
    auto& t = targets_.at(b.target);
    if (b.heard || b.hedge_at > now || closed_ || t.through || !more_ways(t)) continue;
    b.hedge_at = core::time_point::max();
    start_way(b.target, s, now);
  }
  give_up_silent(s, now);
  return s;
}

core::time_point response_context::next_time() const {
  auto next = core::time_point::max();
  const bool impatient = one_has_answered();
  for (const auto& b : branches_) {
    if (b.status != 0) continue;
    next = std::min(next, b.over_at);
    if (impatient && !b.heard) next = std::min(next, b.began + options_.silence);
    const auto& t = targets_.at(b.target);
    if (!b.heard && !closed_ && !t.through && more_ways(t)) next = std::min(next, b.hedge_at);
  }
  return next;
}

}  // namespace phyllo::sip
