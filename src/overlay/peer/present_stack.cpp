#include "peer/present_stack.hpp"

#include <utility>

namespace phyllo::overlay {
namespace {

constexpr core::duration looked_every = std::chrono::milliseconds(20);  // at writes: they end by answers, not by this clock

struct waiting_one {
  std::vector<core::timer*>& list;
  core::timer* timer;
  waiting_one(std::vector<core::timer*>& l, core::timer* t) : list(l), timer(t) { list.push_back(timer); }
  ~waiting_one() { std::erase(list, timer); }
  waiting_one(const waiting_one&) = delete;
  waiting_one& operator=(const waiting_one&) = delete;
};

}  // namespace

void present_stack::replace(holder next) {
  now_ = std::move(next);
  if (phase_ == phase::leaving) phase_ = phase::joining;
}

void present_stack::joined_by(const holder& h) {
  if (h == now_ && phase_ == phase::joining) end_change();
}

void present_stack::end_change() {
  phase_ = phase::settled;
  for (auto* t : waiting_) t->cancel();
}

core::awaitable<core::result<present_stack::holder>> present_stack::settled(core::time_point deadline) {
  if (!changing()) co_return now_;
  const auto signal = env_.make_timer();
  const waiting_one here(waiting_, signal.get());
  while (changing() && env_.now() < deadline) {  // ends with the change, or in time
    signal->set(deadline);
    co_await signal->wait();
  }
  if (changing()) co_return core::fail(errc::not_joined, "the node changes its role");
  co_return now_;
}

core::awaitable<core::result<present_stack::holder>> present_stack::joined(core::time_point deadline) {
  auto now = co_await settled(deadline);
  if (now && (*now)->stack.layers().ring().state() != peer_state::ready) co_return core::fail(errc::not_joined);
  co_return now;
}

core::awaitable<void> present_stack::written(core::time_point deadline) const {
  const auto of = now_;
  while (of->writing > 0 && env_.now() < deadline) {  // ends with the last, or in time
    co_await core::sleep_for(env_, looked_every);
  }
}

}  // namespace phyllo::overlay
