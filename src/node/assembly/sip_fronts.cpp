#include "assembly/sip_fronts.hpp"

namespace phyllo::node {

core::awaitable<core::status> sip_fronts::open(sip_front::settings s) {
  for (std::size_t i = 0; i < fronts_->size(); ++i) {
    std::move_only_function<core::awaitable<core::result<void>>()> what = [this, i, own = s]() mutable { return make(i, std::move(own)); };
    const auto made = co_await core::hop<void>(first(), door(i), std::move(what));
    if (made) continue;
    const auto why = made.error();
    co_await stop();
    co_return core::fail(why);
  }
  serve_ = true;
  co_return core::status();
}

// The ports of a later one are opened after those of an earlier: so their sockets are numbered as the shards are.
core::awaitable<core::result<void>> sip_fronts::make(std::size_t i, sip_front::settings s) {
  const auto index = static_cast<unsigned>(i + 1);
  s.host.shard->index = index;
  s.host.shard->pass_on = passer();
  s.sip.shard = static_cast<std::uint8_t>(index);
  (*fronts_)[i] = std::make_unique<sip_front>(door(i), ground_, overlay_, *shards_.metrics[i], log_);
  co_return (*fronts_)[i]->open(std::move(s));
}

std::function<void(unsigned shard, transport::moved_connection c)> sip_fronts::passer() {
  return [fronts = fronts_, &group = shards_.group, &at_first = ground_.host](unsigned to, transport::moved_connection c) {
    if (to >= group.size()) return;
    group.door(to).post([fronts, to, &at_first, moved = std::move(c)]() mutable {
      if (to == 0) return at_first.take(std::move(moved));
      if (const auto& f = (*fronts)[to - 1]) f->host().take(std::move(moved));
    });
  };
}

core::status sip_fronts::steer(const transport::steering& by) {
  tell([by](sip_front& f) { static_cast<void>(f.host().steer(by)); });
  return ground_.host.steer(by);
}

void sip_fronts::tell(const std::function<void(sip_front&)>& what) {
  if (!serve_) return;
  for (std::size_t i = 0; i < fronts_->size(); ++i) door(i).post_surely([&f = *(*fronts_)[i], what] { what(f); });
}

std::vector<sip::service_status> sip_fronts::status() const {
  std::vector<sip::service_status> out;
  if (!serve_) return out;
  for (const auto& f : *fronts_) {
    const auto& told = f->told();
    sip::service_status s;
    s.bindings = told.bindings.load(std::memory_order_relaxed);
    s.calls = told.calls.load(std::memory_order_relaxed);
    s.transactions = told.transactions.load(std::memory_order_relaxed);
    out.push_back(s);
  }
  return out;
}

core::awaitable<core::result<sip::service::kept_bindings>> sip_fronts::bindings_of(std::size_t i, bool anew) {
  co_return (*fronts_)[i]->service().take_bindings(anew);
}

core::awaitable<bool> sip_fronts::take_bindings(bool anew, std::string& into) {
  bool as_asked = true;
  if (!serve_) co_return as_asked;
  for (std::size_t i = 0; i < fronts_->size(); ++i) {
    std::move_only_function<core::awaitable<core::result<sip::service::kept_bindings>>()> what = [this, i, anew] {
      return bindings_of(i, anew);
    };
    const auto taken = co_await core::hop<sip::service::kept_bindings>(first(), door(i), std::move(what));
    if (!taken) co_return false;
    into += taken->text;
    as_asked = as_asked && (taken->whole == anew || taken->text.empty());
  }
  co_return as_asked;
}

core::awaitable<void> sip_fronts::drain_one(std::size_t i, core::time_point deadline) {
  core::shard_door::maker what = [this, i, deadline] { return (*fronts_)[i]->service().drain(deadline); };
  static_cast<void>(co_await first().ask(door(i), std::move(what)));
}

core::awaitable<void> sip_fronts::drain(core::time_point deadline) {
  if (!serve_) co_return;
  core::task_scope all(first().env());
  for (std::size_t i = 0; i < fronts_->size(); ++i) all.spawn(drain_one(i, deadline));
  co_await all.join();
}

core::awaitable<void> sip_fronts::end(std::size_t i) {
  if (!(*fronts_)[i]) co_return;
  co_await (*fronts_)[i]->stop();
  (*fronts_)[i].reset();
}

// What they have asked of the first ends, too.
core::awaitable<void> sip_fronts::stop() {
  serve_ = false;
  static_cast<void>(ground_.host.steer(transport::steering()));
  for (std::size_t i = 0; i < fronts_->size(); ++i) {
    core::shard_door::maker what = [this, i] { return end(i); };
    static_cast<void>(co_await first().ask(door(i), std::move(what)));
  }
  co_await first().join();
}

}  // namespace phyllo::node
