#include "assembly/readiness.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_at_readiness_every = std::chrono::seconds(1);

}  // namespace

readiness::news readiness::see(const std::optional<std::string>& lack) {
  const bool is_ready = !lack;
  news n;
  n.ready = is_ready && !was_ready_;
  n.lacking = !is_ready && (was_ready_ || !told_ || *told_ != *lack);
  n.to_tell = is_ready != was_ready_ || told_ != lack;
  was_ready_ = is_ready;
  told_ = lack;
  return n;
}

core::awaitable<void> watch_readiness(core::environment& env, std::function<std::optional<std::string>()> lack,
                                      std::function<void(const std::optional<std::string>& lack)> hear, core::logger log) {
  readiness watched;
  while (true) {  // ends by cancellation
    const auto why = lack();
    const auto news = watched.see(why);
    if (news.ready) log.info("ready");
    if (news.lacking) log.warning("in the ring, and not ready: {}", *why);
    if (news.to_tell) hear(why);
    co_await core::sleep_for(env, look_at_readiness_every);
  }
}

}  // namespace phyllo::node
