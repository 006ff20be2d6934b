#include "health_probe.hpp"

#include <fmt/format.h>

namespace phyllo::node {
namespace {

constexpr auto interval = std::chrono::seconds(10);
constexpr auto stale_after = std::chrono::seconds(35);  // three probes, the last of which may time out
constexpr auto timeout = std::chrono::seconds(5);
constexpr std::chrono::seconds lifetime{120};
constexpr unsigned places_max = 16;  // with two nodes half of all places are ours: 2^-16 remain

}  // namespace

health_probe::health_probe(core::environment& env, overlay::overlay& overlay, std::string user, identity::node_id self, core::logger log)
    : env_(env), overlay_(overlay), user_(std::move(user)), self_(self), log_(std::move(log)) {}

core::awaitable<void> health_probe::run() {
  while (true) {  // ends by cancellation
    const auto next = env_.now() + interval;
    co_await probe();
    co_await core::sleep_until(env_, next);
  }
}

core::awaitable<core::result<overlay::outcome>> health_probe::put_and_get(std::string value) {
  const overlay::name name{fmt::format("health {} {}", self_.hex(), place_), user_};
  overlay::record record;
  record.name = name;
  record.lifetime_s = static_cast<std::uint32_t>(lifetime.count());
  record.value = value;
  overlay::write_options write;
  write.timeout = timeout;
  overlay::read_options read;
  read.timeout = timeout;
  const std::string only;
  const auto put = co_await overlay_.update(only, name, std::move(record), lifetime, write);
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
  for (unsigned i = 0; i < places_max; ++i) {
    got = co_await put_and_get(fmt::format("{}", ++turn_));
    if (!got || got->root != self_ || got->replicas.empty()) break;  // a ring of one has no other node
    ++place_;
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
  const auto reason = stale ? "the last probe is too old" : reason_;
  nlohmann::json probe;
  if (probed_) {
    probe = {{"through", through_},
             {"alone", through_ == self_.hex()},
             {"took_ms", std::chrono::duration<double, std::milli>(took_).count()},
             {"age_s", std::chrono::duration_cast<std::chrono::seconds>(age).count()}};
  }
  return {probed_ && good_ && !stale, {{"reason", reason}, {"probe", probe}}};
}

}  // namespace phyllo::node
