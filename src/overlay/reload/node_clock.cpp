#include "reload/node_clock.hpp"

#include <algorithm>
#include <chrono>

namespace phyllo::overlay {

node_clock::node_clock(core::environment& env, core::logger log) : env_(env), log_(std::move(log)), watch_(core::random_hash_key(env)) {}

clock_watch& node_clock::watch() const {
  const auto wall = std::chrono::duration_cast<core::duration>(env_.wall_now().time_since_epoch());
  watch_.shows(wall - env_.now().time_since_epoch());
  return watch_;
}

core::wall_time node_clock::wall_now() const {
  return env_.wall_now() + std::chrono::duration_cast<core::wall_time::duration>(watch().correction(env_.now()));
}

bool node_clock::told(const node_id& n, std::uint64_t unix_ms, bool known) {
  if (unix_ms == 0) return known;
  const auto here = static_cast<std::int64_t>(core::unix_milliseconds(env_.wall_now()));
  const auto there = static_cast<std::int64_t>(std::min<std::uint64_t>(unix_ms, std::uint64_t{1} << 52));
  constexpr std::int64_t century = 100LL * 365 * 24 * 3600 * 1000;  // more nanoseconds than that are hard to count
  watch().told(n, std::chrono::milliseconds(std::clamp(there - here, -century, century)), env_.now());
  const auto off = watch_.off(n, env_.now());
  if (off && !known) {
    auto whose = watch_.of_others(env_.now()).by > 2 ? std::string("those of this node's neighbours") : std::string("this node's");
    if (watch_.by_server(env_.now())) whose = "that of the server " + watch_.server();
    log_.warning("the clock of node {} is {} {} {}", n.hex(), core::text_of_span(*off),
                 *off > core::duration::zero() ? "ahead of" : "behind", whose);
  }
  say();
  return off.has_value();
}

void node_clock::hear(core::told_time t) {
  watch().told(std::move(t));
  say();
  const auto off = watch_.server_off(env_.now());
  if (off && !server_off_) {
    log_.warning("the clock of the server {} is {} {} those of this node's neighbours", watch_.server(), core::text_of_span(*off),
                 *off > core::duration::zero() ? "ahead of" : "behind");
  }
  server_off_ = off.has_value();
}

void node_clock::say() {
  const auto now_text = text();
  if (now_text.empty() == !wrong_) return;
  wrong_ = !now_text.empty();
  if (wrong_) log_.warning("{}", now_text);
  if (!wrong_) log_.info("the clock of this node is right again");
}

}  // namespace phyllo::overlay
