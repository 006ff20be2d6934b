#include "assembly/health_probe.hpp"

#include <fmt/format.h>

#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto interval = std::chrono::seconds(10);
constexpr auto stale_after = std::chrono::seconds(35);  // three probes, the last of which may time out
constexpr auto probe_timeout = std::chrono::seconds(5);
constexpr std::chrono::seconds probe_lifetime{120};
constexpr std::string_view twin_lives =
    "another process runs with this node's key and Node-ID: its data directory was copied, or is used twice";

}  // namespace

health_probe::health_probe(core::environment& env, overlay::overlay& overlay, std::string user, identity::node_id self,
                           std::uint32_t incarnation, std::function<void(const core::error& why)> twin, core::logger log)
    : env_(env),
      overlay_(overlay),
      user_(std::move(user)),
      self_(self),
      on_twin_(std::move(twin)),
      log_(std::move(log)),
      twins_({incarnation, core::random_u64(env)}) {}

core::awaitable<void> health_probe::run() {
  while (true) {  // ends by cancellation
    const auto next = env_.now() + interval;
    co_await probe();
    co_await core::sleep_until(env_, next);
  }
}

overlay::name health_probe::place() const { return {fmt::format("health {} {}", self_.hex(), place_), user_}; }

core::awaitable<void> health_probe::look_for_twin() {
  overlay::read_options read;
  read.timeout = probe_timeout;
  const std::string only;
  const auto found = co_await overlay_.get(only, place(), read);
  if (!found) co_return;
  const auto before = twins_.judge();
  for (const auto& v : found->values) {
    if (v.signer_node == self_) twins_.saw(v.content.value);
  }
  const auto now = twins_.judge();
  if (now == before) co_return;
  if (now == twin_watch::verdict::alone) log_.info("no other process has this node's key any more");
  if (now == twin_watch::verdict::older) log_.error("{}; it is the later one, and ends when it finds this one", twin_lives);
  if (now != twin_watch::verdict::younger) co_return;
  on_twin_(core::error(errc::refused, fmt::format("{}. It was there before this one, which ends. A node of its own begins with an empty "
                                                  "data directory and an account of its own (supernode user add)",
                                                  twin_lives)));
}

core::awaitable<core::result<overlay::outcome>> health_probe::put_and_get(std::string value) {
  const auto name = place();
  overlay::record record;
  record.name = name;
  record.lifetime_s = static_cast<std::uint32_t>(probe_lifetime.count());
  record.value = value;
  overlay::write_options write;
  write.timeout = probe_timeout;
  overlay::read_options read;
  read.timeout = probe_timeout;
  const std::string only;
  const auto put = co_await overlay_.update(only, name, std::move(record), probe_lifetime, write);
  marked_.at(place_) = put.has_value();
  if (!put) co_return core::fail(put.error().at("put"));
  auto got = co_await overlay_.get(only, name, read);
  if (!got) co_return core::fail(got.error().at("get"));
  for (const auto& v : got->values) {
    if (v.signer_node == self_ && v.content.value == value) co_return std::move(*got);
  }
  co_return core::fail(overlay::errc::not_found, "get: what was put is not there");
}

core::awaitable<void> health_probe::probe() {
  const auto started = env_.now();
  core::result<overlay::outcome> got = core::fail(overlay::errc::not_joined);
  ++round_;
  for (unsigned i = 0; i < places / beginnings; ++i) {
    place_ = round_ % beginnings + beginnings * i;
    if (marked_.at(place_)) co_await look_for_twin();
    got = co_await put_and_get(twins_.next_mark());
    if (!got || got->root != self_ || got->replicas.empty()) break;  // a ring of one has no other node
  }
  last_ = env_.now();
  took_ = last_ - started;
  if (!got && (good_ || !probed_)) log_.warning("health: {}", got.error().message());
  if (got && !good_ && probed_) log_.info("health: good again");
  probed_ = true;
  good_ = got.has_value();
  reason_ = got ? "ok" : got.error().message();
  through_ = got ? got->root.hex() : std::string();
}

health health_probe::report() const {
  const auto age = env_.now() - last_;
  const bool stale = probed_ && age > stale_after;
  const bool twin = twins_.judge() != twin_watch::verdict::alone;
  auto reason = stale ? "the last probe is too old" : reason_;
  if (twin) reason = twin_lives;
  nlohmann::json probe;
  if (probed_) {
    probe = {{"through", through_},
             {"alone", through_ == self_.hex()},
             {"took_ms", std::chrono::duration<double, std::milli>(took_).count()},
             {"age_s", std::chrono::duration_cast<std::chrono::seconds>(age).count()}};
  }
  return {probed_ && good_ && !stale && !twin, {{"reason", reason}, {"probe", probe}}};
}

}  // namespace phyllo::node
